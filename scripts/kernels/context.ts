/** The place within a function that is being translated. */
import type { SourceModule } from './modules.ts'
import type { Program } from './program.ts'
import { type Expression, type Placed, Refusal, Silent } from './syntax.ts'
import type { Address, Constant, Label, Local, Routine, Value } from './tree.ts'

/** What a name of a function stands for. `failed`: its declaration was refused, and uses of it need no second message. */
export type Binding =
  | { readonly form: 'local'; readonly local: Local; readonly mutable: boolean }
  | { readonly form: 'constant'; readonly value: Constant }
  | { readonly form: 'failed' }

export class Scope {
  readonly locals: Local[] = []
  readonly #names = new Map<string, Binding>()
  readonly #outer: Scope | undefined

  constructor(outer: Scope | undefined) {
    this.#outer = outer
  }

  bind(name: string, binding: Binding): void {
    this.#names.set(name, binding)
  }

  find(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name)
  }
}

export interface Context {
  readonly program: Program
  readonly module: SourceModule
  readonly routine: Routine
  scope: Scope
  /** innermost last */
  readonly labels: Label[]
  /** translates a part of an expression */
  readonly value: (node: Expression) => Value
}

/** What a name stands for within the function. @throws {Silent} for one whose declaration failed */
export function lookUp(context: Context, name: string): Exclude<Binding, { form: 'failed' }> | undefined {
  const binding = context.scope.find(name)
  if (binding?.form === 'failed') throw new Silent()
  return binding
}

/** A number from names outside of the function; undefined when the names mean something else. */
export function outerConstant(context: Context, node: Expression): Constant | undefined {
  const value = context.program.constants.evaluate(node, context.module)
  if (typeof value === 'number') return { op: 'constant', kind: 'literal', value }
  if (typeof value === 'boolean') return { op: 'constant', kind: 'boolean', value: value ? 1 : 0 }
  return undefined
}

export function temporary(name: string, kind: Local['kind']): Local {
  return { name, kind, assigned: false }
}

/** Constant parts up to this many bytes go into the instruction: see lowestArrayAddress of src/kernels/signatures.ts. */
const foldedLimit = 1024

/** base + (index << shift), with constants of the index taken out of it. */
export function addressOf(base: Value, index: Value, shift: number): Address {
  if (index.op === 'constant') {
    const offset = (index.value >>> 0) * 2 ** shift
    if (offset <= 0x7fffffff) return { base, index: undefined, shift: 0, offset }
  }
  let rest = index
  let offset = 0
  // an addition of 32 bits
  while (rest.op === 'operation' && rest.code === 0x6a) {
    const [left, right] = rest.operands as [Value, Value]
    const [part, other] = left.op === 'constant' ? [left, right] : [right, left]
    if (part.op !== 'constant' || part.value < 0 || offset + part.value * 2 ** shift > foldedLimit) break
    offset += part.value * 2 ** shift
    rest = other
  }
  return { base, index: rest, shift, offset }
}

/** Notes a sum, difference or product of integers, or a cast to one of their kinds. */
export function noteRange(context: Context, node: Expression, kind: Value['kind']): void {
  if (kind === 'i32' || kind === 'u32') context.program.checks.note(context.module.path, kind, node)
}

export function required<Item>(item: Item | null | undefined, node: Placed, message: string): Item {
  if (item === null || item === undefined) throw new Refusal(node, message)
  return item
}
