/** What the loading stage holds while files come in. Not seen outside of it: the result is a Program. */
import type { NameTable } from '../../base/name-table.ts'
import type { Place } from '../../diag/diagnostic.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import type { Host } from '../../host.ts'
import type { FileIndex, ObjectIndexer } from '../../input/object-index.ts'
import type { Compute } from '../../kernels/compute.ts'
import type { GroupColumns } from '../../kernels/symbols.ts'
import type { LayoutPlan } from '../../plan/plan.ts'
import type { Arch } from '../../target/target.ts'
import type { EarlyValue, GroupTable, InputFile, LinkerSymbol, Load, SharedObject } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import type { SectionTable, SymbolTable } from '../records/tables.ts'

/** Finds an architecture by e_machine, ELF class and byte order. */
export type ArchLookup = (machine: number, bits: 32 | 64, littleEndian: boolean) => Arch | undefined

/** Bytes that inputs are read from: a whole file on disk, registered once as a source of names. */
export interface Source {
  readonly path: string
  readonly bytes: Uint8Array
  readonly view: DataView
  /** source number in the symbol name table */
  readonly symbolSource: number
  /** source number in the section name table */
  readonly sectionSource: number
  /** of the objects in it, where they were indexed beforehand */
  readonly index?: FileIndex | undefined
}

export interface ObjectPlace {
  readonly source: Source
  readonly name: string
  readonly archive?: string
  /** the bytes of this object in the source */
  readonly start: number
  readonly size: number
}

export interface Loading {
  readonly request: LinkRequest
  readonly archs: ArchLookup
  readonly host: Host
  readonly compute: Compute
  readonly report: Report
  readonly indexer: ObjectIndexer
  arch: Arch | undefined
  readonly files: InputFile[]
  readonly sections: SectionTable
  readonly sectionNames: NameTable
  readonly symbols: SymbolTable
  readonly groups: GroupTable
  plan: LayoutPlan
  readonly pulls: { file: number; because: number; symbol: number }[]
  readonly loads: Load[]
  readonly shared: SharedObject[]
  readonly linkerSymbols: LinkerSymbol[]
  readonly symbolWarnings: { symbol: number; text: string }[]
  /** --wrap: symbol id of a reference -> symbol id it means; undefined without --wrap */
  readonly wrap: ReadonlyMap<number, number> | undefined
  /** the columns of the groups as kernels take them */
  groupColumns: GroupColumns | undefined
  /** by symbol name id: 1 + index of the group that won the signature, or 0 */
  groupOwner: Int32Array
  /** name behind '.gnu.linkonce.' -> section id that won */
  readonly linkOnce: Map<number, number>
  /** ids of symbols that are or were common, in order of appearance */
  readonly commons: number[]
  /** by section name id: bits of NameKind; 0: not looked at yet */
  nameKinds: Uint8Array
  /** direct-mapped cache from string-table offset to section name id, valid for one file */
  readonly cachedOffset: Int32Array
  readonly cachedName: Int32Array
  /** sections (or groups) whose names are entered together, and the ids of these names; `nameBlock` each */
  readonly blockSections: Int32Array
  readonly blockNames: Int32Array
  /** id of `__gnu_lto_slim`, the mark of objects without machine code */
  readonly slimMark: number
  /** rises whenever a name becomes undefined or a file is added: groups stop when it rests */
  progress: number
  /** by symbol id: values that the plan's assignments have while files are read; an object that defines the name ends them */
  readonly early: Map<number, EarlyValue>
  /** ids of names that only expressions of the plan may read, when it is laid out */
  readonly mayBeRead: Set<number>
  /** plan ids of PROVIDEs that apply whatever objects define: their names were wanted before any object was read */
  readonly provided: Set<number>
}

/** Registers a file that the host has read as a source of names. */
export function addFile(loading: Loading, path: string, bytes: Uint8Array): Source {
  return addSource(loading, path, bytes, loading.host.indexOf?.(path))
}

/** Registers bytes as a source of names. */
export function addSource(loading: Loading, path: string, bytes: Uint8Array, index?: FileIndex): Source {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    path,
    bytes,
    view,
    symbolSource: loading.symbols.names.addSource(view),
    sectionSource: loading.sectionNames.addSource(view),
    index,
  }
}

/** a guess from less than this share of the input is worth nothing */
const leastShare = 1 / 24

/**
 * Items to make room for when `count` were met so far and `more` come now: what the rest of the input will bring if it
 * is like the part that was read; 0 where nothing is known of the rest.
 */
export function expected(loading: Loading, count: number, more: number): number {
  const share = loading.host.shareRead?.() ?? 0
  return share < leastShare ? 0 : Math.ceil(((count + more) / share) * 1.05)
}

/** Where a diagnostic about an input points. */
export function placeOf(file: { readonly name: string; readonly archive?: string }): Place {
  return file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
}
