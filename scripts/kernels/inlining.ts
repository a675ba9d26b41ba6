/**
 * Which functions are written out where they are called. V8 of Node 20 does not inline WebAssembly functions, so that every
 * call of a small one would cost more than the function.
 */
import type { Action, Block, Routine, Value } from './tree.ts'

/** Functions of up to this many nodes are written out wherever they are called. */
const smallSize = 100
/** One that is called once is written out if its caller does not grow beyond this. */
const callerLimit = 6000

/** Calls every value and every function that values call, within a block. */
export function visitBlock(block: Block, see: (value: Value) => void, act: (action: Action) => void = () => {}): void {
  for (const action of block.actions) visitAction(action, see, act)
}

function visitAction(action: Action, see: (value: Value) => void, act: (action: Action) => void): void {
  act(action)
  const value = (part: Value | undefined): void => {
    if (part !== undefined) visitValue(part, see, act)
  }
  switch (action.op) {
    case 'evaluate':
    case 'set':
    case 'return':
      value(action.value)
      return
    case 'store':
      value(action.address.base)
      value(action.address.index)
      value(action.value)
      return
    case 'if':
      value(action.test)
      visitBlock(action.yes, see, act)
      if (action.no !== undefined) visitBlock(action.no, see, act)
      return
    case 'loop':
      value(action.test)
      visitBlock(action.body, see, act)
      for (const part of action.update) visitAction(part, see, act)
      return
    case 'leave':
      return
    case 'switch':
      value(action.value)
      for (const part of action.cases) visitBlock(part.block, see, act)
      return
    case 'block':
      visitBlock(action.block, see, act)
      return
  }
}

export function visitValue(value: Value, see: (value: Value) => void, act: (action: Action) => void = () => {}): void {
  see(value)
  const inner = (part: Value | undefined): void => {
    if (part !== undefined) visitValue(part, see, act)
  }
  switch (value.op) {
    case 'constant':
    case 'local':
    case 'field':
      return
    case 'operation':
    case 'call':
      for (const operand of value.operands) inner(operand)
      return
    case 'load':
    case 'address':
      inner(value.address.base)
      inner(value.address.index)
      return
    case 'and':
    case 'or':
      inner(value.left)
      inner(value.right)
      return
    case 'not':
      inner(value.operand)
      return
    case 'choose':
      inner(value.test)
      inner(value.yes)
      inner(value.no)
      return
    case 'assign':
      inner(value.value)
      return
    case 'sequence':
      for (const action of value.before) visitAction(action, see, act)
      inner(value.value)
      return
  }
}

/** Whether evaluating a value changes a local. */
export function assigns(value: Value): boolean {
  let found = false
  visitValue(value, part => {
    if (part.op === 'assign' || part.op === 'sequence') found = true
  })
  return found
}

/** Whether a value may be evaluated before or after others, or not at all. */
export function isPure(value: Value): boolean {
  let pure = true
  visitValue(value, part => {
    if (part.op === 'assign' || part.op === 'sequence' || part.op === 'call' || part.op === 'load') pure = false
    if (part.op === 'operation' && part.immediates !== undefined) pure = false
  })
  return pure
}

export class Inlining {
  readonly #calls = new Map<Routine, number>()
  readonly #sizes = new Map<Routine, number>()
  readonly #recursive = new Set<Routine>()
  readonly #kernels: ReadonlySet<Routine>

  constructor(kernels: Iterable<Routine>) {
    this.#kernels = new Set(kernels)
    const seen = new Set<Routine>()
    const trail: Routine[] = []
    const walk = (routine: Routine): void => {
      const at = trail.indexOf(routine)
      if (at >= 0) for (const part of trail.slice(at)) this.#recursive.add(part)
      if (seen.has(routine)) return
      seen.add(routine)
      trail.push(routine)
      visitBlock(routine.body, value => {
        if (value.op !== 'call') return
        this.#calls.set(value.target, (this.#calls.get(value.target) ?? 0) + 1)
        walk(value.target)
      })
      trail.pop()
    }
    for (const kernel of this.#kernels) walk(kernel)
  }

  /** Whether calls of a routine are written out. */
  isInlined(target: Routine): boolean {
    if (this.#recursive.has(target)) return false
    const size = this.size(target)
    if (size <= smallSize) return true
    return this.#calls.get(target) === 1 && !this.#kernels.has(target) && size <= callerLimit
  }

  /** Nodes of a routine with what is written out in it. */
  size(routine: Routine): number {
    const known = this.#sizes.get(routine)
    if (known !== undefined) return known
    this.#sizes.set(routine, Number.POSITIVE_INFINITY)
    let size = 0
    visitBlock(
      routine.body,
      value => {
        size++
        if (value.op === 'call' && this.isInlined(value.target)) size += this.size(value.target)
      },
      () => size++,
    )
    this.#sizes.set(routine, size)
    return size
  }
}
