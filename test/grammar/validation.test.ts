import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { keyword, keywords } from '../../grammar/keywords.ts'
import { ScriptParser } from '../../grammar/parser.ts'
import { keywordsByMode } from '../../grammar/tokens.ts'

test("Chevrotain's checks of the grammar pass", () => {
  assert.not.throws(() => new ScriptParser(false))
})

test('every keyword of the scanner has a row with help', () => {
  const short = new Set(['o', 'org', 'l', 'len', 'global', 'local', 'extern'])
  for (const words of Object.values(keywordsByMode)) {
    for (const word of words.keys()) if (!short.has(word)) assert.ok(keyword(word), word)
  }
})

test('every GNU row is a keyword in some mode', () => {
  const known = new Set(Object.values(keywordsByMode).flatMap(words => [...words.keys()]))
  for (const row of keywords) if (row.origin === 'gnu') assert.ok(known.has(row.word), row.word)
})

test('no word has two rows', () => {
  assert.is(new Set(keywords.map(row => row.word)).size, keywords.length)
})

test.run()
