/** A function's body as WebAssembly instructions, with small functions written out where they are called. */
import { known } from './folding.ts'
import { assigns, type Inlining, isPure, visitBlock } from './inlining.ts'
import { Instructions, unsigned } from './instructions.ts'
import { carrier, type Kind } from './kinds.ts'
import { type Holder, Locals, loadField } from './locals.ts'
import type { Action, Address, Block, Label, Local, Routine, Value } from './tree.ts'

/** Numbers of the functions that are called. */
export interface Functions {
  readonly inlining: Inlining
  indexOf(routine: Routine): number
}

interface Targets {
  break: number
  continue: number
}

/** The bytes of a function as the code section wants them, with their length before them. */
export function functionBytes(routine: Routine, functions: Functions): number[] {
  return new Emitter(routine, functions).finish()
}

class Emitter {
  readonly #out = new Instructions()
  readonly #functions: Functions
  readonly #routine: Routine
  readonly #locals: Locals
  readonly #targets = new Map<Label, Targets>()
  /** open blocks */
  #depth = 0
  #loops = 0
  /** the block that `return` leaves */
  #returnTo = 0

  constructor(routine: Routine, functions: Functions) {
    this.#routine = routine
    this.#functions = functions
    this.#locals = new Locals(routine.parameters)
  }

  finish(): number[] {
    this.#body(this.#routine)
    const head = this.#locals.declarations()
    const prologue = this.#locals.prologue.bytes
    const length = head.length + prologue.length + this.#out.bytes.length + 1
    return [...unsigned(length), ...head, ...prologue, ...this.#out.bytes, 0x0b]
  }

  /** A routine's actions; its value is on the stack afterwards. */
  #body(routine: Routine): void {
    const { actions, locals } = routine.body
    const last = actions.at(-1)
    const ending = last?.op === 'return' ? last : undefined
    this.#actions(ending === undefined ? actions : actions.slice(0, -1))
    if (ending?.value !== undefined) this.#value(ending.value)
    else if (routine.result !== 'void') this.#out.code(0x00)
    this.#locals.release(locals)
  }

  readonly #known = (value: Value): number | undefined => known(value, local => this.#locals.constantOf(local))

  /** The local that holds a field, if one does. */
  #fieldHolder({ record, field }: Extract<Value, { op: 'field' }>): number | undefined {
    return this.#locals.holdField(record, field, this.#loops > 0)
  }

  // Blocks

  /** @returns what `#jump` takes to leave the block */
  #open(code: 0x02 | 0x03 | 0x04, type: number = 0x40): number {
    this.#out.code(code)
    this.#out.code(type)
    return ++this.#depth
  }

  #close(): void {
    this.#out.code(0x0b)
    this.#depth--
  }

  #jump(code: 0x0c | 0x0d, target: number): void {
    this.#out.code(code)
    this.#out.unsigned(this.#depth - target)
  }

  #block(block: Block): void {
    this.#actions(block.actions)
    this.#locals.release(block.locals)
  }

  #actions(actions: readonly Action[]): void {
    for (const action of actions) {
      this.#action(action)
      // What follows is never reached.
      if (action.op === 'leave' || action.op === 'return') return
    }
  }

  #action(action: Action): void {
    switch (action.op) {
      case 'evaluate':
        this.#effect(action.value)
        return
      case 'set':
        this.#set(action.local, action.value, action.declares)
        return
      case 'store': {
        const offset = this.#address(action.address)
        this.#value(action.value)
        this.#out.memory(action.code, action.alignment, offset)
        return
      }
      case 'if':
        this.#if(action)
        return
      case 'loop':
        this.#loop(action)
        return
      case 'leave': {
        const targets = this.#targets.get(action.label)!
        this.#jump(0x0c, targets[action.to])
        return
      }
      case 'return':
        if (action.value !== undefined) this.#value(action.value)
        this.#jump(0x0c, this.#returnTo)
        return
      case 'switch':
        this.#switch(action)
        return
      case 'block': {
        if (action.label === undefined) {
          this.#block(action.block)
          return
        }
        const target = this.#open(0x02)
        this.#targets.set(action.label, { break: target, continue: target })
        this.#block(action.block)
        this.#close()
        return
      }
    }
  }

  #set(local: Local, value: Value, declares: boolean): void {
    if (declares && !local.assigned) {
      const number = this.#known(value)
      if (number !== undefined) {
        this.#locals.bind(local, { op: 'constant', kind: local.kind === 'f64' ? 'f64' : 'i32', value: number })
        return
      }
      const index =
        value.op === 'field'
          ? this.#fieldHolder(value)
          : value.op === 'local' && !value.local.assigned
            ? this.#locals.indexOf(value.local)
            : undefined
      if (index !== undefined) {
        this.#locals.bind(local, { index, owned: false })
        return
      }
      if (value.op === 'field' && this.#depth === 0) {
        // From here on every use of the field finds it in this local.
        this.#value(value)
        this.#out.local(0x21, this.#locals.keepField(local, value.record, value.field))
        return
      }
    }
    this.#value(value)
    this.#out.local(0x21, this.#locals.indexOf(local))
  }

  #if({ test, yes, no }: Extract<Action, { op: 'if' }>): void {
    const number = this.#known(test)
    if (number !== undefined) {
      if (number !== 0) this.#block(yes)
      else if (no !== undefined) this.#block(no)
      return
    }
    const only = yes.actions[0]
    if (no === undefined && yes.actions.length === 1) {
      if (only?.op === 'leave') {
        this.#branch(test, this.#targets.get(only.label)![only.to], true)
        return
      }
      if (only?.op === 'return' && only.value === undefined) {
        this.#branch(test, this.#returnTo, true)
        return
      }
    }
    if (test.op !== 'and' && test.op !== 'or') {
      const swapped = test.op === 'not' && no !== undefined
      this.#value(swapped ? test.operand : test)
      this.#open(0x04)
      this.#block(swapped ? no : yes)
      if (no !== undefined) {
        this.#out.code(0x05)
        this.#block(swapped ? yes : no)
      }
      this.#close()
      return
    }
    const end = no === undefined ? 0 : this.#open(0x02)
    const otherwise = this.#open(0x02)
    this.#branch(test, otherwise, false)
    this.#block(yes)
    if (no !== undefined) this.#jump(0x0c, end)
    this.#close()
    if (no === undefined) return
    this.#block(no)
    this.#close()
  }

  #loop({ label, test, testLast, body, update }: Extract<Action, { op: 'loop' }>): void {
    this.#loops++
    const end = this.#open(0x02)
    const start = this.#open(0x03)
    if (test !== undefined && !testLast) this.#branch(test, end, false)
    const hasTail = update.length > 0 || testLast
    const next = label.continued && hasTail ? this.#open(0x02) : start
    this.#targets.set(label, { break: end, continue: next })
    this.#block(body)
    if (next !== start) this.#close()
    this.#actions(update)
    if (testLast && test !== undefined) this.#branch(test, start, true)
    else this.#jump(0x0c, start)
    this.#close()
    this.#close()
    this.#loops--
  }

  #switch({ label, value, cases }: Extract<Action, { op: 'switch' }>): void {
    const end = this.#open(0x02)
    this.#targets.set(label, { break: end, continue: end })
    const targets: number[] = []
    for (let at = cases.length - 1; at >= 0; at--) targets[at] = this.#open(0x02)
    const defaultAt = cases.findIndex(part => part.isDefault)
    const otherwise = defaultAt < 0 ? end : targets[defaultAt]!
    const rows = cases.flatMap((part, at) => part.values.map(number => ({ number, target: targets[at]! })))
    const low = Math.min(...rows.map(row => row.number))
    const high = Math.max(...rows.map(row => row.number))
    if (rows.length >= 3 && high - low < rows.length * 4 + 8) {
      this.#value(value)
      if (low !== 0) {
        this.#out.i32(low)
        this.#out.code(0x6b)
      }
      const table = new Array<number>(high - low + 1).fill(otherwise)
      for (const { number, target } of rows) table[number - low] = target
      this.#out.code(0x0e)
      this.#out.unsigned(table.length)
      for (const target of [...table, otherwise]) this.#out.unsigned(this.#depth - target)
    } else {
      const simple = value.op === 'local'
      const index = simple ? this.#locals.indexOf(value.local) : this.#locals.fresh('i32')
      if (!simple) {
        this.#value(value)
        this.#out.local(0x21, index)
      }
      for (const { number, target } of rows) {
        this.#out.local(0x20, index)
        this.#out.i32(number)
        this.#out.code(0x46)
        this.#jump(0x0d, target)
      }
      this.#jump(0x0c, otherwise)
    }
    for (const part of cases) {
      this.#close()
      this.#block(part.block)
    }
    this.#close()
  }

  // Values

  /** Pushes the part of an address that is not constant. @returns the constant part, bytes */
  #address({ base, index, shift, offset }: Address): number {
    this.#value(base)
    if (index === undefined) return offset
    const number = this.#known(index)
    if (number !== undefined && (number >>> 0) * 2 ** shift + offset <= 0x7fffffff)
      return (number >>> 0) * 2 ** shift + offset
    this.#value(index)
    if (shift > 0) {
      this.#out.i32(shift)
      this.#out.code(0x74)
    }
    this.#out.code(0x6a)
    return offset
  }

  #constant(kind: Kind | 'literal', value: number): void {
    if (kind === 'literal') throw new Error(`the literal ${value} has no kind`)
    if (kind === 'f64') this.#out.f64(value)
    else this.#out.i32(value)
  }

  /** Evaluates a value for what it does. */
  #effect(value: Value): void {
    if (value.op === 'sequence') {
      this.#actions(value.before)
      this.#effect(value.value)
      this.#locals.release(value.locals)
      return
    }
    if (value.op === 'assign') {
      this.#set(value.local, value.value, false)
      return
    }
    if (value.op === 'constant' || value.op === 'local' || (value.op === 'operation' && value.code === 0x01)) return
    this.#value(value)
    if (value.kind !== 'void') this.#out.code(0x1a)
  }

  /** Leaves a value on the stack. */
  #value(value: Value): void {
    const number = value.op === 'constant' ? value.value : this.#known(value)
    if (number !== undefined) {
      this.#constant(value.kind, number)
      return
    }
    switch (value.op) {
      case 'local':
        this.#out.local(0x20, this.#locals.indexOf(value.local))
        return
      case 'field': {
        const holder = this.#fieldHolder(value)
        if (holder !== undefined) {
          this.#out.local(0x20, holder)
          return
        }
        this.#out.local(0x20, this.#locals.indexOf(value.record))
        loadField(this.#out, value.field)
        return
      }
      case 'operation':
        this.#operation(value)
        return
      case 'load': {
        const offset = this.#address(value.address)
        this.#out.memory(value.code, value.alignment, offset)
        return
      }
      case 'address': {
        const offset = this.#address(value.address)
        if (offset === 0) return
        this.#out.i32(offset)
        this.#out.code(0x6a)
        return
      }
      case 'and':
      case 'or':
        this.#shortCircuit(value)
        return
      case 'not':
        this.#value(value.operand)
        this.#out.code(0x45)
        return
      case 'choose':
        this.#choose(value)
        return
      case 'assign':
        this.#value(value.value)
        this.#out.local(0x21, this.#locals.indexOf(value.local))
        this.#out.local(0x20, this.#locals.indexOf(value.local))
        return
      case 'call':
        this.#call(value)
        return
      case 'sequence':
        this.#actions(value.before)
        if (value.kind === 'void') this.#effect(value.value)
        else this.#value(value.value)
        this.#locals.release(value.locals)
        return
    }
  }

  #operation({ code, operands, immediates }: Extract<Value, { op: 'operation' }>): void {
    const second = operands[1]
    // x === 0
    if (code === 0x46 && second?.op === 'constant' && second.value === 0) {
      this.#value(operands[0]!)
      this.#out.code(0x45)
      return
    }
    for (const operand of operands) this.#value(operand)
    this.#out.code(code)
    for (const byte of immediates ?? []) this.#out.unsigned(byte)
  }

  #shortCircuit({ op, left, right }: Extract<Value, { op: 'and' | 'or' }>): void {
    this.#value(left)
    this.#open(0x04, 0x7f)
    if (op === 'and') this.#value(right)
    else this.#out.i32(1)
    this.#out.code(0x05)
    if (op === 'and') this.#out.i32(0)
    else this.#value(right)
    this.#close()
  }

  #choose({ kind, test, yes, no }: Extract<Value, { op: 'choose' }>): void {
    const simple = (value: Value): boolean => value.op === 'constant' || value.op === 'local'
    const number = this.#known(test)
    if (number !== undefined) {
      this.#value(number !== 0 ? yes : no)
      return
    }
    if (simple(yes) && simple(no) && isPure(test)) {
      this.#value(yes)
      this.#value(no)
      this.#value(test)
      this.#out.code(0x1b)
      return
    }
    this.#value(test)
    this.#open(0x04, carrier(kind))
    this.#value(yes)
    this.#out.code(0x05)
    this.#value(no)
    this.#close()
  }

  /** Jumps when the test's truth is `when`. */
  #branch(test: Value, target: number, when: boolean): void {
    const number = this.#known(test)
    if (number !== undefined) {
      if ((number !== 0) === when) this.#jump(0x0c, target)
      return
    }
    if (test.op === 'not') {
      this.#branch(test.operand, target, !when)
      return
    }
    if (test.op === 'and' || test.op === 'or') {
      // Both operands can decide for `or` being true and for `and` being false.
      if ((test.op === 'or') === when) {
        this.#branch(test.left, target, when)
        this.#branch(test.right, target, when)
        return
      }
      const skip = this.#open(0x02)
      this.#branch(test.left, skip, !when)
      this.#branch(test.right, target, when)
      this.#close()
      return
    }
    let wanted = when
    if (test.op === 'operation' && test.code >= 0x46 && test.code <= 0x4f) {
      const second = test.operands[1]!
      if (test.code <= 0x47 && second.op === 'constant' && second.value === 0) {
        // The number itself says whether it is zero.
        this.#value(test.operands[0]!)
        wanted = (test.code === 0x47) === when
      } else {
        for (const operand of test.operands) this.#value(operand)
        this.#out.code(when ? test.code : inverse[test.code]!)
        wanted = true
      }
    } else this.#value(test)
    if (!wanted) this.#out.code(0x45)
    this.#jump(0x0d, target)
  }

  // Calls

  #call({ target, operands }: Extract<Value, { op: 'call' }>): void {
    if (!this.#functions.inlining.isInlined(target)) {
      for (const operand of operands) this.#value(operand)
      this.#out.code(0x10)
      this.#out.unsigned(this.#functions.indexOf(target))
      return
    }
    const stable = !operands.some(assigns)
    const holders = target.parameters.map((parameter, at) => this.#argument(parameter, operands[at]!, stable))
    const given: Local[] = []
    target.parameters.forEach((parameter, at) => {
      const holder = holders[at]
      if (holder === undefined) given.push(parameter)
      else this.#locals.bind(parameter, holder)
    })
    for (const parameter of given.reverse()) this.#out.local(0x21, this.#locals.allocate(parameter))
    const before = this.#returnTo
    const needsBlock = returnsEarly(target)
    if (needsBlock) this.#returnTo = this.#open(0x02, target.result === 'void' ? 0x40 : carrier(target.result))
    this.#body(target)
    if (needsBlock) this.#close()
    this.#returnTo = before
    this.#locals.release(target.parameters)
  }

  /** What can stand for a parameter as it is; undefined when the argument has been pushed. */
  #argument(parameter: Local, argument: Value, stable: boolean): Holder | undefined {
    if (!parameter.assigned) {
      const number = this.#known(argument)
      if (number !== undefined) return { op: 'constant', kind: parameter.kind === 'f64' ? 'f64' : 'i32', value: number }
      // A record has one name for good, and its fields may have been read at the start of the function under that name.
      const isRecord = typeof parameter.kind === 'object' && parameter.kind.form === 'record'
      if (argument.op === 'local' && (stable || isRecord))
        return { index: this.#locals.indexOf(argument.local), owned: false }
      const field = argument.op === 'field' ? this.#fieldHolder(argument) : undefined
      if (field !== undefined) return { index: field, owned: false }
    }
    this.#value(argument)
    return undefined
  }
}

/** Whether anything but the last statement returns. */
function returnsEarly(routine: Routine): boolean {
  let count = 0
  visitBlock(
    routine.body,
    () => {},
    action => {
      if (action.op === 'return') count++
    },
  )
  return count > (routine.body.actions.at(-1)?.op === 'return' ? 1 : 0)
}

/** Comparisons of integers and their opposites. */
const inverse: Readonly<Record<number, number>> = {
  70: 0x47,
  71: 0x46,
  72: 0x4e,
  78: 0x48,
  73: 0x4f,
  79: 0x49,
  74: 0x4c,
  76: 0x4a,
  75: 0x4d,
  77: 0x4b,
}
