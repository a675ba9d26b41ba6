import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Span } from '../../grammar/span.ts'
import type { Diagnostic } from '../../src/diag/diagnostic.ts'
import { renderGnu } from '../../src/diag/render-gnu.ts'
import { renderJson } from '../../src/diag/render-json.ts'
import { renderText } from '../../src/diag/render-text.ts'

const text = 'SECTIONS {\n\t.data : { *(.data*) } > RAM\n}\n'
const start = text.indexOf('RAM')
const span: Span = { file: 'layout.ld', start, end: start + 3, line: 2, column: start - 10 }

const options = { program: 'tsld', sourceText: (file: string) => (file === 'layout.ld' ? text : undefined) }
const base: Diagnostic = { code: 'L4101', severity: 'error', message: 'no region RAM', at: { kind: 'none' }, notes: [] }

test('a place in a script comes with its line, marks, notes and fixes', () => {
  const rendered = renderText(
    {
      ...base,
      at: { kind: 'script', span },
      notes: [{ text: 'regions are declared in MEMORY' }, { text: 'like this one', at: { kind: 'script', span } }],
      fix: [{ span, text: 'ROM' }],
    },
    options,
  )
  assert.is(
    rendered,
    `layout.ld:2:26: error L4101: no region RAM
    2 |         .data : { *(.data*) } > RAM
      |                                 ^~~
  note: regions are declared in MEMORY
  layout.ld:2:26: note: like this one
    2 |         .data : { *(.data*) } > RAM
      |                                 ^~~
  fix: at 2:26 write ROM
`,
  )
})

test('a place in an object reads as GNU ld writes it', () => {
  const at = { kind: 'object', file: 'libx.a', member: 'f.o', section: '.text', offset: 18, symbol: 'main' } as const
  assert.is(
    renderText({ ...base, code: 'S3001', message: "undefined reference to `f'", at }, options),
    "tsld: libx.a(f.o): in function `main':\nlibx.a(f.o):(.text+0x12): error S3001: undefined reference to `f'\n",
  )
  assert.is(
    renderText({ ...base, at: { kind: 'object', file: 'a.o', offset: 64 } }, options),
    'tsld: a.o: at file offset 0x40: error L4101: no region RAM\n',
  )
})

test('names are bytes inside and UTF-8 outside; control characters do no harm', () => {
  const name = Buffer.from('größe', 'utf8').toString('latin1')
  assert.match(renderText({ ...base, message: name }, options), 'error L4101: größe')
  const odd = { ...options, sourceText: () => 'a\x1b[31mRAM\r\n' }
  const there = { ...span, start: 6, end: 9, line: 1 }
  assert.match(
    renderText({ ...base, at: { kind: 'script', span: there } }, odd),
    '    1 | a.[31mRAM\n      |       ^~~\n',
  )
})

test('a span beyond the text, or a text that is gone, leaves out the line', () => {
  const far = { kind: 'script', span: { ...span, start: 900, end: 999 } } as const
  assert.is(renderText({ ...base, at: far }, options), 'layout.ld:2:26: error L4101: no region RAM\n')
  const gone = { kind: 'script', span: { ...span, file: 'other.ld' } } as const
  assert.is(renderText({ ...base, at: gone }, options), 'other.ld:2:26: error L4101: no region RAM\n')
})

test('gnu and json forms', () => {
  const diagnostic: Diagnostic = { ...base, at: { kind: 'script', span }, notes: [{ text: 'why' }] }
  assert.is(renderGnu(diagnostic, 'tsld'), 'layout.ld:2:26: error: no region RAM [L4101]\n  note: why\n')
  assert.is(JSON.parse(renderJson(diagnostic)).at.span.line, 2)
})

test.run()
