/** Wording of syntax mistakes: what was found, in which place, what fits there, and how to mend it. */
import { modes } from './modes.ts'
import type { Scanner, Token } from './scanner.ts'
import type { Span, SyntaxProblem, TextEdit } from './span.ts'
import * as tokens from './tokens.ts'

/** Kind of statement list a mistake stands in. */
export type Level =
  | 'top'
  | 'sections'
  | 'section-body'
  | 'overlay'
  | 'memory'
  | 'phdrs'
  | 'version'
  | 'dynamic-list'
  | 'section-order'
  | 'expression'

/** What may stand in such a list, for `expected`. */
export const levelText: Readonly<Record<Level, string>> = {
  top: 'a command, an assignment or `SECTIONS`',
  sections: 'an output section, an assignment or `}`',
  'section-body': 'an input section pattern, an assignment, a data command or `}`',
  overlay: 'a section of the overlay or `}`',
  memory: 'a memory region or `}`',
  phdrs: 'a program header or `}`',
  version: 'a version node',
  'dynamic-list': '`{`',
  'section-order': 'an output section, `:` and `{`',
  expression: 'the end of the expression',
}

const levelPlace: Readonly<Record<Level, string>> = {
  top: 'at the top level of the script',
  sections: 'in SECTIONS',
  'section-body': 'in an output section',
  overlay: 'in OVERLAY',
  memory: 'in MEMORY',
  phdrs: 'in PHDRS',
  version: 'in a version script',
  'dynamic-list': 'in a dynamic list',
  'section-order': 'in a section ordering file',
  expression: 'in an expression',
}

/** The token as a message shows it. */
export function describeToken(token: Token): string {
  if (token.tokenType === tokens.EndOfFile) return 'the end of the file'
  const image = token.image.length > 60 ? token.image.slice(0, 57) + '...' : token.image
  return token.quoted ? `"${image}"` : `\`${image}\``
}

interface Hint {
  readonly code: string
  /** what to point at, when it is not the token that did not fit */
  readonly at?: Token
  readonly message: string
  readonly fix?: readonly TextEdit[]
}

/** The problem for a token that does not fit, with a better message where the mistake is a well-known one. */
export function unexpected(
  scanner: Scanner,
  token: Token,
  previous: Token,
  expected: string | undefined,
  level: Level,
): SyntaxProblem {
  const hint = findHint(scanner, token, previous, expected, level)
  if (hint !== undefined) {
    return {
      code: hint.code,
      severity: 'error',
      message: hint.message,
      span: scanner.spanOf(hint.at ?? token),
      expected,
      fix: hint.fix,
    }
  }
  const found = token.tokenType === tokens.EndOfFile ? 'the file ends' : `unexpected ${describeToken(token)}`
  const wanted = expected === undefined ? '' : `; expected ${expected}`
  return {
    code: token.tokenType === tokens.EndOfFile ? 'S1008' : 'S1007',
    severity: 'error',
    message: `${found} ${levelPlace[level]}${wanted}`,
    span: scanner.spanOf(token),
    expected,
  }
}

function findHint(
  scanner: Scanner,
  token: Token,
  previous: Token,
  expected: string | undefined,
  level: Level,
): Hint | undefined {
  return (
    gluedName(scanner, token, level) ??
    gluedName(scanner, previous, level) ??
    gluedAttribute(scanner, token, previous) ??
    (level === 'sections' ? wrongOrder(token, expected) : undefined) ??
    wrongCase(scanner, token) ??
    wrongCase(scanner, previous) ??
    straySemicolon(scanner, token, expected, level) ??
    noFunction(token, previous, expected) ??
    noColon(scanner, token, previous, level) ??
    shortLength(scanner, token, previous, expected)
  )
}

/** `x=1` and `.text:`: one name where GNU ld reads names with `=` and `:` in them. */
function gluedName(scanner: Scanner, token: Token, level: Level): Hint | undefined {
  if (token.tokenType !== tokens.NameToken || token.quoted) return undefined
  const { image } = token
  const operator = /^([^=:]*[^=:+*/<>&|^-])((?:[-+*/&|^]|<<|>>)?=)(.*)$/.exec(image)
  if (operator !== null && level !== 'overlay') {
    const [, left, sign, right] = operator
    const better = right === '' ? `${left} ${sign}` : `${left} ${sign} ${right}`
    return {
      code: 'S1011',
      at: token,
      message: `\`${image}\` is one name here, because \`=\` may be part of a name; write \`${better}\``,
      fix: [{ span: scanner.spanOf(token), text: right === '' ? better + ' ' : better }],
    }
  }
  const isHeader = level === 'sections' || level === 'memory'
  if (isHeader && image.length > 1 && image.endsWith(':')) {
    const better = image.slice(0, -1) + ' :'
    return {
      code: 'S1012',
      at: token,
      message: `\`${image}\` is one name here, because \`:\` may be part of a name; write \`${better}\``,
      fix: [{ span: scanner.spanOf(token), text: better }],
    }
  }
  if (image.length > 1 && image.endsWith(',')) {
    const better = image.slice(0, -1) + ' , '
    return {
      code: 'S1013',
      at: token,
      message: `\`${image}\` is one name here, because \`,\` may be part of a name; put a space before the comma`,
      fix: [{ span: scanner.spanOf(token), text: better }],
    }
  }
  return undefined
}

/** `x =1` in an output section: `=1` is a file pattern there. */
function gluedAttribute(scanner: Scanner, token: Token, previous: Token): Hint | undefined {
  for (const name of [token, previous]) {
    const found = /^((?:[-+*/&|^])?=)(.+)$/.exec(name.image)
    if (name.quoted || name.tokenType !== tokens.NameToken || found === null) continue
    return {
      code: 'S1014',
      at: name,
      message: `\`${name.image}\` is one name here; an assignment in an output section needs space on both sides of \`${found[1]}\``,
      fix: [{ span: scanner.spanOf(name), text: `${found[1]} ${found[2]}` }],
    }
  }
  return undefined
}

const headerOrder = ['AT', 'ALIGN', 'ALIGN_WITH_INPUT', 'SUBALIGN', 'ONLY_IF_RO', 'ONLY_IF_RW', 'SPECIAL']

function wrongOrder(token: Token, expected: string | undefined): Hint | undefined {
  if (expected !== '`{`' || !headerOrder.includes(token.image)) return undefined
  return {
    code: 'S1015',
    message: `\`${token.image}\` stands too late: the order is AT(…) ALIGN(…) or ALIGN_WITH_INPUT, SUBALIGN(…), ONLY_IF_RO or ONLY_IF_RW, {`,
  }
}

/** `sections {`, `entry(main)`: commands are upper case. */
function wrongCase(scanner: Scanner, token: Token): Hint | undefined {
  if (token.tokenType !== tokens.NameToken || token.quoted || !/^[a-z_]{3,}$/.test(token.image)) return undefined
  const better = token.image.toUpperCase()
  if (tokens.keywordsByMode[token.mode].get(better) === undefined) return undefined
  return {
    code: 'S1016',
    at: token,
    message: `\`${token.image}\` is a plain name; the command is written \`${better}\``,
    fix: [{ span: scanner.spanOf(token), text: better }],
  }
}

/** `x = foo(1);` */
function noFunction(token: Token, previous: Token, expected: string | undefined): Hint | undefined {
  const isCall = token.tokenType === tokens.LeftParen && previous.tokenType === tokens.NameToken && !previous.quoted
  if (!isCall || previous.mode !== modes.expression || expected === undefined) return undefined
  if (token.startOffset !== previous.endOffset) return undefined
  return { code: 'S1023', at: previous, message: `\`${previous.image}\` is no function of the language` }
}

/** `o = 1 l = 2` in MEMORY: behind an expression `l` is a symbol. */
function shortLength(scanner: Scanner, token: Token, previous: Token, expected: string | undefined): Hint | undefined {
  if (expected !== '`LENGTH`' || !['l', 'len'].includes(token.image)) return undefined
  const message = `\`${token.image}\` is a symbol behind an expression; put a comma before it`
  return { code: 'S1025', message, fix: insertBehind(scanner, previous, ',') }
}

/** `.text { … }` */
function noColon(scanner: Scanner, token: Token, previous: Token, level: Level): Hint | undefined {
  if (token.tokenType !== tokens.LeftBrace || level !== 'sections') return undefined
  const message = `\`:\` is missing between ${describeToken(previous)} and \`{\``
  return { code: 'S1024', message, fix: insertBehind(scanner, previous, ' :') }
}

function straySemicolon(scanner: Scanner, token: Token, expected: string | undefined, level: Level): Hint | undefined {
  if (token.tokenType !== tokens.Semicolon || expected !== levelText.sections || level !== 'sections') return undefined
  return {
    code: 'S1017',
    message: 'a `;` of its own is not allowed directly in SECTIONS; ASSERT(…) and ENTRY(…) need none there',
    fix: [{ span: scanner.spanOf(token), text: '' }],
  }
}

/** Fix that puts `text` behind `token`. */
export function insertBehind(scanner: Scanner, token: Token, text: string): readonly TextEdit[] {
  const span: Span = { ...scanner.spanOf(token), start: token.endOffset }
  return [{ span: { ...span, column: span.column + (token.endOffset - token.startOffset) }, text }]
}
