import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { body, errors } from './brief.ts'

function gives(rows: Readonly<Record<string, string>>): void {
  for (const [text, expected] of Object.entries(rows)) assert.is(body(text), expected, text)
}

function refused(texts: readonly string[]): void {
  for (const text of texts) assert.ok(errors(`SECTIONS { .q : { ${text} } }`).length > 0, text)
}

function accepted(texts: readonly string[]): void {
  for (const text of texts) assert.equal(errors(`SECTIONS { .q : { ${text} } }`), [], text)
}

test('input section descriptions', () =>
  gives({
    '*(.text .text.*)':
      '(input-sections file=(file-pattern name=*) sections=[(section-pattern name=.text) (section-pattern name=.text.*)])',
    'KEEP(*(SORT(.x)))':
      '(input-sections keep=true file=(file-pattern name=*) sections=[(section-pattern name=.x sorts=[name])])',
    'a.o': '(input-sections file=(file-pattern name=a.o))',
    '[ .a .b ]': '(input-sections sections=[(section-pattern name=.a) (section-pattern name=.b)])',
    'lib.a:x.o(.t)':
      '(input-sections file=(file-pattern name=lib.a:x.o archive=lib.a member=x.o) sections=[(section-pattern name=.t)])',
    '*(".a b")': '(input-sections file=(file-pattern name=*) sections=[(section-pattern name=".a b")])',
  }))

test('EXCLUDE_FILE for all patterns and for the next one', () =>
  gives({
    'EXCLUDE_FILE(*a.o b.o) *(.t)':
      '(input-sections file=(file-pattern name=* excluded=[*a.o b.o]) sections=[(section-pattern name=.t)])',
    '*(EXCLUDE_FILE(a.o) .t .u)':
      '(input-sections file=(file-pattern name=*) sections=[(section-pattern name=.t excluded=[a.o]) (section-pattern name=.u)])',
  }))

test('sorts of sections and files', () => {
  gives({
    '*(SORT_BY_NAME(SORT_BY_ALIGNMENT(REVERSE(.x))))':
      '(input-sections file=(file-pattern name=*) sections=[(section-pattern name=.x sorts=[name alignment] reversed=true)])',
    'REVERSE(SORT(*))(.x)':
      '(input-sections file=(file-pattern name=* sort=name reversed=true) sections=[(section-pattern name=.x)])',
  })
  accepted(['*(SORT_NONE(REVERSE(.x)))', '*(REVERSE(SORT_BY_INIT_PRIORITY(.x)))', 'SORT_NONE(REVERSE(*))(.x)'])
  refused(['*(SORT(.a .b))', '*(REVERSE(SORT_BY_ALIGNMENT(.x)))', '*(SORT(SORT_NONE(.x)))', '*(REVERSE(REVERSE(.x)))'])
  refused(['SORT_BY_ALIGNMENT(*)(.x)', 'SORT(*)', 'REVERSE(SORT_NONE(*))(.x)', 'EXCLUDE_FILE(a) SORT(*)(.x)'])
})

test('INPUT_SECTION_FLAGS', () => {
  gives({
    'INPUT_SECTION_FLAGS(SHF_A & !SHF_B) *(.x)':
      '(input-sections flags=[(section-flag name=SHF_A) (section-flag name=SHF_B negated=true)] file=(file-pattern name=*) sections=[(section-pattern name=.x)])',
  })
  accepted(['KEEP(INPUT_SECTION_FLAGS(SHF_WRITE) *(.data))'])
  refused(['INPUT_SECTION_FLAGS(SHF_WRITE) KEEP(*(.data))', 'KEEP(KEEP(*(.x)))'])
})

test('data statements', () => {
  gives({
    'LONG(1) ASCIZ "a" FILL(2);': '(data command=LONG value=1) (asciz text="a") (fill value=2)',
    'SQUAD(-1);': '(data command=SQUAD value=(unary operator=- operand=1))',
    'SORT(CONSTRUCTORS) CREATE_OBJECT_SYMBOLS LINKER_VERSION':
      '(constructors sorted=true) (create-object-symbols) (linker-version)',
  })
  refused(['LONG', 'ASCIZ("a")', 'BYTE()'])
})

test('assignments need space on both sides and a separator', () => {
  gives({
    'x += 4;': '(assignment form=plain target=x operator=+= value=4)',
    'PROVIDE(a = .);': '(assignment form=PROVIDE target=a operator== value=.)',
    '. <<=5;': '(assignment form=plain target=. operator=<<= value=5)',
    'x =.;':
      'warning S1014 1:21\n(sections statements=[(output-section name=.q body=[(input-sections file=(file-pattern name=x)) (input-sections file=(file-pattern name==.))])])',
  })
  refused(['x = 5', 'PROVIDE(x =5);', 'ASSERT(1, "m")'])
  accepted(['x = 5,', 'ASSERT(1, "m"),'])
})

test('a comment glued to a pattern is part of it', () => {
  gives({ '*(.s/*c*/)': '(input-sections file=(file-pattern name=*) sections=[(section-pattern name=.s/*c*/)])' })
})

test.run()
