/** Values known while a script is read, and the scopes that hold their names. */
import type { Block, DefineParameter } from '../../grammar/ast.ts'
import type { TargetFacts } from './options.ts'

export type PlanValue =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: NumberType; readonly value: bigint }

/** Numbers are the same in all three; the type says how they are shown. */
export type NumberType = 'int' | 'size' | 'addr'
export type ValueType = PlanValue['type']

export const valueTypes: readonly ValueType[] = ['bool', 'string', 'int', 'size', 'addr']

export function isNumber(value: PlanValue): value is Extract<PlanValue, { value: bigint }> {
  return typeof value.value === 'bigint'
}

/** A @define and the scope it was written in. */
export interface Macro {
  readonly parameters: readonly DefineParameter[]
  readonly body: Block
  readonly scope: Scope
}

/** Names to values, with the scope around. Names are defined once per scope; inner ones hide outer ones. */
export class Scope {
  readonly values = new Map<string, PlanValue>()
  readonly macros = new Map<string, Macro>()
  /** arguments of @include, to be taken by the @param of the included file */
  readonly incoming = new Map<string, PlanValue>()
  readonly outer: Scope | undefined

  constructor(outer?: Scope) {
    this.outer = outer
  }

  value(name: string): PlanValue | undefined {
    return this.values.get(name) ?? this.outer?.value(name)
  }

  macro(name: string): Macro | undefined {
    return this.macros.get(name) ?? this.outer?.macro(name)
  }

  /** All names that can be seen from here. */
  names(): string[] {
    return [...this.values.keys(), ...(this.outer?.names() ?? [])]
  }

  macroNames(): string[] {
    return [...this.macros.keys(), ...(this.outer?.macroNames() ?? [])]
  }
}

/** The facts of the target as values. They are seen in `@` statements and `${…}` only: GNU text may use such names as symbols. */
export function factValues(facts: TargetFacts): ReadonlyMap<string, PlanValue> {
  return new Map<string, PlanValue>([
    ['arch', { type: 'string', value: facts.arch }],
    ['os', { type: 'string', value: facts.os }],
    ['bits', { type: 'int', value: BigInt(facts.bits) }],
    ['endian', { type: 'string', value: facts.endian }],
    ['output', { type: 'string', value: facts.output }],
    ['dynamic', { type: 'bool', value: facts.dynamic }],
    ['strip', { type: 'string', value: facts.strip }],
    ['build_id', { type: 'bool', value: facts.buildId === true }],
  ])
}

const shifts: Readonly<Record<string, bigint>> = { k: 10n, m: 20n, g: 30n, t: 40n }

/** A value given as text (`-D`), read as `type`; undefined when it is not of that type. */
export function valueFromText(text: string, type: ValueType): PlanValue | undefined {
  if (type === 'string') return { type, value: text }
  if (type === 'bool') {
    if (text === 'true' || text === '1') return { type, value: true }
    return text === 'false' || text === '0' ? { type, value: false } : undefined
  }
  const match = /^(-?)(0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9][0-9_]*)([KMGTkmgt]?)(?:iB|B)?$/.exec(text)
  if (match === null) return undefined
  const [, sign, digits, unit] = match
  const plain = digits.replaceAll('_', '').toLowerCase()
  const octal = /^0[0-7]+$/.test(plain)
  const value = BigInt(octal ? '0o' + plain.slice(1) : plain) << (shifts[unit.toLowerCase()] ?? 0n)
  return { type, value: BigInt.asUintN(64, sign === '-' ? -value : value) }
}

/** A value as it is shown to people. */
export function showValue(value: PlanValue): string {
  if (value.type === 'size') return showSize(value.value)
  if (value.type === 'addr') return '0x' + value.value.toString(16)
  return String(value.value)
}

/** Bytes for people: 64 KiB. */
export function showSize(bytes: bigint): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let amount = bytes
  let unit = 0
  while (unit < 4 && amount !== 0n && amount % 1024n === 0n) {
    amount /= 1024n
    unit++
  }
  return `${amount} ${units[unit]}`
}
