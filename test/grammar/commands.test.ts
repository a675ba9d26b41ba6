import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseScript } from '../../grammar/index.ts'
import { errors, script } from './brief.ts'

function gives(rows: Readonly<Record<string, string>>): void {
  for (const [text, expected] of Object.entries(rows)) assert.is(script(text), expected, text)
}

function refused(texts: readonly string[]): void {
  for (const text of texts) assert.ok(errors(text).length > 0, text)
}

test('commands of one name', () => {
  gives({
    'ENTRY(a+b)': '(entry symbol=a+b)',
    'STARTUP(a.o) OUTPUT(x) OUTPUT_ARCH(i386:x86-64) TARGET(t) MAP(m)':
      '(startup file=a.o)\n(output file=x)\n(output-arch arch=i386:x86-64)\n(target target=t)\n(map file=m)',
    'SEARCH_DIR("=/x") LD_FEATURE("SANE_EXPR")': '(search-dir directory="=/x")\n(ld-feature feature="SANE_EXPR")',
  })
  refused(['ENTRY(5)', 'ENTRY()', 'SEARCH_DIR(a b)', 'SEARCH_DIR(=/x)'])
})

test('INPUT, GROUP, AS_NEEDED', () => {
  gives({
    'INPUT(a.o -lb =/c.o , "d e")':
      '(input files=[(input-file name=a.o) (input-file name=b library=true) (input-file name==/c.o) (input-file name="d e")])',
    'GROUP(a AS_NEEDED(b -lc))':
      '(group files=[(input-file name=a) (as-needed files=[(input-file name=b) (input-file name=c library=true)])])',
    'INPUT(a.o, b.o)': 'warning S1013 1:7\n(input files=[(input-file name=a.o,) (input-file name=b.o)])',
  })
  refused(['INPUT()', 'INPUT( , a)', 'GROUP(AS_NEEDED())'])
})

test('commands of several names', () => {
  gives({
    'OUTPUT_FORMAT("a","b","c")': '(output-format format="a" bigEndian="b" littleEndian="c")',
    'EXTERN(a b, c)': '(extern symbols=[a b c])',
    'REGION_ALIAS("a", b)': '(region-alias alias="a" region=b)',
    'NOCROSSREFS(.a .b) NOCROSSREFS_TO(.a , .b)':
      '(no-cross-references sections=[.a .b])\n(no-cross-references toFirst=true sections=[.a .b])',
    'INSERT AFTER .a;': '(insert position=AFTER section=.a)',
    'HLL() SYSLIB(a b) FLOAT NOFLOAT':
      '(historic command=HLL)\n(historic command=SYSLIB files=[a b])\n(historic command=FLOAT)\n(historic command=NOFLOAT)',
    'FORCE_COMMON_ALLOCATION;': '(allocation command=FORCE_COMMON_ALLOCATION)',
  })
  refused(['OUTPUT_FORMAT(a, b, c)', 'OUTPUT_FORMAT("a","b")', 'EXTERN()', 'EXTERN(a-b)', 'INSERT .a'])
})

test('MEMORY', () => {
  gives({
    'MEMORY { a (rw !x) : ORIGIN = 1 LENGTH = 2 b-c : o = x-y, l = 3 }':
      '(memory statements=[(memory-region name=a attributes=[(memory-attributes letters=rw) (memory-attributes letters=x inverted=true)] origin=1 length=2) (memory-region name=b-c origin=(binary operator=- left=x right=y) length=3)])',
  })
  refused([
    'MEMORY { a : o = x-y l = 3 }',
    'MEMORY { a : ORIGIN=1, LENGTH = 2 }',
    'MEMORY { a: o = 1, l = 2 }',
    'MEMORY { a : l = 1, o = 2 }',
  ])
  refused(['MEMORY { a () : o = 1, l = 2 }', 'MEMORY { o : o = 1, l = 1 }', 'MEMORY { a : o = 1, l = 2; }'])
})

test('PHDRS', () => {
  gives({
    'PHDRS { a PT_LOAD FILEHDR AT(5) FLAGS(6); b 1+2; }':
      '(phdrs statements=[(program-header name=a type=PT_LOAD qualifiers=[(program-header-qualifier name=FILEHDR) (program-header-qualifier name=AT value=5) (program-header-qualifier name=FLAGS value=6)]) (program-header name=b type=(binary operator=+ left=1 right=2))])',
  })
  refused(['PHDRS { a PT_LOAD }', 'PHDRS { ; }', 'PHDRS { a ; }', 'PHDRS { x = 1; }'])
})

test('assignments at the top level', () => {
  gives({
    'x = 1; y =2; "a b" ^= 3, HIDDEN(z = 4);':
      '(assignment form=plain target=x operator== value=1)\n(assignment form=plain target=y operator== value=2)\n(assignment form=plain target="a b" operator=^= value=3)\n(assignment form=HIDDEN target=z operator== value=4)',
    'KEEP = 1; NOLOAD = 2;':
      '(assignment form=plain target=KEEP operator== value=1)\n(assignment form=plain target=NOLOAD operator== value=2)',
  })
  refused(['x=1;', 'x = 1', 'ORIGIN = 1;', 'o = 1;', '$ff = 1;', 'x = y = 1;', 'x = MAX(1);', 'x = NOLOAD;'])
})

test('characters without a meaning are skipped with a warning', () =>
  gives({
    'x ?= 1;': 'warning S1001 1:3\n(assignment form=plain target=x operator== value=1)',
    '@x = 1;': 'warning S1004 1:1\n(assignment form=plain target=x operator== value=1)',
  }))

test('INCLUDE keeps its place', () => {
  gives({ 'INCLUDE a-b.ld': '(include file=a-b.ld)' })
  const piece = parseScript('*(.text) BYTE(1)', 'i.ld', 'section-body')
  assert.equal(piece.problems, [])
  assert.is(piece.tree.statements.length, 2)
  assert.is(parseScript('a : o = 1, l = 2', 'i.ld', 'memory').tree.statements[0].kind, 'memory-region')
  assert.is(parseScript('.x : { }', 'i.ld', 'sections').tree.statements[0].kind, 'output-section')
  assert.is(parseScript('.x : { } }', 'i.ld', 'sections').problems.length, 1)
})

test.run()
