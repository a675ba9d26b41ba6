/** Sections that only an output with a dynamic section has. They take part in matching like any other. */
import {
  SHF_ALLOC,
  SHF_WRITE,
  SHT_DYNAMIC,
  SHT_DYNSYM,
  SHT_GNU_HASH,
  SHT_GNU_VERDEF,
  SHT_GNU_VERSYM,
  SHT_HASH,
  SHT_STRTAB,
} from '../../elf/constants.ts'
import { addSynthetic } from '../add-synthetic.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'

/** Section ids; -1 where the output has no such section. */
export interface DynamicSections {
  readonly hash: number
  readonly gnuHash: number
  readonly symbols: number
  readonly strings: number
  readonly versions: number
  readonly definitions: number
  readonly dynamic: number
}

/** Undefined when the output has no dynamic section. */
export function declareDynamic(program: Program, request: LinkRequest): DynamicSections | undefined {
  if (!isDynamic(program, request)) return undefined
  const wide = program.arch.bits === 64
  const word = wide ? 8 : 4
  const add = (name: string, type: number, align: number, entsize: number, flags: number = SHF_ALLOC): number =>
    addSynthetic(program, name, type, flags, align, entsize)
  const versioned = program.plan.symbols.versions.some(node => node.name !== '')
  return {
    hash: request.hashStyle === 'gnu' ? -1 : add('.hash', SHT_HASH, word, 4),
    gnuHash: request.hashStyle === 'sysv' ? -1 : add('.gnu.hash', SHT_GNU_HASH, word, wide ? 0 : 4),
    symbols: add('.dynsym', SHT_DYNSYM, word, wide ? 24 : 16),
    strings: add('.dynstr', SHT_STRTAB, 1, 0),
    versions: versioned ? add('.gnu.version', SHT_GNU_VERSYM, 2, 2) : -1,
    definitions: versioned ? add('.gnu.version_d', SHT_GNU_VERDEF, word, 0) : -1,
    dynamic: add('.dynamic', SHT_DYNAMIC, word, 2 * word, SHF_ALLOC | SHF_WRITE),
  }
}

/** True for outputs that a loader has to prepare: shared objects, position-independent executables. */
export function isDynamic(program: Program, request: LinkRequest): boolean {
  return request.kind === 'shared' || request.kind === 'pie' || program.shared.length > 0
}
