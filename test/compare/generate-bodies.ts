/** What stands between the braces of an output section: input patterns with their decorations, data, symbols, the dot. */
import type { Piece } from './case.ts'
import { assignment, type Draft, scopeOf } from './generate-draft.ts'
import { expression, literal, truth } from './generate-expressions.ts'
import { tagged } from './random.ts'

/** Statements of a body; `full` is false in an OVERLAY, whose members do without assignments to the dot. */
export function generateBody(draft: Draft, full: boolean): Piece[] {
  const { random } = draft
  const body: Piece[] = []
  const count = random.between(0, 5)
  for (let i = 0; i < count; i++) body.push(statement(draft, full))
  if (random.chance(80)) body.splice(random.below(body.length + 1), 0, { text: inputs(draft) })
  return body
}

function statement(draft: Draft, full: boolean): Piece {
  const { random, tag } = draft
  const scope = scopeOf(draft, true)
  return random.weighted<() => Piece>([
    [6, () => ({ text: inputs(draft) })],
    [5, () => tagged(tag, 'assignment in a section', assignment(draft, scope))],
    [4, () => ({ text: data(draft) })],
    [full ? 3 : 0, () => ({ text: moveDotInside(draft) })],
    [1, () => ({ text: tagged(tag, 'FILL', `FILL(${random.pick(['0xab', '0x00cd', '0x12345678', '0x1 + 2'])})`) })],
    [full ? 1 : 0, () => ({ text: tagged(tag, 'ASSERT in a section', `ASSERT(${truth(scope)}, "holds");`) })],
    [full ? 1 : 0, () => ({ text: tagged(tag, 'PROVIDE in a section', `PROVIDE(inner = ${expression(scope, 1)});`) })],
  ])()
}

function moveDotInside(draft: Draft): string {
  const { random, tag } = draft
  tag('dot moved inside a section')
  return random.weighted<() => string>([
    [4, () => `. = ALIGN(${literal(random, random.pick([2, 4, 8, 16, 32]))});`],
    [4, () => `. = . + ${literal(random, random.pick([1, 3, 8, 0x11]))};`],
    [3, () => `. += ${literal(random, random.pick([1, 2, 9]))};`],
    [1, () => tagged(tag, 'dot set to an offset', `. = ${literal(random, random.pick([0x200, 0x400]))};`)],
    [1, () => `. = ALIGN(. + 1, 8);`],
  ])()
}

function data(draft: Draft): string {
  const { random, tag } = draft
  if (random.chance(8)) return tagged(tag, 'ASCIZ', `ASCIZ "${random.pick(['text', 'a b', 'line\\n', ''])}"`)
  const word = random.pick(['BYTE', 'SHORT', 'LONG', 'QUAD', 'SQUAD'])
  tag(word)
  return `${word}(${expression(scopeOf(draft, true), 2)})${random.pick(['', ';'])}`
}

/** An input section description. */
function inputs(draft: Draft): string {
  const { random, tag } = draft
  const at = random.below(draft.patterns.length)
  const pattern = draft.patterns[at]
  if (random.chance(85)) draft.patterns.splice(at, 1)
  if (draft.patterns.length === 0) draft.patterns.push('*')
  tag('input pattern')
  const words = pattern.split(' ')
  const list = random.weighted<() => string>([
    [10, () => pattern],
    [4, () => sorted(draft, words)],
    [2, () => excluded(draft, words)],
  ])()
  const file = random.weighted<() => string>([
    [12, () => '*'],
    [2, () => tagged(tag, 'file pattern', random.pick(['*a.o', '*b.o', '?.o', '*[!b].o']))],
    [1, () => tagged(tag, 'file name', 'a.o')],
    [1, () => tagged(tag, 'EXCLUDE_FILE before the file', `EXCLUDE_FILE(${random.pick(['*a.o', '*b.o *c.o'])}) *`)],
    [1, () => tagged(tag, 'archive pattern', random.pick(['*lib.a:*', '*lib.a:', ':*']))],
    [
      1,
      () =>
        tagged(
          tag,
          'INPUT_SECTION_FLAGS',
          `INPUT_SECTION_FLAGS(${random.pick(['SHF_WRITE', '!SHF_WRITE', 'SHF_ALLOC & !SHF_EXECINSTR'])}) *`,
        ),
    ],
    [1, () => tagged(tag, 'sorted files', 'SORT_BY_NAME(*)')],
  ])()
  const description = `${file}(${list})`
  return random.chance(12) ? tagged(tag, 'KEEP', `KEEP(${description})`) : description
}

function sorted(draft: Draft, words: readonly string[]): string {
  const { random, tag } = draft
  const inner = words.filter(word => word !== 'COMMON')
  const one = inner[0] ?? '*'
  const name = random.weighted([
    [4, 'SORT'],
    [4, 'SORT_BY_NAME'],
    [4, 'SORT_BY_ALIGNMENT'],
    [2, 'SORT_BY_INIT_PRIORITY'],
    [1, 'SORT_NONE'],
    [1, 'REVERSE'],
  ])
  tag(name)
  if (random.chance(20)) {
    const [outer, nested] = random.pick([
      ['SORT_BY_NAME', 'SORT_BY_ALIGNMENT'],
      ['SORT_BY_ALIGNMENT', 'SORT_BY_NAME'],
      ['REVERSE', 'SORT_BY_NAME'],
    ])
    tag('nested sorts')
    return `${outer}(${nested}(${one}))`
  }
  return [`${name}(${one})`, ...inner.slice(1), ...words.filter(word => word === 'COMMON')].join(' ')
}

function excluded(draft: Draft, words: readonly string[]): string {
  draft.tag('EXCLUDE_FILE in the list')
  return `EXCLUDE_FILE(${draft.random.pick(['*a.o', '*b.o', '*b.o *c.o'])}) ${words.join(' ')}`
}
