import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileGlob, matchesText } from '../../src/base/glob.ts'
import { NameTable } from '../../src/base/name-table.ts'
import { FewNames, fewNames } from '../../src/engine/match/few-names.ts'
import { NameRules } from '../../src/engine/match/name-rules.ts'
import type { RuleUnit } from '../../src/engine/match/rules.ts'
import { Claim, Mark } from '../../src/engine/records/placement.ts'
import { SectionState } from '../../src/engine/records/tables.ts'
import { plainCompute } from '../../src/kernels/compute.ts'
import { type ClaimRecord, claimRows, claimSections, namePiece, undecided } from '../../src/kernels/match.ts'
import type { InputMatch } from '../../src/plan/plan.ts'

function unitsOf(patterns: readonly string[]): RuleUnit[] {
  return patterns.map(text => ({
    rule: {} as InputMatch,
    pattern: 0,
    glob: text === '*' ? undefined : compileGlob(text),
    files: undefined,
    flagsWith: 0,
    flagsWithout: 0,
    marks: 0,
    output: 0,
  }))
}

/** Kinds and candidates of all names, checked against trying every pattern on every name. */
function check(patterns: readonly string[], texts: readonly string[]): { kinds: number; named: number } {
  const names = new NameTable()
  for (const text of texts) names.internText(text)
  const units = unitsOf(patterns)
  const rules = new NameRules(units, [...units.keys()], names)
  const few = texts.length <= fewNames ? new FewNames(units, [...units.keys()], names) : undefined
  const kinds = rules.kinds(plainCompute)!
  const seen = new Set<number>()
  let named = 0
  for (let name = 0; name < names.count; name++) {
    const text = names.text(name)
    const wanted = [...units.keys()].filter(i => units[i]!.glob === undefined || matchesText(units[i]!.glob!, text))
    assert.equal(rules.candidates(name), wanted, text)
    if (few !== undefined) assert.equal(few.candidates(name), wanted, text)
    const kind = kinds.kindOf[name]!
    assert.ok(kind > 0 && kind < kinds.count && kinds.used[kind] === 1, text)
    seen.add(kind)
    const found = kinds.candidates(kind)
    if (found === undefined) named++
    else assert.equal(found, wanted, text)
  }
  return { kinds: seen.size, named }
}

test('names that begin and end alike are of one kind', () => {
  const patterns = ['.text', '.text.*', '*_unlikely', '.text.hot.*', '.data*', 'COMMON', '.text.*', '.bss']
  const texts = [
    '.text',
    '.text.',
    '.text.a',
    '.text.b',
    '.text.b_unlikely',
    '.text.hot.x',
    '.texu',
    '.data',
    '.data.x',
  ]
  const found = check(patterns, [...texts, '.datb', '', '.', 'COMMON', 'COMMONS', '_unlikely', '.bss'])
  assert.is(found.named, 0)
  assert.ok(found.kinds < 14)
})

test('a pattern for everything, and patterns that a start and an end do not decide', () => {
  assert.is(check(['.a*', '*'], ['.a', '.b', '', 'x']).named, 0)
  assert.is(check(['.a.*.hot*', '.b*'], ['.a.x.hot', '.a.x', '.b', '.bb']).named, 2)
  assert.is(check(['[.]a', '.b'], ['.a', '.b', '.c']).named, 1)
})

test('bytes of any value, names of any length, more names than one piece has', () => {
  const texts: string[] = []
  for (let byte = 1; byte < 256; byte++) texts.push(String.fromCharCode(byte), `.t${String.fromCharCode(byte)}xyz`)
  for (let length = 0; length < 70; length++) texts.push('.long.'.padEnd(length, 'n'))
  for (let i = 0; i < namePiece; i++) texts.push(`.text.f${i}`, `.data.v${i % 7}.${i}`)
  const patterns = [
    '\xff*',
    '.t\x80*',
    '*\xfe',
    '.long.nnn*',
    '*nnnn',
    '.text.f1*',
    '.data.v3*',
    '*7',
    '.text.f42',
    '.long.',
  ]
  assert.is(check(patterns, texts).named, 0)
})

test('hundreds of patterns', () => {
  const patterns: string[] = []
  for (let i = 0; i < 600; i++) patterns.push(`.sec${i}.*`)
  const texts = Array.from({ length: 800 }, (_, i) => `.sec${i}.x${i % 3}`)
  assert.is(check(patterns, texts).named, 0)
})

test('sections follow the kind of their name unless file or state say otherwise', () => {
  const { Table, JustSymbols, ComdatLoser, Excluded, NeverKept } = SectionState
  const states = [0, Table, ComdatLoser, NeverKept, JustSymbols, Excluded, 0, 0, 0]
  const first = claimRows
  const count = first + states.length
  const column = (values: number[]): Int32Array => {
    const made = new Int32Array(count)
    made.set(values, first)
    return made
  }
  const record: ClaimRecord = {
    count,
    state: Uint8Array.from(column(states)),
    name: column([0, 0, 0, 0, 0, 0, 1, 2, 0]),
    file: column([0, 0, 0, 0, 0, 0, 0, 0, 1]),
    kindOf: Int32Array.from([1, 2, 3]),
    isSpecial: Uint8Array.from([0, 1]),
    unitOf: Int32Array.from([undecided, 5, -1, undecided]),
    ruleOf: Int32Array.from([0, 77, Claim.Orphan, 0]),
    patternOf: Uint16Array.from([0, 3, 0, 0]),
    marksOf: Uint8Array.from([0, Mark.Keep | Mark.Relro, 0, 0]),
    isWanted: Uint8Array.from([0, 1, 0, 0]),
    rule: new Int32Array(count).fill(99),
    pattern: new Uint16Array(count),
    marks: new Uint8Array(count),
    left: new Int32Array(count),
    wanted: new Int32Array(count),
    leftCount: new Int32Array(2),
    wantedCount: new Int32Array(2),
  }
  claimSections(record, 1)
  const { NotContent, Discarded, Orphan } = Claim
  assert.equal([...record.rule.subarray(first)], [77, NotContent, Discarded, 77, NotContent, Discarded, Orphan, 99, 99])
  assert.equal([...record.marks.subarray(first)], [3, 0, 3, 2, 0, 3, 0, 0, 0])
  assert.equal([...record.pattern.subarray(first)], [3, 0, 0, 3, 0, 0, 0, 0, 0])
  assert.equal([...record.leftCount, ...record.wantedCount], [0, 2, 0, 2])
  assert.equal([...record.left.subarray(first, first + 2)], [first + 7, first + 8])
  assert.equal([...record.wanted.subarray(first, first + 2)], [first, first + 3])
  assert.ok(record.rule.subarray(0, first).every(rule => rule === 99))
})

test.run()
