import {
  ELFOSABI_GNU,
  ELFOSABI_NONE,
  ET_DYN,
  ET_EXEC,
  SHF_GNU_RETAIN,
  STB_GNU_UNIQUE,
  STT_GNU_IFUNC,
} from '../../elf/constants.ts'
import { type Layout, SymbolHome } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import type { ElfHeaderFacts } from './file-tables.ts'

/** Type, entry, flags and OSABI of the output. The OSABI is GNU's when the output uses a GNU extension of the gABI. */
export function headerFacts(program: Program, layout: Layout, request: LinkRequest): ElfHeaderFacts {
  return {
    type: request.kind === 'pie' || request.kind === 'shared' ? ET_DYN : ET_EXEC,
    entry: layout.entry,
    machineFlags: program.plan.target.machineFlags ?? outputFlags(program, request),
    osabi: program.plan.target.osabi ?? (usesGnuExtensions(program, layout) ? ELFOSABI_GNU : ELFOSABI_NONE),
  }
}

function outputFlags(program: Program, request: LinkRequest): number {
  const { arch, attributes } = program
  const flags = mergedFlags(program)
  return arch.attributes === undefined || request.kind === 'relocatable'
    ? flags
    : arch.attributes.machineFlags(flags, attributes?.values ?? new Map())
}

function mergedFlags(program: Program): number {
  let flags = 0
  for (const file of program.files) if (file.kind === 'object') flags |= file.machineFlags
  return flags
}

function usesGnuExtensions(program: Program, layout: Layout): boolean {
  for (const output of layout.outputs) if ((output.flags & SHF_GNU_RETAIN) !== 0) return true
  const { symbols } = program
  for (let id = 0; id < symbols.names.count; id++)
    if (
      (symbols.type[id] === STT_GNU_IFUNC || symbols.binding[id] === STB_GNU_UNIQUE) &&
      layout.symbolHome[id] !== SymbolHome.Undefined
    )
      return true
  return false
}
