/** Sections that only an output with a dynamic section has. They take part in matching like any other. */
import {
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_INFO_LINK,
  SHF_WRITE,
  SHT_DYNAMIC,
  SHT_DYNSYM,
  SHT_GNU_HASH,
  SHT_GNU_VERDEF,
  SHT_GNU_VERNEED,
  SHT_GNU_VERSYM,
  SHT_HASH,
  SHT_NOBITS,
  SHT_PROGBITS,
  SHT_STRTAB,
} from '../../elf/constants.ts'
import { relocationBytes, relocationSectionName, relocationSectionType } from '../../target/relocation-form.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { addSynthetic } from '../synthetic/add-synthetic.ts'

/** Section ids; -1 where the output has no such section. Those that stay empty vanish. */
export interface DynamicSections {
  readonly interpreter: number
  readonly hash: number
  readonly gnuHash: number
  readonly symbols: number
  readonly strings: number
  readonly versions: number
  readonly definitions: number
  readonly needs: number
  readonly dynamic: number
  /** relocations that the loader carries out at start; of the slots of stubs */
  readonly relocations: number
  readonly stubRelocations: number
  /** .plt, .plt.got; see PltShape */
  readonly stubs: number
  readonly directStubs: number
  /** .plt.sec */
  readonly secondStubs: number
  /** copies of variables of shared objects: writable; read-only after relocation */
  readonly copies: number
  readonly constantCopies: number
}

/** Undefined when the output has no dynamic section. Names and attributes are GNU ld's. */
export function declareDynamic(program: Program, request: LinkRequest): DynamicSections | undefined {
  if (!isDynamic(program, request)) return undefined
  const { arch } = program
  const wide = arch.bits === 64
  const word = wide ? 8 : 4
  const add = (name: string, type: number, align: number, entsize: number, flags: number = SHF_ALLOC): number =>
    addSynthetic(program, name, type, flags, align, entsize)
  const addRelocations = (section: string, flags: number): number =>
    add(relocationSectionName(arch, section), relocationSectionType(arch), word, relocationBytes(arch), flags)
  const data = SHF_ALLOC | SHF_WRITE
  const code = SHF_ALLOC | SHF_EXECINSTR
  const isProgram = request.kind === 'exec' || request.kind === 'pie'
  const hasInterpreter = isProgram && !request.noDynamicLinker && !request.isStatic
  const hashStyle = request.hashStyle ?? program.plan.dynamic?.hashStyle ?? 'gnu'
  return {
    interpreter: hasInterpreter ? add('.interp', SHT_PROGBITS, 1, 0) : -1,
    // The order counts where a script names none of them.
    definitions: add('.gnu.version_d', SHT_GNU_VERDEF, word, 0),
    versions: add('.gnu.version', SHT_GNU_VERSYM, 2, 2),
    needs: add('.gnu.version_r', SHT_GNU_VERNEED, word, 0),
    symbols: add('.dynsym', SHT_DYNSYM, word, wide ? 24 : 16),
    strings: add('.dynstr', SHT_STRTAB, 1, 0),
    dynamic: add('.dynamic', SHT_DYNAMIC, word, 2 * word, data),
    hash: hashStyle === 'gnu' ? -1 : add('.hash', SHT_HASH, word, 4),
    gnuHash: hashStyle === 'sysv' ? -1 : add('.gnu.hash', SHT_GNU_HASH, word, wide ? 0 : 4),
    relocations: addRelocations('.got', SHF_ALLOC),
    stubRelocations: addRelocations('.plt', SHF_ALLOC | SHF_INFO_LINK),
    stubs: add('.plt', SHT_PROGBITS, arch.plt.align, arch.plt.entrySize, code),
    directStubs: program.plan.dynamic?.lazyStubsOnly
      ? -1
      : add('.plt.got', SHT_PROGBITS, arch.plt.directSize, arch.plt.directSize, code),
    secondStubs: add('.plt.sec', SHT_PROGBITS, arch.plt.align, 0, code),
    copies: isProgram ? add('.dynbss', SHT_NOBITS, 1, 0, data) : -1,
    constantCopies: isProgram ? add('.data.rel.ro', SHT_PROGBITS, 1, 0, data) : -1,
  }
}

/** True for outputs that a loader has to prepare: shared objects, position-independent executables. */
export function isDynamic(program: Program, request: LinkRequest): boolean {
  return request.kind === 'shared' || request.kind === 'pie' || program.shared.length > 0
}
