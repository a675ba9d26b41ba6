// biome-ignore-all lint/suspicious/noTemplateCurlyInString: names of the language hold these
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseScript } from '../../grammar/index.ts'
import { script } from './brief.ts'

function gives(rows: Readonly<Record<string, string>>): void {
  for (const [text, expected] of Object.entries(rows)) {
    assert.is(script('@tsld 1; ' + text).replace('(tsld version=1)\n', ''), expected, text)
  }
}

test('@param and @const', () =>
  gives({
    '@param BOOT : bool = true;': '(param name=BOOT type=bool value=(boolean value=true))',
    '@const SIZE : size = 2G;': '(const name=SIZE type=size value=0x80000000)',
    '@param BOARD = "x";': '(param name=BOARD value=(string value=x))',
  }))

test('@if and @else at every level', () => {
  gives({
    '@if (a) { x = 1; } @else @if (b) { } @else { ENTRY(s) }':
      '(if condition=a then=(block statements=[(assignment form=plain target=x operator== value=1)]) otherwise=(if condition=b then=(block) otherwise=(block statements=[(entry symbol=s)])))',
  })
  const levels = [
    'MEMORY { @if (a) { r : o = 1, l = 2 } }',
    'PHDRS { @if (a) { t PT_LOAD; } @else { } }',
    'SECTIONS { @if (a) { .x : { @if (b) { BYTE(1) } @else { *(.x) } } } }',
    'VERSION { @if (a) { V1 { x; }; } }',
  ]
  for (const text of levels) assert.equal(parseScript('@tsld 1; ' + text, 't').problems, [], text)
})

test('@for, @define, @use and names made of values', () =>
  gives({
    'SECTIONS { @for (i in 0 .. 3) { .b${i} : { } } }':
      '(sections statements=[(for variable=i range=(range first=0 last=3) body=(block statements=[(output-section name=.b${i})]))])',
    'SECTIONS { @for (i in 1, 2) { } }':
      '(sections statements=[(for variable=i range=(list values=[1 2]) body=(block))])',
    '@define f(a, b = "R") { .${a} : { } > ${b} }':
      '(define name=f parameters=[(define-parameter name=a) (define-parameter name=b value=(string value=R))] body=(block statements=[(output-section name=.${a} region=${b})]))',
    '@define m(a) memory { x : o = a, l = 1 }':
      '(define name=m parameters=[(define-parameter name=a)] body=(block statements=[(memory-region name=x origin=a length=1)]))',
    '@use f("x", 4);': '(extension name=use arguments=[(extension-call name=f arguments=[(string value=x) 4])])',
  }))

test('the pieces of a name with values', () => {
  const { tree } = parseScript('@tsld 1; .a${x + 1}b = 1;', 't')
  const statement = tree.statements[1]
  assert.is(statement.kind, 'assignment')
  if (statement.kind !== 'assignment') return
  assert.equal(
    statement.target.parts?.map(part => (part.kind === 'text' ? part.text : part.expression.kind)),
    ['.a', 'binary', 'b'],
  )
})

test('@include with arguments', () =>
  gives({
    '@include "a.ld" (ram = 0x2000_0000, heap = 8K);':
      '(extension-include file=(string value=a.ld) arguments=[(named-argument name=ram value=0x20000000) (named-argument name=heap value=0x2000)])',
    '@include_optional "b.ld";': '(extension-include optional=true file=(string value=b.ld))',
  }))

test('@tsld at the head of a file included elsewhere', () => {
  const { tree, problems } = parseScript('@tsld 1; .x : { }', 't', 'sections')
  assert.equal(problems, [])
  assert.equal(
    tree.statements.map(s => s.kind),
    ['output-section'],
  )
  assert.is(tree.tsld?.version.kind, 'number')
})

test('statements with arguments and blocks', () =>
  gives({
    '@segment text load (rx) at 0x1000 align 4K { @headers; .t : { } }':
      '(extension name=segment arguments=[text load (argument-list items=[rx]) at 0x1000 align 0x1000] block=(block statements=[(extension name=headers) (output-section name=.t)]))',
    '@segment tls tls (r) { .tdata .tbss }':
      '(extension name=segment arguments=[tls tls (argument-list items=[r])] block=(names names=[.tdata .tbss]))',
    '@unloaded { .symtab, .debug_* }': '(extension name=unloaded block=(names names=[.symtab .debug_*]))',
    '@note .n "O" type 1 { LONG(1) }':
      '(extension name=note arguments=[.n (string value=O) type 1] block=(block statements=[(data command=LONG value=1)]))',
    '@split F { A : 32K; B : rest - 4K; }':
      '(extension name=split arguments=[F] block=(entries entries=[(entry-line name=A arguments=[(punctuation text=:) 0x8000]) (entry-line name=B arguments=[(punctuation text=:) (binary operator=- left=rest right=0x1000)])]))',
    '@fresh (a = 1) -4 f(2) "s";':
      '(extension name=fresh arguments=[(argument-list items=[(named-argument name=a value=1)]) (unary operator=- operand=4) (extension-call name=f arguments=[2]) (string value=s)])',
  }))

test('without @tsld: known words warn, unknown ones are GNU junk', () => {
  assert.is(script('@const A = 1;'), 'warning S1009 1:1\n(const name=A value=1)')
  assert.is(script('@fresh = 1;'), 'warning S1004 1:1\n(assignment form=plain target=fresh operator== value=1)')
})

test('the rest of an extended script keeps GNU lexing', () => {
  gives({
    'SECTIONS { .t a(NOLOAD) : { } }':
      '(sections statements=[(output-section name=.t address=a type=(section-type keyword=NOLOAD))])',
  })
  assert.ok(parseScript('@tsld 1; x = 2G;', 't').problems.length > 0)
})

test.run()
