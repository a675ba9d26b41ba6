/**
 * Script text as GNU ld's map shows it: every binary operation in parentheses, numbers in hex, sorts with their long
 * names. It says what was understood, not what was written: `. += 4` is shown as `. = (. + 0x4)`.
 */
import { foldConstant } from '../plan/expression.ts'
import type { AssertStatement, AssignStatement, Expression, InputMatch, SectionPattern } from '../plan/plan.ts'

/** The expression; names stand unquoted, what is made of numbers only is one number. */
export function expressionText(e: Expression): string {
  const constant = foldConstant(e)
  if (constant !== undefined) return `0x${constant.toString(16)}`
  switch (e.op) {
    case 'number':
      return `0x${e.value.toString(16)}`
    case 'dot':
      return '.'
    case 'symbol':
      return e.name
    case 'unary':
      if (e.operator === '+') return expressionText(e.operand)
      return `${e.operator} (${expressionText(e.operand)})`
    case 'binary':
      return `(${expressionText(e.left)} ${e.operator} ${expressionText(e.right)})`
    case 'conditional':
      return `${expressionText(e.test)}?${expressionText(e.yes)}:${expressionText(e.no)}`
    case 'absolute':
    case 'log2ceil':
    case 'next':
      return `${e.op.toUpperCase()} (${expressionText(e.operand)})`
    case 'data-segment-end':
      return `DATA_SEGMENT_END (${expressionText(e.operand)})`
    case 'align-dot':
      return `ALIGN (${expressionText(e.operand)})`
    case 'align':
    case 'max':
    case 'min':
    case 'data-segment-align':
      return `${e.op.toUpperCase().replaceAll('-', '_')} (${expressionText(e.left)}, ${expressionText(e.right)})`
    case 'data-segment-relro-end':
      return `DATA_SEGMENT_RELRO_END (${expressionText(e.right)}, ${expressionText(e.left)})`
    case 'addr':
    case 'loadaddr':
    case 'sizeof':
    case 'alignof':
      return `${e.op.toUpperCase()} (${e.section})`
    case 'sizeof-headers':
      return 'SIZEOF_HEADERS'
    case 'defined':
    case 'constant':
      return `${e.op.toUpperCase()} (${e.name})`
    case 'origin':
    case 'length':
      return `${e.op.toUpperCase()} (${e.region})`
    case 'segment-start':
      return `SEGMENT_START ("${e.segment}", ${expressionText(e.fallback)})`
    case 'section-start':
      return expressionText(e.fallback)
    case 'assert':
      return `ASSERT (${expressionText(e.value)}, ${e.message})`
  }
}

/** An assignment or assertion. HIDDEN is not shown, PROVIDE_HIDDEN as PROVIDE. */
export function statementText(statement: AssignStatement | AssertStatement): string {
  if (statement.kind === 'assert') return `ASSERT (${expressionText(statement.value)}, ${statement.message})`
  const { symbol, operator } = statement
  const value = expressionText(statement.value)
  const right = operator === '=' ? value : `(${symbol} ${operator.slice(0, -1)} ${value})`
  return statement.provide ? `PROVIDE (${symbol} = ${right})` : `${symbol} = ${right}`
}

const sortNames: Readonly<Record<string, string>> = {
  name: 'SORT_BY_NAME',
  alignment: 'SORT_BY_ALIGNMENT',
  'init-priority': 'SORT_BY_INIT_PRIORITY',
  none: 'SORT_NONE',
}

/** An input section description; KEEP and INPUT_SECTION_FLAGS are not shown. */
export function matchText(rule: InputMatch): string {
  const { file } = rule
  const archive = file.archive === undefined ? '' : `${file.archive}:`
  let name = file.wholeArchive === true ? archive : archive + file.pattern
  if (file.sort === 'name') name = `SORT_BY_NAME(${name})`
  return `${excludeText(file.exclude)}${name}(${rule.sections.map(patternText).join(' ')})`
}

function patternText(pattern: SectionPattern): string {
  let text = excludeText(pattern.exclude) + pattern.pattern
  if (pattern.reverse === true) text = `REVERSE(${text})`
  // The same key twice sorts as once.
  const keys = pattern.sort.filter((key, i) => key !== pattern.sort[i - 1])
  for (const key of keys.reverse()) text = `${sortNames[key]}(${text})`
  return text
}

function excludeText(files: readonly string[]): string {
  return files.length === 0 ? '' : `EXCLUDE_FILE(${[...files].reverse().join(' ')}) `
}
