/** Kinds of values that kernels know, and how TypeScript's types name them. */
import type { ScalarKind } from '../../src/kernels/signatures.ts'

/** One kind of array, and the instructions that reach its elements. */
export interface Element {
  /** the name of its TypeScript type */
  readonly name: string
  /** bytes of an element are 1 << shift */
  readonly shift: number
  /** what reading gives; undefined for a DataView, which is read by its methods */
  readonly kind: 'i32' | 'u32' | 'f64' | undefined
  readonly load: number
  readonly store: number
}

export interface ArrayKind {
  readonly form: 'array'
  readonly element: Element
}

export interface TableKind {
  readonly form: 'table'
  readonly of: ArrayKind
}

export interface Field {
  readonly name: string
  /** bytes */
  readonly offset: number
  readonly kind: ScalarKind | ArrayKind | TableKind
}

export interface RecordKind {
  readonly form: 'record'
  readonly name: string
  readonly fields: ReadonlyMap<string, Field>
  /** bytes */
  readonly size: number
}

export type Kind = ScalarKind | 'void' | ArrayKind | TableKind | RecordKind

const elements: readonly Element[] = [
  { name: 'Uint8Array', shift: 0, kind: 'i32', load: 0x2d, store: 0x3a },
  { name: 'Int8Array', shift: 0, kind: 'i32', load: 0x2c, store: 0x3a },
  { name: 'Uint16Array', shift: 1, kind: 'i32', load: 0x2f, store: 0x3b },
  { name: 'Int16Array', shift: 1, kind: 'i32', load: 0x2e, store: 0x3b },
  { name: 'Int32Array', shift: 2, kind: 'i32', load: 0x28, store: 0x36 },
  { name: 'Uint32Array', shift: 2, kind: 'u32', load: 0x28, store: 0x36 },
  { name: 'Float64Array', shift: 3, kind: 'f64', load: 0x2b, store: 0x39 },
  { name: 'DataView', shift: 0, kind: undefined, load: 0, store: 0 },
]

/** Kinds of arrays by the name of their type. There is one object for each, so that `===` compares kinds. */
export const arrayKinds: ReadonlyMap<string, ArrayKind> = new Map(
  elements.map(element => [element.name, { form: 'array', element }]),
)

const tables: ReadonlyMap<ArrayKind, TableKind> = new Map(
  [...arrayKinds.values()].map(of => [of, { form: 'table', of }]),
)

export function tableOf(kind: ArrayKind): TableKind {
  return tables.get(kind)!
}

export const scalarNames: Readonly<Record<string, ScalarKind>> = { I32: 'i32', U32: 'u32', F64: 'f64' }

export function isScalar(kind: Kind): kind is ScalarKind {
  return kind === 'i32' || kind === 'u32' || kind === 'f64' || kind === 'boolean'
}

export function isInteger(kind: Kind | 'literal'): kind is 'i32' | 'u32' {
  return kind === 'i32' || kind === 'u32'
}

/** The kind as an author writes it. */
export function nameOf(kind: Kind | 'literal'): string {
  if (kind === 'literal') return 'a literal'
  if (typeof kind === 'string') return kind === 'boolean' || kind === 'void' ? kind : kind.toUpperCase()
  if (kind.form === 'array') return kind.element.name
  if (kind.form === 'table') return `readonly ${kind.of.element.name}[]`
  return kind.name
}

/** The WebAssembly value type that carries a kind. */
export function carrier(kind: Kind): 0x7f | 0x7c {
  return kind === 'f64' ? 0x7c : 0x7f
}
