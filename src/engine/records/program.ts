import type { NameTable } from '../../base/name-table.ts'
import type { Compute } from '../../kernels/compute.ts'
import type { FileColumns } from '../../kernels/file-columns.ts'
import type { LayoutPlan } from '../../plan/plan.ts'
import type { Arch } from '../../target/target.ts'
import type { OutputAttributes } from '../synthetic/attributes.ts'
import type { SectionTable, SymbolTable } from './tables.ts'

/** One input that contributes sections or symbols: an object, an archive member that was pulled, a binary, a shared object. */
export interface InputFile {
  readonly id: number
  /** path as given or found; of a member: the member's name */
  readonly name: string
  /** path of the archive, for members */
  readonly archive?: string
  /** '<linker>' is the one file of kind linker: it owns the sections that the linker makes */
  readonly kind: 'object' | 'binary' | 'linker' | 'shared'
  /** the whole file on disk; of a member: the whole archive (thin archives: the member's own file) */
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly littleEndian: boolean
  /** 64 for ELFCLASS64 */
  readonly bits: 32 | 64
  /** offset of the ELF header in `bytes` */
  readonly start: number
  /** bytes that belong to this input */
  readonly size: number
  /** id of section header 0 in the section table; section id = firstSection + section index */
  readonly firstSection: number
  /** number of section ids: all section headers, then a Common pseudo section if there is one */
  readonly sectionCount: number
  /** offsets in `bytes` (0: none); entries of 24 or 16 bytes */
  readonly symbolTable: { readonly offset: number; readonly count: number; readonly firstGlobal: number }
  readonly strings: { readonly offset: number; readonly size: number }
  /** SHT_SYMTAB_SHNDX in `bytes`, 0: none */
  readonly extendedIndex: number
  /** global symbol id of symbol `firstGlobal + i` */
  readonly globals: Int32Array
  /** source number of `bytes` in the symbol name table */
  readonly source: number
  /** e_flags */
  readonly machineFlags: number
}

/** Section groups (SHT_GROUP), columns by group index. */
export interface GroupTable {
  count: number
  /** section id of the SHT_GROUP section */
  section: Int32Array
  /** id of the signature in the symbol name table */
  signature: Int32Array
  /** 1: GRP_COMDAT */
  comdat: Uint8Array
  /** 1: kept, 0: another file's group of the same signature won */
  kept: Uint8Array
}

/** Everything that is in the link, before any section is dropped or placed. Result of loading and resolving. */
export interface Program {
  readonly arch: Arch
  /** where columns lie and loops over them run */
  readonly compute: Compute
  /** in link order; `files[0]` is '<linker>' */
  readonly files: readonly InputFile[]
  readonly sections: SectionTable
  readonly sectionNames: NameTable
  readonly symbols: SymbolTable
  readonly groups: GroupTable
  /** the request's plan with implicit scripts merged in */
  readonly plan: LayoutPlan
  /** why each archive member was pulled: for the map file */
  readonly pulls: readonly { readonly file: number; readonly because: number; readonly symbol: number }[]
  /** what was opened, in order: for the map file */
  readonly loads: readonly Load[]
  /** id of the entry symbol, or -1 */
  readonly entrySymbol: number
  /** defined symbols of a signature-less kind: shared objects that were loaded, for DT_NEEDED, in order */
  readonly shared: readonly SharedObject[]
  /** referenced names that only the linker can define; their symbols have SymbolState.Script */
  readonly linkerSymbols: readonly LinkerSymbol[]
  /** plan ids of PROVIDEs that apply whatever else defines the name: it was wanted before any object was read */
  readonly provided?: ReadonlySet<number>
  /** by symbol id: values that assignments of the plan had when all files were read */
  readonly early?: ReadonlyMap<number, EarlyValue>
  /** ids of names that nothing but expressions of the plan may read */
  readonly mayBeRead?: ReadonlySet<number>
  /** build attributes of all objects together */
  readonly attributes?: OutputAttributes
  /** columns that were made when they were first wanted: see file-columns.ts */
  readonly made?: { files?: FileColumns; sectionCount?: number }
  /** .gnu.warning.NAME sections: text to show to those who refer to the symbol */
  readonly symbolWarnings: readonly { readonly symbol: number; readonly text: string }[]
}

/** What else than an input section an early value belongs to. */
export const EarlySection = {
  Absolute: -1,
  /** an output section, none of which exists yet */
  Unmade: -2,
} as const

/** Value of a symbol that the plan assigns, before anything has an address. */
export interface EarlyValue {
  readonly number: bigint
  /** id of the input section that it is an offset in, or a value of EarlySection */
  readonly section: number
  /** st_type */
  readonly type: number
}

/** A step of loading: a file or archive, the bounds of a group, the place of the script among the inputs. */
export type Load =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'group-start' | 'group-end' | 'plan' }

/** A symbol whose value the layout gives because no input and no statement does. */
export interface LinkerSymbol {
  readonly symbol: number
  readonly kind: LinkerSymbolKind
  /** start, stop: Latin-1 name of the output section; startof, sizeof: likewise */
  readonly section?: string
}

/**
 * start, stop: `__start_NAME`, `__stop_NAME` of an output section. startof, sizeof: `.startof.NAME`, `.sizeof.NAME`.
 * ehdr: `__ehdr_start`, the ELF header if it is loaded. got: `_GLOBAL_OFFSET_TABLE_`. dynamic: `_DYNAMIC`.
 * plt: `_PROCEDURE_LINKAGE_TABLE_`. tls-module-base: `_TLS_MODULE_BASE_`.
 */
export type LinkerSymbolKind =
  | 'start'
  | 'stop'
  | 'startof'
  | 'sizeof'
  | 'ehdr'
  | 'got'
  | 'dynamic'
  | 'plt'
  | 'tls-module-base'

export interface SharedObject {
  readonly file: number
  readonly soname: string
  readonly asNeeded: boolean
  /** its own DT_NEEDED */
  readonly needed: readonly string[]
  /** folders of its DT_RUNPATH or DT_RPATH */
  readonly runPaths?: readonly string[]
  /** offset of .gnu.version in the file's bytes (16 bits per dynamic symbol), 0: none */
  readonly versionTable: number
  /** names of the versions it defines, by version index */
  readonly versionNames: readonly string[]
}

/** Display name of a file as GNU ld writes it: `libc.a(puts.o)`, `main.o`. */
export function fileLabel(file: InputFile): string {
  return file.archive === undefined ? file.name : `${file.archive}(${file.name})`
}
