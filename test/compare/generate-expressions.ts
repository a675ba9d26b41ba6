/** Random expressions of the script language: every operator and function, on values that keep a link possible. */
import { type Random, tagged } from './random.ts'

/** What an expression may name at its place in the script. */
export interface Scope {
  readonly random: Random
  readonly tag: (feature: string) => void
  /** inside an output section: numbers and the dot are offsets there */
  readonly inSection: boolean
  /** symbols with a value at this point */
  readonly symbols: readonly string[]
  /** symbols that get one later */
  readonly laterSymbols: readonly string[]
  /** output sections before this point, and any of the script */
  readonly sections: readonly string[]
  readonly laterSections: readonly string[]
  readonly regions: readonly string[]
}

const binaryOperators = [
  '+',
  '-',
  '*',
  '&',
  '|',
  '^',
  '<<',
  '>>',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&&',
  '||',
  '/',
  '%',
]

/** An integer as a script may write it. */
export function literal(random: Random, value: number): string {
  return random.weighted([
    [5, `0x${value.toString(16)}`],
    [4, String(value)],
    [1, `0${value.toString(8)}`],
    [value % 1024 === 0 && value > 0 ? 4 : 0, `${value / 1024}${random.pick(['K', 'k'])}`],
    [1, `0X${value.toString(16).toUpperCase()}`],
    [
      1,
      random.pick([
        `$${value.toString(16)}`,
        `0${value.toString(16)}h`,
        `${value}d`,
        `${value.toString(8)}o`,
        `${value.toString(2)}b`,
      ]),
    ],
  ])
}

/** Any value. */
export function expression(scope: Scope, depth = 2): string {
  const { random, tag } = scope
  if (depth <= 0 || random.chance(25)) return leaf(scope)
  return random.weighted<() => string>([
    [8, () => binary(scope, depth)],
    [2, () => unary(scope, depth)],
    [2, () => conditional(scope, depth)],
    [6, () => call(scope, depth)],
    [2, () => leaf(scope)],
    [1, () => tagged(tag, 'parentheses', `(${expression(scope, depth - 1)})`)],
  ])()
}

function leaf(scope: Scope): string {
  const { random, tag } = scope
  return random.weighted<() => string>([
    [5, () => literal(random, random.pick([0, 1, 2, 3, 4, 7, 8, 10, 16, 255, 256, 1024, 4096, 0x1234]))],
    [3, () => tagged(tag, 'dot in expression', '.')],
    [
      scope.symbols.length > 0 ? 5 : 0,
      () => tagged(tag, 'symbol in expression', quoted(random, random.pick(scope.symbols))),
    ],
    [
      scope.laterSymbols.length > 0 ? 1 : 0,
      () => tagged(tag, 'forward reference to a symbol', random.pick(scope.laterSymbols)),
    ],
  ])()
}

/** A name may always stand in quotes. */
function quoted(random: Random, name: string): string {
  return random.chance(6) ? `"${name}"` : name
}

function binary(scope: Scope, depth: number): string {
  const { random, tag } = scope
  const operator = random.pick(binaryOperators)
  tag(`operator ${operator}`)
  const left = operand(scope, depth)
  if (operator === '/' || operator === '%') return `${left} ${operator} ${random.pick(['2', '3', '7', '0x10', '(-3)'])}`
  if (operator === '<<' || operator === '>>') return `${left} ${operator} ${random.pick(['1', '3', '4', '12', '63'])}`
  return `${left} ${operator} ${operand(scope, depth)}`
}

/** Mostly without parentheses, so that precedence is exercised. */
function operand(scope: Scope, depth: number): string {
  const inner = expression(scope, depth - 1)
  return scope.random.chance(35) && inner.includes(' ') ? `(${inner})` : inner
}

function unary(scope: Scope, depth: number): string {
  const operator = scope.random.pick(['-', '~', '!', '+'])
  scope.tag(`unary ${operator}`)
  const inner = expression(scope, depth - 1)
  return `${operator}${scope.random.chance(50) || /^[-+~!]/.test(inner) ? `(${inner})` : inner}`
}

function conditional(scope: Scope, depth: number): string {
  scope.tag('operator ?:')
  const [a, b, c] = [expression(scope, depth - 1), expression(scope, depth - 1), expression(scope, depth - 1)]
  return scope.random.chance(50) ? `(${a} ? ${b} : ${c})` : `${a} ? ${b} : ${c}`
}

function call(scope: Scope, depth: number): string {
  const { random, tag } = scope
  const inner = (): string => expression(scope, depth - 1)
  const power = (): string => literal(random, random.pick([1, 2, 4, 8, 16, 64]))
  const named = (name: string, argument: string): string => tagged(tag, name, `${name}(${argument})`)
  const section = (): string => {
    const later = scope.laterSections.length > 0 && random.chance(15)
    if (later) tag('forward reference to a section')
    return random.pick(later || scope.sections.length === 0 ? scope.laterSections : scope.sections)
  }
  const hasSection = scope.sections.length + scope.laterSections.length > 0 ? 1 : 0
  return random.weighted<() => string>([
    [4 * hasSection, () => named('ADDR', section())],
    [3 * hasSection, () => named('SIZEOF', section())],
    [2 * hasSection, () => named('LOADADDR', section())],
    [1 * hasSection, () => named('ALIGNOF', section())],
    [3, () => named('ALIGN', power())],
    [2, () => tagged(tag, 'ALIGN with two arguments', `ALIGN(${inner()}, ${power()})`)],
    [1, () => named('BLOCK', power())],
    [1, () => named('NEXT', power())],
    [2, () => named('ABSOLUTE', inner())],
    [2, () => named('DEFINED', random.pick([...scope.symbols, ...scope.laterSymbols, 'nobody']))],
    [2, () => tagged(tag, 'MAX', `MAX(${inner()}, ${inner()})`)],
    [2, () => tagged(tag, 'MIN', `MIN(${inner()}, ${inner()})`)],
    [1, () => named('LOG2CEIL', inner())],
    [1, () => named('CONSTANT', random.pick(['MAXPAGESIZE', 'COMMONPAGESIZE']))],
    [1, () => tagged(tag, 'SIZEOF_HEADERS', 'SIZEOF_HEADERS')],
    [1, () => tagged(tag, 'SEGMENT_START', `SEGMENT_START("${random.pick(['text-segment', 'other'])}", ${inner()})`)],
    [1, () => tagged(tag, 'ASSERT in an expression', `ASSERT(1 || ${inner()}, "never")`)],
    [scope.regions.length > 0 ? 3 : 0, () => named('ORIGIN', random.pick(scope.regions))],
    [scope.regions.length > 0 ? 3 : 0, () => named('LENGTH', random.pick(scope.regions))],
  ])()
}

/** A condition that holds, whatever the layout is. */
export function truth(scope: Scope): string {
  const { random } = scope
  const value = expression(scope, 1)
  return random.pick([
    `(${value}) == (${value})`,
    `(${value}) >= 0`,
    `!((${value}) < 0)`,
    `1 || ${value}`,
    `((${value}) | 1) != 0`,
  ])
}
