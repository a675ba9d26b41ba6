import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { errors, sections } from './brief.ts'

function gives(rows: Readonly<Record<string, string>>): void {
  for (const [text, expected] of Object.entries(rows)) assert.is(sections(text), expected, text)
}

function refused(texts: readonly string[]): void {
  for (const text of texts) assert.ok(errors(`SECTIONS { ${text} }`).length > 0, text)
}

test('every part of an output section', () =>
  gives({
    '.a 0x10 (NOLOAD) : AT(1) ALIGN(2) SUBALIGN(4) ONLY_IF_RO { } >r AT>s :p :q =0x90':
      '(output-section name=.a address=16 type=(section-type keyword=NOLOAD) at=1 align=2 subalign=4 constraint=ONLY_IF_RO phdrs=[p q] region=r loadRegion=s fill=144)',
    '.a : ALIGN_WITH_INPUT { } , .b : { }': '(output-section name=.a alignWithInput=true) (output-section name=.b)',
    '/DISCARD/ : { *(.x) }':
      '(output-section name=/DISCARD/ body=[(input-sections file=(file-pattern name=*) sections=[(section-pattern name=.x)])])',
  }))

test('address and type before the colon', () => {
  gives({
    '.a BIND(1) BLOCK(2) (TYPE = 7) : { }': '(output-section name=.a address=1 block=2 type=(section-type value=7))',
    '.a (READONLY (TYPE = 7)) : { }': '(output-section name=.a type=(section-type keyword=READONLY value=7))',
    '.a (1) + 2 () : { }': '(output-section name=.a address=(binary operator=+ left=1 right=2) type=(section-type))',
  })
  refused(['.a ((NOLOAD)) : { }', '.a (NOLOAD) + 1 : { }', '.a (READONLY TYPE=7) : { }', '.a ONLY_IF_RO : { }'])
})

test('parts of the header have a fixed order', () => {
  assert.equal(errors('SECTIONS { .a : ALIGN(4) AT(1) { } }'), ['S1015'])
  refused(['.a : ONLY_IF_RO SUBALIGN(4) { }', '.a : { } =5 :p', '.a : { } AT> r > q'])
})

test('the token behind a section name is read as between sections', () =>
  gives({
    '.a foo-4 : { } > a-b': '(output-section name=.a address=foo-4 region=a-b)',
    '.a : { } =1 .b-c : { }': '(output-section name=.a fill=1) (output-section name=.b-c)',
    '.a : { } =1+1 /DISCARD/ : { }':
      '(output-section name=.a fill=(binary operator=+ left=1 right=1)) (output-section name=/DISCARD/)',
  }))

test('OVERLAY and GROUP', () => {
  gives({
    'OVERLAY 1 : NOCROSSREFS AT(2) { .a { } :p =1 .b { } } > r':
      '(overlay address=1 noCrossReferences=true at=2 members=[(overlay-member name=.a phdrs=[p] fill=1) (overlay-member name=.b)] region=r)',
    'GROUP 1 : { .a : { } }': '(sections-group address=1 statements=[(output-section name=.a)])',
  })
  refused(['OVERLAY : { .a : { } }', 'OVERLAY : { x = 1; }', 'OVERLAY : { } ;', 'OVERLAY : ALIGN(4) { }'])
})

test('semicolons and commands in SECTIONS', () => {
  assert.equal(errors('SECTIONS { ASSERT(1, "m"); }'), ['S1017'])
  refused([';', 'ENTRY(a);', 'MEMORY { }', 'x = 1', 'x=1;', 'o : { }'])
  gives({
    'ENTRY(a) ASSERT(1, "m") x = 1, KEEP : { }':
      '(entry symbol=a) (assert condition=1 message="m") (assignment form=plain target=x operator== value=1) (output-section name=KEEP)',
  })
})

test.run()
