import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileGlob } from '../../src/base/glob.ts'
import { NameTable } from '../../src/base/name-table.ts'
import { FilePatterns, type FileSet, idsOf } from '../../src/engine/match/file-patterns.ts'
import type { RuleUnit } from '../../src/engine/match/rules.ts'
import { SectionMatcher } from '../../src/engine/match/section-matcher.ts'
import type { InputFile } from '../../src/engine/records/program.ts'
import type { FilePattern, InputMatch } from '../../src/plan/plan.ts'

const span = { file: 0, start: 0, end: 0 } as unknown as FilePattern['span']
const files = Array.from({ length: 40 }, (_, id) => {
  const archive = id >= 30 ? 'lib/libx.a' : undefined
  return { id, name: id >= 30 ? `m${id}.o` : `dir/f${id}.o`, archive } as unknown as InputFile
})

function pattern(text: string, more: Partial<FilePattern> = {}): FilePattern {
  return { pattern: text, literal: !/[*?[]/.test(text), exclude: [], span, ...more }
}

function unit(section: string, set: FileSet | undefined): RuleUnit {
  const glob = section === '*' ? undefined : compileGlob(section)
  return { rule: {} as InputMatch, pattern: 0, glob, files: set, flagsWith: 0, flagsWithout: 0, marks: 0, output: 0 }
}

function ids(set: FileSet | undefined): number[] | undefined {
  return set === undefined ? undefined : [...idsOf(set)].sort((a, b) => a - b)
}

test('file patterns give the same files whether tried one by one or looked up', () => {
  const texts = ['dir/f1*', '*7.o', 'm3?.o', '*', 'dir/f5.o', 'lib/libx.a', 'm31.o', 'dir/*9.o']
  const first = new FilePatterns(files)
  const few = texts.map(text => ids(first.filesOf(pattern(text, { exclude: ['nothing'] }), [])))
  const second = new FilePatterns(files)
  for (let i = 0; i < 50; i++) second.filesOf(pattern(`*none${i}.o`), [])
  const many = texts.map(text => ids(second.filesOf(pattern(text, { exclude: ['nothing'] }), [])))
  assert.equal(many, few)
  assert.equal(few[1], [7, 17, 27, 37])
  assert.equal(few[3]!.length, 40)
  assert.equal(few[4], [5])
  assert.equal(few[5], [30, 31, 32, 33, 34, 35, 36, 37, 38, 39])
  assert.equal(few[6], [])
  assert.equal(few[7], [9, 19, 29])
})

test('archive parts of file patterns', () => {
  const patterns = new FilePatterns(files)
  assert.equal(ids(patterns.filesOf(pattern('m31.o', { archive: '*libx.a' }), [])), [31])
  assert.equal(ids(patterns.filesOf(pattern('m31.o', { archive: '' }), [])), [])
  assert.equal(ids(patterns.filesOf(pattern('*', { archive: '' }), []))!.length, 30)
  assert.equal(ids(patterns.filesOf(pattern('', { archive: 'lib/*', wholeArchive: true }), ['m33.o']))!.length, 9)
  assert.is(patterns.filesOf(pattern('*'), []), undefined)
})

test('the first unit in plan order wins, be it of one file, of most files or of all', () => {
  const patterns = new FilePatterns(files)
  const names = new NameTable()
  const name = (text: string) => names.internText(text)
  const sections = ['.text', '.text.a', '.text.a.cold', '.data', '.odd', 'x.cold'].map(name)
  const most = patterns.filesOf(pattern('*', { exclude: ['*f3.o'] }), [])
  const one = patterns.filesOf(pattern('*f3.o'), [])
  const units = [
    unit('.text.*.cold', one), // 0
    unit('*.cold', most), // 1
    unit('.text.*', undefined), // 2
    unit('.text.a', one), // 3
    unit('.text', undefined), // 4
    unit('*', one), // 5
    unit('.d?ta', most), // 6
  ]
  const matcher = new SectionMatcher(units, names, files)
  const found = (file: number, from = 0) => sections.map(section => matcher.find(section, file, 0, from))
  assert.equal(found(3), [4, 2, 0, 5, 5, 5])
  assert.equal(found(4), [4, 2, 1, 6, -1, 1])
  assert.equal(found(3, 3), [4, 3, 5, 5, 5, 5])
  assert.equal(found(4, 2), [4, 2, 2, 6, -1, -1])
})

test.run()
