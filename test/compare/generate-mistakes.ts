/** Spoils a good case in one place: what GNU ld rejects, tsld must reject too, and what it forgives, tsld must forgive. */
import type { Case, Piece } from './case.ts'
import { renderScript } from './case.ts'
import type { Random } from './random.ts'

type Mistake = (link: Case, random: Random) => Case

/** The case with one mistake; tagged with its name. */
export function spoil(link: Case, random: Random, tag: (feature: string) => void): Case {
  const name = random.pick(Object.keys(mistakes))
  tag(`mistake: ${name}`)
  return mistakes[name](link, random)
}

/** The case with one to three mistakes of spelling, which mostly are syntax errors. */
export function misspell(link: Case, random: Random): Case {
  let result = link
  for (let i = random.between(1, 3); i > 0; i--) {
    const name = random.pick(
      Object.keys(mistakes).filter(key => /^(a missing|a word|binary|an end|an unclosed|a stray)/.test(key)),
    )
    result = mistakes[name](result, random)
  }
  return result
}

const mistakes: Readonly<Record<string, Mistake>> = {
  'a false assertion': append('ASSERT(0, "this is false")'),
  'an undefined symbol': append('wrong = nobody_defines_this + 1;'),
  'an unknown section in ADDR': append('wrong = ADDR(.no_such_section);'),
  'an unknown section in SIZEOF': append('wrong = SIZEOF(.no_such_section);'),
  'a division by zero': append('wrong = 1 / 0;'),
  'a remainder of zero': append('wrong = 1 % (2 - 2);'),
  'an unknown region': edit(/^}( >.*)?$/, () => '} > NOWHERE'),
  'an unknown segment': edit(/^}/, () => '} :nowhere'),
  'the dot moved back in a section': edit(/^(BYTE|SHORT|LONG|QUAD)\(.*/, text => `${text} . = . - 1;`),
  'a region too small': edit(/(LENGTH|len|l) = .*/, text => text.replace(/(LENGTH|len|l) = .*/, '$1 = 4')),
  'the same global twice': link => ({
    ...link,
    objects: link.objects.map(object => ({
      ...object,
      symbols: [...object.symbols, { name: 'twice', place: 0, value: 0 }],
    })),
  }),
  'a missing semicolon': edit(/;$/, text => text.slice(0, -1)),
  'a missing brace': (link, random) => rewritten(link, text => withoutOne(text, /\}/g, random)),
  'a missing parenthesis': (link, random) => rewritten(link, text => withoutOne(text, /\)/g, random)),
  'a missing blank': (link, random) => rewritten(link, text => withoutOne(text, /(?<=\S) (?=\S)/g, random)),
  'a word twice': (link, random) => rewritten(link, text => doubled(text, random)),
  'a word too few': (link, random) => rewritten(link, text => withoutOne(text, /[A-Za-z_.][\w.]*/g, random)),
  'binary junk': (link, random) =>
    rewritten(link, text => {
      const at = random.below(text.length)
      return text.slice(0, at) + random.pick(['\x01', '@', '`', '\xff', '?']) + text.slice(at)
    }),
  'an unclosed comment': append('/* and so on'),
  'an end before its time': (link, random) => rewritten(link, text => text.slice(0, random.below(text.length))),
  'a stray semicolon in SECTIONS': edit(/^\{$/, text => `${text} ;`),
  'attributes in the wrong order': edit(/ : *(ALIGN\([^)]*\)|SUBALIGN\([^)]*\)|AT\([^)]*\))?.*\{$/, text =>
    text.replace(/\{$/, 'AT(0x900000) {'),
  ),
  'an empty script': link => ({ ...link, script: [] }),
}

function append(text: string): Mistake {
  return link => ({ ...link, script: [...link.script, { text }] })
}

/** Changes one piece whose text or closing text matches. */
function edit(pattern: RegExp, change: (text: string) => string): Mistake {
  return (link, random) => {
    const total = count(link.script, pattern)
    if (total === 0) return append('}')(link, random)
    let wanted = random.below(total)
    const visit = (pieces: readonly Piece[]): Piece[] =>
      pieces.map(piece => {
        const text = pattern.test(piece.text) && wanted-- === 0 ? change(piece.text) : piece.text
        const inside = piece.inside === undefined ? undefined : visit(piece.inside)
        const closes = piece.close !== undefined && pattern.test(piece.close) && wanted-- === 0
        return { text, inside, close: closes ? change(piece.close) : piece.close }
      })
    return { ...link, script: visit(link.script) }
  }
}

function count(pieces: readonly Piece[], pattern: RegExp): number {
  let total = 0
  for (const piece of pieces) {
    if (pattern.test(piece.text)) total++
    if (piece.close !== undefined && pattern.test(piece.close)) total++
    if (piece.inside !== undefined) total += count(piece.inside, pattern)
  }
  return total
}

/** The script as one piece of text, changed. */
function rewritten(link: Case, change: (text: string) => string): Case {
  return { ...link, script: [{ text: change(renderScript(link.script)).replace(/\n$/, '') }] }
}

function withoutOne(text: string, pattern: RegExp, random: Random): string {
  const matches = [...text.matchAll(pattern)]
  if (matches.length === 0) return text
  const match = random.pick(matches)
  return text.slice(0, match.index) + text.slice(match.index + match[0].length)
}

function doubled(text: string, random: Random): string {
  const matches = [...text.matchAll(/[A-Za-z_.][\w.]*|[=+:>{}();]/g)]
  if (matches.length === 0) return text
  const match = random.pick(matches)
  const end = match.index + match[0].length
  return `${text.slice(0, end)} ${match[0]}${text.slice(end)}`
}
