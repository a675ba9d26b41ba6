/** SECTIONS: output sections, their contents, OVERLAY, INSERT. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan } from '../../src/plan/describe.ts'
import type { OutputSectionPlan } from '../../src/plan/plan.ts'
import { compile, compilePieces, planOf } from './support.ts'

function words(text: string): string {
  return describePlan(planOf(text), false).replace(/^statements\n/, '')
}

test('everything around the braces', () => {
  assert.is(
    words('SECTIONS { .a 0x100 (NOLOAD) : AT(ADDR(.a) - 0x80) ALIGN(8) SUBALIGN(4) ONLY_IF_RO { } =0x0090 }'),
    '  section .a, at 0x100, noload, loaded at ADDR (.a) - 0x80, aligned to 8, contents aligned to 4, ' +
      'only if all contents are read-only, gaps filled with 00 90\n',
  )
  assert.is(
    words('SECTIONS { .a () : { } .b (TYPE = SHT_NOTE) : { } .c (READONLY (TYPE = 7 + 1)) : ALIGN_WITH_INPUT { } }'),
    `  section .a
  section .b, type 7
  section .c, readonly, type 7 + 1, load address aligned as the contents
`,
  )
})

test('a section type that is not known matters only without inputs', () => {
  assert.match(compile('SECTIONS { .a (TYPE = SHT_NOET) : { BYTE(1) } }').messages[0], /S1214 .*'SHT_NOTE'/)
  const { messages, report } = compile('SECTIONS { .a (TYPE = SHT_NOET) : { *(.a) } }')
  assert.match(messages[0], /S1215/)
  assert.is(report.errors, 0)
})

test('input patterns', () => {
  assert.is(
    words(`SECTIONS { .a : {
      *(.a .b.*) main.o  KEEP(*(SORT_BY_NAME(SORT_BY_ALIGNMENT(.c))))
      EXCLUDE_FILE(x.o) *(EXCLUDE_FILE(y.o z.o) .d .e)
      lib.a:(.f) :m.o(.g) lib.a:m.o(.h) [ .i ]
      SORT_BY_NAME(*)(.j) *(REVERSE(.k)) INPUT_SECTION_FLAGS(SHF_WRITE & !SHF_TLS) *(.l)
    } }`),
    `  section .a
    *(.a .b.*)
    main.o
    KEEP(*(SORT_BY_NAME(SORT_BY_ALIGNMENT(.c))))
    EXCLUDE_FILE(x.o) *(EXCLUDE_FILE(y.o z.o) .d .e)
    lib.a:(.f)
    :m.o(.g)
    lib.a:m.o(.h)
    *(.i)
    SORT_BY_NAME(*)(.j)
    *(REVERSE(SORT_BY_NAME(.k)))
    *(.l), flags with 0x1 without 0x400
`,
  )
})

test('a file name without wildcard is an input too, a member of an archive is not', () => {
  const [section] = planOf('SECTIONS { .a : { main.o(.a) *.o(.a) lib.a:m.o(.a) } }').statements
  const literal = (section as OutputSectionPlan).items.map(item => item.kind === 'input' && item.file.literal)
  assert.equal(literal, [true, false, false])
})

test('an unknown section flag is a warning, and the pattern matches nothing', () => {
  const { plan, messages, report } = compile('SECTIONS { .a : { INPUT_SECTION_FLAGS(SHF_WRIET) *(.a) } }')
  assert.match(messages[0], /S1216 SHF_WRIET is no section flag; did you mean 'SHF_WRITE'/)
  assert.is(report.errors, 0)
  const item = (plan.statements[0] as OutputSectionPlan).items[0]
  assert.equal(item.kind === 'input' && item.flags, { with: 1, without: 1 })
})

test('data, text, fills and words', () => {
  assert.is(
    words(String.raw`SECTIONS { .a : { BYTE(1) SHORT(2) LONG(.) QUAD(x) SQUAD(-1) ASCIZ "a\q\\n\101\0012\777x\"
      FILL(0x123) FILL(1+1) FILL((0x90)) CREATE_OBJECT_SYMBOLS SORT(CONSTRUCTORS) LINKER_VERSION } }`),
    `  section .a
    1 bytes: 1
    2 bytes: 2
    4 bytes: .
    8 bytes: x
    8 bytes, signed: -1
    bytes 61 71 5c 6e 41 01 32 3f 37 78 00
    from here gaps filled with 01 23
    from here gaps filled with the word 2
    from here gaps filled with 90
    a symbol for each input file
    constructors (nothing in ELF)
    the linker's version, when asked for
`,
  )
})

test('assignments and assertions at every level', () => {
  assert.is(
    words(
      'a = 1; SECTIONS { . += 4; .a : { b |= .; PROVIDE(c = 1); ASSERT(b, "no b"); } HIDDEN(d = SIZEOF(.a)); } PROVIDE_HIDDEN(e = a ? b : c);',
    ),
    `  a = 1
  . += 4
  section .a
    b |= .
    c = 1, if needed and not defined
    assert b: "no b"
  d = SIZEOF (.a), hidden
  e = a ? b : c, if needed and not defined, hidden
`,
  )
})

test('sections of one name and GROUP stay statements of their own', () => {
  assert.is(
    words('SECTIONS { .a : { x = 1; } } SECTIONS { .a : { y = 2; } GROUP 0x100 : { .b : {} } ENTRY(z) }'),
    `entry z
statements
  section .a
    x = 1
  section .a
    y = 2
  . = 0x100
  section .b
`,
  )
})

test('OVERLAY becomes output sections at one address', () => {
  assert.is(
    words(
      'SECTIONS { OVERLAY 0x1000 : NOCROSSREFS AT(0x9000) SUBALIGN(4) { .o1 { x = .; } .o2 { } =0x11 .o.3 { } } =0x22 }',
    ),
    `  section .o1, at 0x1000, loaded at 0x9000, contents aligned to 4, gaps filled with 22, overlay 1
    x = .
  __load_start_o1 = LOADADDR (.o1), if needed and not defined
  __load_stop_o1 = LOADADDR (.o1) + SIZEOF (.o1), if needed and not defined
  section .o2, at ADDR (.o1), contents aligned to 4, gaps filled with 11, overlay 1
  __load_start_o2 = LOADADDR (.o2), if needed and not defined
  __load_stop_o2 = LOADADDR (.o2) + SIZEOF (.o2), if needed and not defined
  section .o.3, at ADDR (.o1), contents aligned to 4, gaps filled with 22, overlay 1, location counter then ADDR (.o1) + MAX (MAX (MAX (0, SIZEOF (.o1)), SIZEOF (.o2)), SIZEOF (.o.3))
  __load_start_o3 = LOADADDR (.o.3), if needed and not defined
  __load_stop_o3 = LOADADDR (.o.3) + SIZEOF (.o.3), if needed and not defined
forbidden references
  among .o1 .o2 .o.3
`,
  )
})

const base = planOf(
  'ENTRY(_start) SECTIONS { s = 1; . = 0x100; .a : {} a_end = .; . = 0x200; .b : {} b_end = .; .c : {} }',
)

function inserted(text: string): string[] {
  const { plan, messages } = compile(text, { base })
  assert.equal(messages, [])
  return plan.statements.map(s => (s.kind === 'output-section' ? s.name : s.kind === 'assign' ? s.symbol : s.kind))
}

test('INSERT goes behind the symbols of a section and in front of the next location', () => {
  assert.equal(inserted('SECTIONS { .z : {} } INSERT AFTER .a;').join(' '), 's . .a a_end .z . .b b_end .c')
  assert.equal(inserted('SECTIONS { .z : {} } INSERT AFTER .b').join(' '), 's . .a a_end . .b b_end .z .c')
  assert.equal(inserted('SECTIONS { .z : {} } INSERT AFTER .c').join(' '), 's . .a a_end . .b b_end .c .z')
  assert.equal(inserted('SECTIONS { .z : {} } INSERT BEFORE .a').join(' '), 's . .z .a a_end . .b b_end .c')
  assert.equal(inserted('SECTIONS { .z : {} } INSERT BEFORE .b').join(' '), 's . .a a_end .z . .b b_end .c')
  assert.equal(
    inserted('x = 1; SECTIONS { .z : {} } y = 2; INSERT AFTER .a; SECTIONS { .w : {} } INSERT BEFORE .z; v = 3;').join(
      ' ',
    ),
    'v s . .a a_end x .w .z y . .b b_end .c',
  )
})

test('with INSERT the default layout is kept, without it is gone', () => {
  assert.is(compile('SECTIONS { .z : {} } INSERT AFTER .a', { base }).plan.target.entry?.symbol, '_start')
  assert.is(compile('x = 1;', { base }).plan.statements.length, 1)
  assert.is(
    compilePieces([{ kind: 'defsym', text: 'x=1' }], { base }).plan.statements.length,
    base.statements.length + 1,
  )
  const both = compilePieces(
    [
      { kind: 'script', name: 'a.ld', text: 'SECTIONS { .p : {} .q : {} }' },
      { kind: 'script', name: 'b.ld', text: 'x = 1;' },
    ],
    { base },
  )
  assert.is(both.plan.statements.length, 3)
})

test('ids are unique, with a base too', () => {
  const { plan } = compile('SECTIONS { .z : { *(.z) x = 1; } } INSERT AFTER .a', { base })
  const ids = plan.statements.flatMap(s => [s.id, ...(s.kind === 'output-section' ? s.items.map(item => item.id) : [])])
  assert.is(new Set(ids).size, ids.length)
})

test('an anchor that does not exist', () => {
  assert.match(compile('SECTIONS { .z : {} } INSERT AFTER .nope', { base }).messages[0], /t.ld:1:22 S1204 .*\.nope/)
  assert.match(compile('SECTIONS { .z : {} } INSERT AFTER .z', { base }).messages[0], /S1204/)
})

test.run()
