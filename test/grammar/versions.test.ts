import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDynamicList, parseSectionOrder, parseVersionScript } from '../../grammar/index.ts'
import { brief, errors } from './brief.ts'

function nodes(text: string): string {
  const { tree, problems } = parseVersionScript(text, 'v.map')
  return [...problems.map(p => p.code), ...tree.nodes.map(brief)].join('\n')
}

test('version nodes', () => {
  assert.is(
    nodes('V1 { global: a; "b*"; local: *; }; V2 { c; } V1 V0;'),
    '(version-node tag=V1 globals=[(version-pattern name=a) (version-pattern name="b*")] locals=[(version-pattern name=*)])\n' +
      '(version-node tag=V2 globals=[(version-pattern name=c)] parents=[V1 V0])',
  )
  assert.is(
    nodes('{ global; local; };'),
    '(version-node globals=[(version-pattern name=global) (version-pattern name=local)])',
  )
})

test('extern blocks carry their language', () =>
  assert.is(
    nodes('{ extern "C++" { "f(int)"; a::b* }; c; };'),
    '(version-node globals=[(version-pattern name="f(int)" language=C++) (version-pattern name=a::b* language=C++) (version-pattern name=c)])',
  ))

test('what GNU ld refuses in version scripts', () => {
  for (const text of [
    '',
    '{ a };',
    '{ a; }',
    '{ global: };',
    '{ a; local: *; };',
    '{ local: *; global: a; };',
    '{ } A;',
    'A { } B { };',
    '{ extern C { a; }; };',
    '{ extern "C" { }; };',
    '{ a b; };',
    '{ a,b; };',
    '{ a:b; };',
  ]) {
    assert.ok(
      parseVersionScript(text, 'v').problems.some(p => p.severity === 'error'),
      text,
    )
  }
  assert.equal(errors('VERSION { }'), ['S1019'])
})

test('dynamic lists', () => {
  const { tree, problems } = parseDynamicList('{ a; extern "C++" { b*; }; }; { c; };', 'd')
  assert.equal(problems, [])
  assert.is(tree.map(brief).length, 2)
  for (const text of ['', '{ };', '{ a };', '{ a; }', 'A { a; };', '{ global: a; };']) {
    assert.ok(parseDynamicList(text, 'd').problems.length > 0, text)
  }
})

test('section ordering files', () => {
  assert.equal(parseSectionOrder('.text : { *(.a) *(.b) } x = 1; ASSERT(1, "m")', 'o').problems, [])
  for (const text of ['.text { *(.a) }', '.text 4 : { }', ';', 'SECTIONS { }']) {
    assert.ok(parseSectionOrder(text, 'o').problems.length > 0, text)
  }
})

test.run()
