/**
 * Columns for what comes by the hundred thousand. Indexed by integer ids; objects for single sections or symbols are
 * made only for messages and reports. A table grows while inputs are loaded and is final afterwards.
 *
 * Numbers rule: sizes, offsets, alignments are doubles (safe integers). An address in a column is a *signed* double:
 * 0xffffffff80000000 is -2147483648, so kernels in the high half stay exact. The rare value whose signed form is beyond
 * 2^53 is kept exactly in a Map beside the column (`wide`).
 */
import { extended, type NameTable } from '../../base/name-table.ts'
import type { Memory } from '../../kernels/compute.ts'
import { plainMemory } from '../../kernels/plain-memory.ts'

/** Bits of SectionTable.state. */
export const SectionState = {
  /** symbol, string, relocation and group tables, the null section: no content of the output */
  Table: 1,
  /** member of a COMDAT group (or .gnu.linkonce) that another file won */
  ComdatLoser: 2,
  /** SHF_EXCLUDE, or stripped by an option */
  Excluded: 4,
  /** made by the linker: belongs to the file `<linker>` */
  Synthetic: 8,
  /** pseudo section that holds the common symbols of its file; section name COMMON */
  Common: 16,
  /** --just-symbols: gives addresses, no content */
  JustSymbols: 32,
  /** made by the linker when KEEP has been looked at: it takes part in matching alone */
  NeverKept: 64,
} as const

/** The columns of a SectionTable, as kernels take them. */
export interface SectionColumns {
  readonly file: Int32Array
  readonly name: Int32Array
  readonly type: Uint32Array
  readonly flags: Uint32Array
  readonly offset: Float64Array
  readonly size: Float64Array
  readonly align: Uint32Array
  readonly link: Uint32Array
  readonly info: Uint32Array
  readonly entsize: Uint32Array
  readonly relocations: Int32Array
  readonly group: Int32Array
  readonly state: Uint8Array
}

export class SectionTable implements SectionColumns {
  private readonly memory: Memory
  count = 0
  /** id of the file */
  file: Int32Array
  /** id in Program.sectionNames */
  name: Int32Array
  /** sh_type */
  type: Uint32Array
  /** low 32 bits of sh_flags */
  flags: Uint32Array
  /** offset in the bytes of the file (InputFile.bytes), already including InputFile.start */
  offset: Float64Array
  /** sh_size as read; the size in the output is in Contents.size */
  size: Float64Array
  /** bytes, a power of two, at least 1 */
  align: Uint32Array
  /** sh_link: index in its file's section header table */
  link: Uint32Array
  info: Uint32Array
  entsize: Uint32Array
  /** id of the SHT_RELA or SHT_REL section that applies to this one, or -1 */
  relocations: Int32Array
  /** index in Program.groups, or -1 */
  group: Int32Array
  /** bits of SectionState */
  state: Uint8Array
  private snapshot: SectionColumns | undefined

  /** @param capacity sections that fit without moving */
  constructor(memory: Memory = plainMemory, capacity = 1024) {
    this.memory = memory
    this.file = memory.int32(capacity)
    this.name = memory.int32(capacity)
    this.type = memory.uint32(capacity)
    this.flags = memory.uint32(capacity)
    this.offset = memory.float64(capacity)
    this.size = memory.float64(capacity)
    this.align = memory.uint32(capacity)
    this.link = memory.uint32(capacity)
    this.info = memory.uint32(capacity)
    this.entsize = memory.uint32(capacity)
    this.relocations = memory.int32(capacity)
    this.group = memory.int32(capacity)
    this.state = memory.uint8(capacity)
  }

  /** The columns as they are now, for kernels: another record after the table grew. */
  get columns(): SectionColumns {
    this.snapshot ??= {
      file: this.file,
      name: this.name,
      type: this.type,
      flags: this.flags,
      offset: this.offset,
      size: this.size,
      align: this.align,
      link: this.link,
      info: this.info,
      entsize: this.entsize,
      relocations: this.relocations,
      group: this.group,
      state: this.state,
    }
    return this.snapshot
  }

  /** Makes room for `more` sections and returns the id of the first; `count` is advanced. */
  add(more: number): number {
    const first = this.addUnset(more)
    this.relocations.fill(-1, first, this.count)
    this.group.fill(-1, first, this.count)
    this.align.fill(1, first, this.count)
    return first
  }

  /** As `add`, but what is not 0 in a section without properties (relocations, group, align) is the caller's to set. */
  addUnset(more: number): number {
    const first = this.count
    this.count += more
    if (this.count > this.file.length) this.reserve(Math.max(this.count, this.file.length * 2))
    return first
  }

  /** Makes room for `capacity` sections. */
  reserve(capacity: number): void {
    if (capacity <= this.file.length) return
    const { memory } = this
    this.snapshot = undefined
    this.file = extended(this.file, memory.int32(capacity))
    this.name = extended(this.name, memory.int32(capacity))
    this.type = extended(this.type, memory.uint32(capacity))
    this.flags = extended(this.flags, memory.uint32(capacity))
    this.offset = extended(this.offset, memory.float64(capacity))
    this.size = extended(this.size, memory.float64(capacity))
    this.align = extended(this.align, memory.uint32(capacity))
    this.link = extended(this.link, memory.uint32(capacity))
    this.info = extended(this.info, memory.uint32(capacity))
    this.entsize = extended(this.entsize, memory.uint32(capacity))
    this.relocations = extended(this.relocations, memory.int32(capacity))
    this.group = extended(this.group, memory.int32(capacity))
    this.state = extended(this.state, memory.uint8(capacity))
  }
}

/** Values of SymbolTable.state, in no order of strength. */
export const SymbolState = {
  /** the name was seen (archive index, script, option) but nothing refers to it */
  Unknown: 0,
  Undefined: 1,
  UndefinedWeak: 2,
  /** `section` and `value` tell where; section -1 is SHN_ABS */
  Defined: 3,
  /** size and alignment (in `value`) of a common symbol not yet allocated; after loading: Defined in a Common section */
  Common: 4,
  /** assigned by the plan (script, --defsym, PROVIDE that applies, symbols the linker makes); the layout gives the value */
  Script: 5,
  /** defined by a shared object */
  Shared: 6,
} as const

/** Bits of SymbolTable.flags. */
export const SymbolFlag = {
  /** a relocatable object refers to it or defines it */
  Regular: 1,
  /** some reference (undefined symbol) was seen in a relocatable object */
  Referenced: 2,
  /** a shared object refers to it */
  SharedReference: 4,
  /** definition is STB_WEAK */
  WeakDefinition: 8,
  /** must be in .dynsym */
  Exported: 16,
  /** named by -u, EXTERN, entry, --wrap ...: root of garbage collection */
  Required: 32,
  /** local by version script or --exclude-libs */
  ForcedLocal: 64,
  /** defined by PROVIDE */
  Provided: 128,
  /** HIDDEN(...) or PROVIDE_HIDDEN */
  ScriptHidden: 256,
  /** defined in a section that the link dropped (COMDAT loser without a winner, /DISCARD/) */
  Dropped: 512,
  /** second name of a versioned definition (`f` and `f@V` beside `f@@V`): not written to .symtab */
  VersionAlias: 1024,
  /** state Script, and an object defines it too: `section` and `value` tell where, which the script may read */
  ObjectDefinition: 2048,
  /** the loader says what it is: defined elsewhere, or another object's definition may take its place */
  Preemptible: 4096,
  /** some reference in a relocatable object is not weak */
  StrongReference: 8192,
  /** a relocation that the loader carries out names it: it must be in .dynsym */
  Imported: 16384,
  /** defined here as a copy of a shared object's variable */
  Copied: 32768,
} as const

/** The columns of a SymbolTable, as kernels take them. */
export interface SymbolColumns {
  readonly state: Uint8Array
  readonly binding: Uint8Array
  readonly type: Uint8Array
  readonly other: Uint8Array
  readonly file: Int32Array
  readonly index: Uint32Array
  readonly section: Int32Array
  readonly value: Float64Array
  readonly size: Float64Array
  readonly flags: Uint16Array
}

/** Global symbols. The id of a symbol is the id of its name. */
export class SymbolTable implements SymbolColumns {
  readonly names: NameTable
  private readonly memory: Memory
  state: Uint8Array
  /** STB_, STT_, st_other (visibility merged over all files) of the definition or the strongest reference */
  binding: Uint8Array
  type: Uint8Array
  other: Uint8Array
  /** id of the defining file, else of the first file that refers to it; -1: script or option */
  file: Int32Array
  /** index of the symbol in that file's symbol table */
  index: Uint32Array
  /** section id of the definition, -1 for absolute */
  section: Int32Array
  /** st_value, signed double: offset in the section, or absolute value; alignment of a common symbol */
  value: Float64Array
  /** st_size */
  size: Float64Array
  flags: Uint16Array
  /** exact values that the column cannot hold, 0 .. 2^64-1 */
  readonly wide = new Map<number, bigint>()
  private snapshot: SymbolColumns | undefined

  constructor(names: NameTable, memory: Memory = plainMemory) {
    this.names = names
    this.memory = memory
    const capacity = 1024
    this.state = memory.uint8(capacity)
    this.binding = memory.uint8(capacity)
    this.type = memory.uint8(capacity)
    this.other = memory.uint8(capacity)
    this.file = memory.int32(capacity).fill(-1)
    this.index = memory.uint32(capacity)
    this.section = memory.int32(capacity).fill(-1)
    this.value = memory.float64(capacity)
    this.size = memory.float64(capacity)
    this.flags = memory.uint16(capacity)
  }

  /** The columns as they are now, for kernels: another record after the table grew. */
  get columns(): SymbolColumns {
    this.snapshot ??= {
      state: this.state,
      binding: this.binding,
      type: this.type,
      other: this.other,
      file: this.file,
      index: this.index,
      section: this.section,
      value: this.value,
      size: this.size,
      flags: this.flags,
    }
    return this.snapshot
  }

  /** Call after names were interned, before their columns are touched; or before, with the number that will come. */
  grow(more = 0): void {
    const { capacity, count } = this.names
    if (count + more <= this.state.length) return
    const { memory } = this
    this.snapshot = undefined
    this.state = extended(this.state, memory.uint8(capacity))
    this.binding = extended(this.binding, memory.uint8(capacity))
    this.type = extended(this.type, memory.uint8(capacity))
    this.other = extended(this.other, memory.uint8(capacity))
    this.file = extended(this.file, memory.int32(capacity).fill(-1))
    this.index = extended(this.index, memory.uint32(capacity))
    this.section = extended(this.section, memory.int32(capacity).fill(-1))
    this.value = extended(this.value, memory.float64(capacity))
    this.size = extended(this.size, memory.float64(capacity))
    this.flags = extended(this.flags, memory.uint16(capacity))
  }

  /** Gives symbol `to` everything that symbol `from` has but its name. */
  copy(from: number, to: number): void {
    const { state, binding, type, other, file, index, section, value, size, flags } = this
    for (const column of [state, binding, type, other, file, index, section, value, size, flags])
      column[to] = column[from]!
  }

  /** Latin-1 name, for messages and scripts. */
  name(id: number): string {
    return this.names.text(id)
  }
}
