import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseScript } from '../../grammar/index.ts'
import type { TextEdit } from '../../grammar/span.ts'

function problems(text: string): string[] {
  return parseScript(text, 't.ld').problems.map(p => `${p.span.line}:${p.span.column} ${p.code} ${p.message}`)
}

/** The text after the edits of all fixes. */
function mended(text: string): string {
  const edits: TextEdit[] = parseScript(text, 't.ld').problems.flatMap(p => p.fix ?? [])
  edits.sort((a, b) => b.span.start - a.span.start)
  return edits.reduce((all, e) => all.slice(0, e.span.start) + e.text + all.slice(e.span.end), text)
}

test('many mistakes in one run', () => {
  const text = `ENTRY foo
MEMORY { ROM : ORIGIN=0x1000, LENGTH = 4K
  RAM : org = 5, len = 6 }
x=1;
y = 3
SECTIONS {
  .text: { *(.text) }
  .data : ALIGN(16) AT(4) { *(.data) } > RAM
  .bss { *(.bss) } > RAM AT> ROM :x =4
  .ok : {
    *(.text
    *(.foo)
    ASSERT(1, "x")
    *(SORT(.a .b))
    a = b + ;
    BYTE(7)
  }
  ASSERT(1, "x");
  p = 1 ? 2;
  .r : { LONG(foo(1)) } > RAM
}
PHDRS { t PT_LOAD }
SECTIONS { .z : { *(.z`
  assert.equal(problems(text), [
    '1:7 S1007 unexpected `foo` at the top level of the script; expected `(`',
    '2:16 S1011 `ORIGIN=0x1000,` is one name here, because `=` may be part of a name; write `ORIGIN = 0x1000,`',
    '4:1 S1011 `x=1` is one name here, because `=` may be part of a name; write `x = 1`',
    '5:5 S1010 `;` is missing behind `3`',
    '7:3 S1012 `.text:` is one name here, because `:` may be part of a name; write `.text :`',
    '8:21 S1015 `AT` stands too late: the order is AT(…) ALIGN(…) or ALIGN_WITH_INPUT, SUBALIGN(…), ONLY_IF_RO or ONLY_IF_RW, {',
    '9:8 S1024 `:` is missing between `.bss` and `{`',
    '12:6 S1007 unexpected `(` in an output section; expected `)`',
    '13:18 S1010 `;` is missing behind `)`',
    '14:15 S1007 unexpected `.b` in an output section; expected `)`; a SORT holds one pattern',
    '15:13 S1007 unexpected `;` in an output section; expected a value',
    '18:17 S1017 a `;` of its own is not allowed directly in SECTIONS; ASSERT(…) and ENTRY(…) need none there',
    '19:12 S1007 unexpected `;` in SECTIONS; expected `:`',
    '20:15 S1023 `foo` is no function of the language',
    '22:19 S1007 unexpected `}` in PHDRS; expected `;`',
    '23:23 S1008 the file ends in an output section; expected `)`',
  ])
})

test('what was right is still in the tree', () => {
  const { tree } = parseScript('SECTIONS { .a : { *(.a) BYTE( *(.b) } .b ALGN(4) { } .c : { *(.c', 't.ld')
  const block = tree.statements[0]
  assert.is(block.kind, 'sections')
  if (block.kind !== 'sections') return
  assert.equal(
    block.statements.map(s => s.kind === 'output-section' && s.name.text),
    ['.a', '.c'],
  )
})

test('fixes make the text right', () => {
  const rows = {
    'x=1;': 'x = 1;',
    'y = 3\nz = 4;': 'y = 3;\nz = 4;',
    'sections { }': 'SECTIONS { }',
    'SECTIONS { .text: { } }': 'SECTIONS { .text : { } }',
    'SECTIONS { .text { } }': 'SECTIONS { .text : { } }',
    'SECTIONS { ASSERT(1, "m"); }': 'SECTIONS { ASSERT(1, "m") }',
    'SECTIONS { .a : { x =.; } }': 'SECTIONS { .a : { x = .; } }',
    'INPUT(a.o, b.o)': 'INPUT(a.o b.o)',
    'MEMORY { a : o = 1 l = 2 }': 'MEMORY { a : o = 1, l = 2 }',
    '@const A = 1;': '@tsld 1;\n@const A = 1;',
  }
  for (const [text, expected] of Object.entries(rows)) {
    assert.is(mended(text), expected)
    assert.equal(problems(expected), [], expected)
  }
})

test('unclosed blocks are reported once and keep the tree', () => {
  const { tree, problems: found } = parseScript('SECTIONS {\n .a : {\n *(.a)\n', 't.ld')
  assert.equal(
    found.map(p => p.message),
    ['the `{` of line 2 is never closed'],
  )
  assert.is(tree.statements.length, 1)
})

test('comments are kept; any bytes, CRLF, no end', () => {
  const { comments, problems: none } = parseScript('/* \0\xff */ x = 1; # y\r\nz = 2; /**/', 't.ld')
  assert.equal(
    comments.map(c => c.text),
    ['/* \0\xff */', '# y', '/**/'],
  )
  assert.equal(none, [])
  assert.is(comments[2].span.line, 2)
  assert.equal(
    problems('x = 1;\n /* open').map(p => p.slice(0, 9)),
    ['2:2 S1002'],
  )
})

test('places are exact', () => {
  const { tree } = parseScript('\n\r\n  x = (1 +\n 2);', 't.ld')
  assert.equal(tree.statements[0].span, { file: 't.ld', start: 5, end: 17, line: 3, column: 3 })
})

test.run()
