// biome-ignore-all lint/suspicious/noTemplateCurlyInString: names of the language hold these
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  parseDefinition,
  parseDynamicList,
  parseExpression,
  parseScript,
  parseSectionOrder,
  parseVersionScript,
} from '../../grammar/index.ts'
import { keywords } from '../../grammar/keywords.ts'
import { visit } from '../../grammar/walk.ts'

const seed = Number(process.env.FUZZ_SEED ?? 20240614)
let state = seed
/** A number below `limit`, from a small generator with a known seed. */
function random(limit: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * limit)
}

const pieces = [
  ...keywords.map(row => row.word),
  ...'( ) { } [ ] ; , : ? = += <<= ! ~ + - * / % & && | || < > >> == .. @ @x ${ ${a} " "n" /* */ # \n \r\n \0 \xff'.split(
    ' ',
  ),
  '.text',
  '*',
  '*(.x)',
  'a',
  'x = 1;',
  '.a : { *(.b) }',
  '0x10',
  '10K',
  '$ff',
  '0ffh',
  ' ',
  ' ',
  ' ',
  '-lx',
  'global:',
  '\n',
]

function parseAll(text: string): void {
  for (const context of ['top', 'sections', 'section-body', 'memory', 'phdrs', 'version'] as const) {
    const { tree, problems } = parseScript(text, 'f', context)
    let nodes = 0
    visit(tree, node => {
      nodes++
      const { start, end, line, column } = node.span
      assert.ok(
        start >= 0 && end >= start && end <= text.length && line > 0 && column > 0,
        `${node.kind} ${start}..${end}`,
      )
      return true
    })
    assert.ok(nodes > 0)
    for (const { span } of problems) assert.ok(span.start >= 0 && span.end <= text.length && span.line > 0)
  }
  parseVersionScript(text, 'f')
  parseDynamicList(text, 'f')
  parseSectionOrder(text, 'f')
  parseDefinition(text, 'f')
  parseExpression(text, 'f')
  parseExpression(text, 'f', true)
}

function tried(text: string): void {
  try {
    parseAll(text)
  } catch (problem) {
    throw new Error(`seed ${seed}, text ${JSON.stringify(text)}: ${String(problem)}`)
  }
}

test(`token soup never throws (seed ${seed})`, () => {
  for (let i = 0; i < 400; i++) {
    const glue = random(2) === 0 ? ' ' : ''
    tried(Array.from({ length: 1 + random(40) }, () => pieces[random(pieces.length)]).join(glue))
  }
})

test('bytes never throw', () => {
  for (let i = 0; i < 200; i++) {
    tried(Array.from({ length: random(60) }, () => String.fromCharCode(random(256))).join(''))
  }
})

const whole = `@tsld 1; ENTRY(a) MEMORY { r (rx) : ORIGIN = 0x1000, LENGTH = 4K } PHDRS { t PT_LOAD FLAGS(5); }
SECTIONS { . = ALIGN(4) + 1; .a 1 (NOLOAD) : AT(2) SUBALIGN(4) { *(SORT(.a.*) .b) KEEP(lib.a:x(.c)) LONG(1) } >r :t =0x90
OVERLAY : { .x { *(.x) } } @if (a) { .y\${b} : { } } @else { } @for (i in 0 .. 2) { } @note .n "O" type 1 { BYTE(1) } }
VERSION { V1 { global: a; extern "C" { b; }; local: *; }; } INPUT(a -lb AS_NEEDED(c)) /* c */ # d`

test('every truncation and single deletion of a script never throws', () => {
  assert.equal(parseScript(whole, 'f').problems, [])
  for (let i = 0; i <= whole.length; i += 3) tried(whole.slice(0, i))
  for (let i = 0; i < whole.length; i += 5) tried(whole.slice(0, i) + whole.slice(i + 1))
})

test('deep nesting and long junk end soon, with a mistake', () => {
  const many = 1_000_000
  const texts = [
    'x = ' + '('.repeat(many),
    'x = ' + '-'.repeat(many) + '1;',
    'x = ' + '1+'.repeat(many) + '1;',
    '{'.repeat(many),
    '}'.repeat(many),
    'x = ' + '1?'.repeat(many),
    '= '.repeat(many),
    'SECTIONS { ' + 'GROUP 0 : { '.repeat(100_000),
    '@tsld 1; ' + '@if (a) { '.repeat(100_000),
    'INPUT(' + 'AS_NEEDED('.repeat(100_000),
    '@tsld 1; ' + '${'.repeat(20_000),
    '\xff'.repeat(many),
    'x = ' + 'ALIGN('.repeat(100_000),
    '@tsld 1; ' + '@if (a) { } @else '.repeat(50_000),
    '"' + 'a"'.repeat(many),
  ]
  for (const text of texts) {
    const start = process.hrtime.bigint()
    const { problems } = parseScript(text, 'f')
    const seconds = Number(process.hrtime.bigint() - start) / 1e9
    assert.ok(problems.length > 0 && problems.length <= 100, text.slice(0, 20))
    assert.ok(seconds < 5, `${text.slice(0, 20)} took ${seconds} s`)
  }
})

test.run()
