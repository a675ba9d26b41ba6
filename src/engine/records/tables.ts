/**
 * Columns for what comes by the hundred thousand. Indexed by integer ids; objects for single sections or symbols are
 * made only for messages and reports. A table grows while inputs are loaded and is final afterwards.
 *
 * Numbers rule: sizes, offsets, alignments are doubles (safe integers). An address in a column is a *signed* double:
 * 0xffffffff80000000 is -2147483648, so kernels in the high half stay exact. The rare value whose signed form is beyond
 * 2^53 is kept exactly in a Map beside the column (`wide`).
 */
import { extended, type NameTable } from '../../base/name-table.ts'

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

export class SectionTable {
  count = 0
  /** id of the file */
  file = new Int32Array(1024)
  /** id in Program.sectionNames */
  name = new Int32Array(1024)
  /** sh_type */
  type = new Uint32Array(1024)
  /** low 32 bits of sh_flags */
  flags = new Uint32Array(1024)
  /** offset in the bytes of the file (InputFile.bytes), already including InputFile.start */
  offset = new Float64Array(1024)
  /** sh_size as read; the size in the output is in Contents.size */
  size = new Float64Array(1024)
  /** bytes, a power of two, at least 1 */
  align = new Uint32Array(1024)
  /** sh_link: index in its file's section header table */
  link = new Uint32Array(1024)
  info = new Uint32Array(1024)
  entsize = new Uint32Array(1024)
  /** id of the SHT_RELA or SHT_REL section that applies to this one, or -1 */
  relocations = new Int32Array(1024)
  /** index in Program.groups, or -1 */
  group = new Int32Array(1024)
  /** bits of SectionState */
  state = new Uint8Array(1024)

  /** Makes room for `more` sections and returns the id of the first; `count` is advanced. */
  add(more: number): number {
    const first = this.count
    this.count += more
    if (this.count > this.file.length) this.reserve(Math.max(this.count, this.file.length * 2))
    this.relocations.fill(-1, first, this.count)
    this.group.fill(-1, first, this.count)
    this.align.fill(1, first, this.count)
    return first
  }

  /** Makes room for `capacity` sections. */
  reserve(capacity: number): void {
    if (capacity > this.file.length) {
      this.file = extended(this.file, new Int32Array(capacity))
      this.name = extended(this.name, new Int32Array(capacity))
      this.type = extended(this.type, new Uint32Array(capacity))
      this.flags = extended(this.flags, new Uint32Array(capacity))
      this.offset = extended(this.offset, new Float64Array(capacity))
      this.size = extended(this.size, new Float64Array(capacity))
      this.align = extended(this.align, new Uint32Array(capacity))
      this.link = extended(this.link, new Uint32Array(capacity))
      this.info = extended(this.info, new Uint32Array(capacity))
      this.entsize = extended(this.entsize, new Uint32Array(capacity))
      this.relocations = extended(this.relocations, new Int32Array(capacity))
      this.group = extended(this.group, new Int32Array(capacity))
      this.state = extended(this.state, new Uint8Array(capacity))
    }
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

/** Global symbols. The id of a symbol is the id of its name. */
export class SymbolTable {
  readonly names: NameTable
  state = new Uint8Array(1024)
  /** STB_, STT_, st_other (visibility merged over all files) of the definition or the strongest reference */
  binding = new Uint8Array(1024)
  type = new Uint8Array(1024)
  other = new Uint8Array(1024)
  /** id of the defining file, else of the first file that refers to it; -1: script or option */
  file = new Int32Array(1024)
  /** index of the symbol in that file's symbol table */
  index = new Uint32Array(1024)
  /** section id of the definition, -1 for absolute */
  section = new Int32Array(1024)
  /** st_value, signed double: offset in the section, or absolute value; alignment of a common symbol */
  value = new Float64Array(1024)
  /** st_size */
  size = new Float64Array(1024)
  flags = new Uint16Array(1024)
  /** exact values that the column cannot hold, 0 .. 2^64-1 */
  readonly wide = new Map<number, bigint>()
  /** keeps the reads of `touch` from being optimised away */
  touched = 0

  constructor(names: NameTable) {
    this.names = names
    this.file.fill(-1)
    this.section.fill(-1)
  }

  /** Call after names were interned, before their columns are touched. */
  grow(): void {
    if (this.names.count <= this.state.length) return
    const { capacity } = this.names
    this.state = extended(this.state, new Uint8Array(capacity))
    this.binding = extended(this.binding, new Uint8Array(capacity))
    this.type = extended(this.type, new Uint8Array(capacity))
    this.other = extended(this.other, new Uint8Array(capacity))
    this.file = extended(this.file, new Int32Array(capacity).fill(-1))
    this.index = extended(this.index, new Uint32Array(capacity))
    this.section = extended(this.section, new Int32Array(capacity).fill(-1))
    this.value = extended(this.value, new Float64Array(capacity))
    this.size = extended(this.size, new Float64Array(capacity))
    this.flags = extended(this.flags, new Uint16Array(capacity))
  }

  /** Gives symbol `to` everything that symbol `from` has but its name. */
  copy(from: number, to: number): void {
    const { state, binding, type, other, file, index, section, value, size, flags } = this
    for (const column of [state, binding, type, other, file, index, section, value, size, flags])
      column[to] = column[from]!
  }

  /** Brings the columns of these ids into the cache, many misses at a time, before they are used one by one. */
  touch(ids: Int32Array, first: number, count: number): void {
    const { state, flags, type } = this
    let touched = 0
    for (let i = first; i < first + count; i++) {
      const id = ids[i]!
      touched ^= state[id]! ^ flags[id]! ^ type[id]!
    }
    this.touched = touched
  }

  /** Latin-1 name, for messages and scripts. */
  name(id: number): string {
    return this.names.text(id)
  }
}
