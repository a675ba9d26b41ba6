import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileGlob, matchesBytes, matchesText } from '../../src/base/glob.ts'

const matches = (pattern: string, text: string): boolean => matchesText(compileGlob(pattern), text)

test('star matches anything, slashes too', () => {
  assert.ok(matches('*', ''))
  assert.ok(matches('*crt1.o', '/usr/lib/crt1.o'))
  assert.ok(matches('.text.*_unlikely', '.text.a_unlikely'))
  assert.not(matches('.text.*_unlikely', '.text.a_unlikelyx'))
  assert.ok(matches('a*b*c', 'aXbbXcYc'))
  assert.not(matches('a*b*c', 'aXc'))
})

test('classes and single characters', () => {
  assert.ok(matches('.s.[0-9]?', '.s.30'))
  assert.not(matches('.s.[!0-9]', '.s.3'))
  assert.ok(matches('.s.[^0-9]*', '.s.x'))
  assert.ok(matches('[]]x*', ']x'))
  assert.ok(matches('[[:digit:]]*', '7'))
  assert.ok(matches('[a*', '[ab'))
})

test('a backslash escapes only where there is a wildcard', () => {
  assert.ok(matches('a\\*b*', 'a*bc'))
  assert.not(matches('\\.text', '.text'))
  assert.ok(matches('\\.text*', '.text1'))
})

test('literal prefix', () => {
  assert.is(compileGlob('.text.*').prefix, '.text.')
  assert.ok(compileGlob('.text.*').prefixOnly)
  assert.not(compileGlob('.text.*x').prefixOnly)
  assert.is(compileGlob('.text').prefix, '.text')
})

test('a start or an end alone: what is kept of them is what steps would say', () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, each => each.charCodeAt(0))
  for (const pattern of ['.text.*', '*.o', '.text', '*', '**', 'a*b', 'a\\b*', '.a**', '']) {
    const glob = compileGlob(pattern)
    for (const text of ['.text', '.text.', '.text.a', 'x.o', '.o', 'ab', 'a', '', 'axb', '.a', '.abc', 'ab*']) {
      assert.is(matchesBytes(glob, bytes(text), 0, text.length), matchesText(glob, text), `${pattern} ${text}`)
      if (glob.prefixOnly) assert.is(text.startsWith(glob.prefix), matchesText(glob, text))
      if (glob.suffixOnly) assert.is(text.endsWith(glob.suffix), matchesText(glob, text))
    }
  }
  assert.ok(compileGlob('*.o').suffixOnly)
  assert.ok(compileGlob('.a**').prefixOnly)
  assert.not(compileGlob('.text').prefixOnly)
})

test.run()
