/** Locals of a WebAssembly function: which one holds which variable, and which hold fields of records. */
import { Instructions, unsigned } from './instructions.ts'
import { carrier, type Field, type Kind } from './kinds.ts'
import type { Constant, Local } from './tree.ts'

/** What holds a variable: a local (owned: given back at the end of the block), or nothing but a number. */
export type Holder = { readonly index: number; readonly owned: boolean } | Constant

export class Locals {
  /** loads of fields that come before everything else */
  readonly prologue = new Instructions()
  readonly #parameters: number
  /** value types beyond the parameters */
  readonly #types: number[] = []
  readonly #free = new Map<number, number[]>([
    [0x7f, []],
    [0x7c, []],
  ])
  readonly #holders = new Map<Local, Holder>()
  /** locals that hold fields of the parameters' records, by `parameter:offset` */
  readonly #fields = new Map<string, number>()

  constructor(parameters: readonly Local[]) {
    this.#parameters = parameters.length
    parameters.forEach((local, index) => {
      this.bind(local, { index, owned: false })
    })
  }

  /** A local that nothing else ever uses. */
  fresh(kind: Kind): number {
    this.#types.push(carrier(kind))
    return this.#parameters + this.#types.length - 1
  }

  allocate(variable: Local): number {
    const index = this.#free.get(carrier(variable.kind))!.pop() ?? this.fresh(variable.kind)
    this.bind(variable, { index, owned: true })
    return index
  }

  bind(variable: Local, holder: Holder): void {
    this.#holders.set(variable, holder)
  }

  /** Gives locals back at the end of the variables' block. */
  release(variables: readonly Local[]): void {
    for (const variable of variables) {
      const holder = this.#holders.get(variable)
      if (holder !== undefined && 'owned' in holder && holder.owned)
        this.#free.get(carrier(variable.kind))!.push(holder.index)
      this.#holders.delete(variable)
    }
  }

  indexOf(variable: Local): number {
    const holder = this.#holders.get(variable)
    if (holder === undefined) return this.allocate(variable)
    if ('op' in holder) throw new Error(`${variable.name} is a constant`)
    return holder.index
  }

  constantOf(variable: Local): number | undefined {
    const holder = this.#holders.get(variable)
    return holder !== undefined && 'op' in holder ? holder.value : undefined
  }

  /**
   * The local that holds a field, if one does. Fields never change, so that within loops a record given as a parameter is
   * read once, at the start of the function.
   */
  holdField(record: Local, field: Field, inLoop: boolean): number | undefined {
    const key = this.#keyOf(record, field)
    const found = this.#fields.get(key)
    if (found !== undefined || !inLoop) return found
    const index = this.fresh(field.kind)
    this.#fields.set(key, index)
    this.prologue.local(0x20, this.indexOf(record))
    loadField(this.prologue, field)
    this.prologue.local(0x21, index)
    return index
  }

  /** A local for a variable that holds a field from here to the end of the function. */
  keepField(variable: Local, record: Local, field: Field): number {
    const index = this.fresh(variable.kind)
    this.bind(variable, { index, owned: false })
    this.#fields.set(this.#keyOf(record, field), index)
    return index
  }

  #keyOf(record: Local, field: Field): string {
    return `${this.indexOf(record)}:${field.offset}`
  }

  /** As a function's code starts with them. */
  declarations(): number[] {
    const runs: [count: number, type: number][] = []
    for (const type of this.#types) {
      const last = runs.at(-1)
      if (last !== undefined && last[1] === type) last[0]++
      else runs.push([1, type])
    }
    return [...unsigned(runs.length), ...runs.flatMap(([count, type]) => [...unsigned(count), type])]
  }
}

/** Replaces a record's address on the stack by a field of it. */
export function loadField(out: Instructions, { kind, offset }: Field): void {
  if (kind === 'f64') out.memory(0x2b, 3, offset)
  else out.memory(0x28, 2, offset)
}
