/** Shows a tree as short text, for tests. */
import type { Node } from '../../grammar/ast.ts'
import { parseExpression, parseScript } from '../../grammar/index.ts'

/** `(kind key=value (child) …)`, without spans and default values. */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return '[' + value.map(brief).join(' ') + ']'
  if (typeof value === 'bigint') return value < 1000n ? String(value) : '0x' + value.toString(16)
  if (typeof value !== 'object' || value === null) return String(value)
  const node = value as Node
  if (node.kind === 'name') return nameText(value as { text: string; quoted: boolean })
  if (node.kind === 'symbol') return brief((value as { name?: unknown }).name)
  if (node.kind === 'dot') return '.'
  if (node.kind === 'number') return brief((value as { value?: unknown }).value)
  const parts = Object.entries(value).flatMap(([key, each]) => {
    const isDefault = each === undefined || each === false || (Array.isArray(each) && each.length === 0)
    if (isDefault || ['kind', 'span', 'nameSpan', 'context', 'parentheses'].includes(key)) return []
    return [`${key}=${brief(each)}`]
  })
  return `(${[node.kind, ...parts].join(' ')})`
}

function nameText(name: { text: string; quoted: boolean }): string {
  return name.quoted ? `"${name.text}"` : name.text
}

/** The statements of a script in short; problems first, when there are any. */
export function script(text: string): string {
  const { tree, problems } = parseScript(text, 't.ld')
  return [
    ...problems.map(p => `${p.severity} ${p.code} ${p.span.line}:${p.span.column}`),
    ...tree.statements.map(brief),
  ].join('\n')
}

/** The codes of errors of a script. */
export function errors(text: string): string[] {
  return parseScript(text, 't.ld').problems.flatMap(p => (p.severity === 'error' ? [p.code] : []))
}

/** The statements inside SECTIONS { }. */
export function sections(text: string): string {
  return script(`SECTIONS { ${text} }`).replace(/^\(sections statements=\[(.*)\]\)$/s, '$1')
}

/** The statements inside an output section. */
export function body(text: string): string {
  return sections(`.q : { ${text} }`).replace(/^\(output-section name=\.q body=\[(.*)\]\)$/s, '$1')
}

/** An expression in short. */
export function expression(text: string): string {
  const { tree, problems } = parseExpression(text, 't')
  return problems.length > 0
    ? problems.map(p => p.code).join(' ')
    : operators(tree as unknown as Record<string, unknown>)
}

/** Operators as `(+ a b)`. */
function operators(node: Record<string, unknown>): string {
  const below = (key: string): string => operators(node[key] as Record<string, unknown>)
  switch (node.kind) {
    case 'binary':
      return `(${node.operator} ${below('left')} ${below('right')})`
    case 'unary':
      return `(${node.operator} ${below('operand')})`
    case 'conditional':
      return `(? ${below('condition')} ${below('whenTrue')} ${below('whenFalse')})`
    case 'name-function':
      return `(${node.function} ${brief(node.name)})`
    case 'value-function':
      return `(${[node.function, ...(node.arguments as Record<string, unknown>[]).map(operators)].join(' ')})`
    default:
      return brief(node)
  }
}
