/**
 * What lies between syntax and WebAssembly: every conversion is a node of its own, every name is resolved, every node
 * says what kind of value it gives.
 */
import type { ScalarKind } from '../../src/kernels/signatures.ts'
import type { Element, Field, Kind } from './kinds.ts'

export interface Local {
  readonly name: string
  readonly kind: Exclude<Kind, 'void'>
  /** whether anything but its declaration gives it a value */
  assigned: boolean
}

/** Where `break` and `continue` lead. */
export interface Label {
  readonly name: string | undefined
  readonly isLoop: boolean
  broken: boolean
  continued: boolean
}

/** base + (index << shift) + offset, in bytes */
export interface Address {
  readonly base: Value
  readonly index: Value | undefined
  readonly shift: number
  readonly offset: number
}

/** A number that has no kind of its own until something else gives it one. */
export interface Constant {
  readonly op: 'constant'
  readonly kind: ScalarKind | 'literal'
  readonly value: number
}

export type Value =
  | Constant
  | { readonly op: 'local'; readonly kind: Exclude<Kind, 'void'>; readonly local: Local }
  | { readonly op: 'field'; readonly kind: Field['kind']; readonly record: Local; readonly field: Field }
  /** an instruction; `immediates` are bytes that follow its code */
  | {
      readonly op: 'operation'
      readonly kind: Kind
      readonly code: number
      readonly operands: readonly Value[]
      readonly immediates?: readonly number[]
    }
  /** `alignment`: the exponent that the instruction promises */
  | {
      readonly op: 'load'
      readonly kind: Kind
      readonly code: number
      readonly alignment: number
      readonly address: Address
    }
  | { readonly op: 'address'; readonly kind: 'i32'; readonly address: Address }
  | { readonly op: 'and' | 'or'; readonly kind: 'boolean'; readonly left: Value; readonly right: Value }
  | { readonly op: 'not'; readonly kind: 'boolean'; readonly operand: Value }
  | { readonly op: 'choose'; readonly kind: Kind; readonly test: Value; readonly yes: Value; readonly no: Value }
  | { readonly op: 'assign'; readonly kind: Kind; readonly local: Local; readonly value: Value }
  | { readonly op: 'call'; readonly kind: Kind; readonly target: Routine; readonly operands: readonly Value[] }
  | {
      readonly op: 'sequence'
      readonly kind: Kind
      readonly locals: readonly Local[]
      readonly before: readonly Action[]
      readonly value: Value
    }

/** Actions that follow each other, and the locals that exist only here. */
export interface Block {
  readonly locals: readonly Local[]
  readonly actions: readonly Action[]
}

export interface SwitchCase {
  readonly values: readonly number[]
  readonly isDefault: boolean
  readonly block: Block
}

export type Action =
  | { readonly op: 'evaluate'; readonly value: Value }
  | { readonly op: 'set'; readonly local: Local; readonly value: Value; readonly declares: boolean }
  | {
      readonly op: 'store'
      readonly code: number
      readonly alignment: number
      readonly address: Address
      readonly value: Value
    }
  | { readonly op: 'if'; readonly test: Value; readonly yes: Block; readonly no: Block | undefined }
  | {
      readonly op: 'loop'
      readonly label: Label
      readonly test: Value | undefined
      readonly testLast: boolean
      readonly body: Block
      readonly update: readonly Action[]
    }
  | { readonly op: 'leave'; readonly label: Label; readonly to: 'break' | 'continue' }
  | { readonly op: 'return'; readonly value: Value | undefined }
  | {
      readonly op: 'switch'
      readonly label: Label
      readonly value: Value
      readonly cases: readonly SwitchCase[]
    }
  /** `label` when something leaves it */
  | { readonly op: 'block'; readonly label: Label | undefined; readonly block: Block }

/** A function that kernels are made of. Its body is there once all functions are translated. */
export interface Routine {
  readonly name: string
  readonly parameters: readonly Local[]
  readonly result: Kind
  body: Block
}

export function constant(kind: Constant['kind'], value: number): Constant {
  return { op: 'constant', kind, value }
}

export function operation(kind: Kind, code: number, ...operands: Value[]): Value {
  return { op: 'operation', kind, code, operands }
}

export function localValue(local: Local): Value {
  return { op: 'local', kind: local.kind, local }
}

/** A load of an element, promising the alignment that typed arrays have. */
export function elementLoad(element: Element, address: Address): Value {
  return { op: 'load', kind: element.kind!, code: element.load, alignment: element.shift, address }
}
