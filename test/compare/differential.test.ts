/**
 * tsld beside GNU ld on generated links; and, on any machine, that the generator is worth its name.
 * TSLD_COMPARE=N runs N cases instead of the default; scripts/compare.ts keeps and shrinks what fails.
 *
 * known-differences.json lists the seeds that differ today, with the kind of their first difference. A seed that is not
 * listed must agree. One that is listed and agrees is named, and fails the long run (TSLD_COMPARE): take it off the list.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readElf } from '../support/elf-reader.ts'
import { findTool, needs, runTool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { whyNoLinker } from '../support/tsld.ts'
import { argumentsOf, buildObject, type Case, filesOf, renderScript } from './case.ts'
import { generateCase } from './generate.ts'
import { compareCase } from './run-case.ts'
import { shrinkCase } from './shrink.ts'

const known = JSON.parse(readFileSync(new URL('known-differences.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>
const cases = Number(process.env['TSLD_COMPARE'] ?? 40)

test('a seed gives the same case each time, and another seed another', () => {
  assert.equal(filesOf(generateCase(7)), filesOf(generateCase(7)))
  assert.not.equal(renderScript(generateCase(7).script), renderScript(generateCase(8).script))
})

test('the generator reaches every part of the language', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 400; seed++) for (const feature of generateCase(seed).features) seen.add(feature)
  const wanted = [
    ...[
      'MEMORY',
      'PHDRS',
      'OVERLAY',
      'PROVIDE',
      'PROVIDE_HIDDEN',
      'HIDDEN',
      'ASSERT',
      'KEEP',
      'FILL',
      'ASCIZ',
      'SQUAD',
    ],
    ...[
      'AT',
      'AT>',
      'SUBALIGN',
      ':phdr',
      'fill',
      'constraint',
      '/DISCARD/',
      'REVERSE',
      'nested sorts',
      'INPUT_SECTION_FLAGS',
    ],
    ...['EXCLUDE_FILE in the list', 'EXCLUDE_FILE before the file', 'forward reference to a symbol', 'SEGMENT_START'],
    ...['forward reference to a section', 'archive', 'comdat group', 'common', 'option --gc-sections', 'assignment ^='],
    ...['operator ?:', 'operator %', 'operator ^', 'unary ~', 'LOG2CEIL', 'DEFINED', 'region attributes with !'],
  ]
  assert.equal(
    wanted.filter(feature => !seen.has(feature)),
    [],
  )
})

test('generated objects can be read', () => {
  for (let seed = 1; seed <= 50; seed++)
    for (const object of generateCase(seed).objects) {
      const names = new Set(readElf(buildObject(object)).sections.map(section => section.name))
      for (const { name } of object.sections) assert.ok(names.has(name), `${name} of seed ${seed}`)
    }
})

test('the shrinker leaves what the failure needs', () => {
  const link = [...Array(200).keys()].map(generateCase).find(c => renderScript(c.script).includes('QUAD(')) as Case
  const smallest = shrinkCase(link, candidate => renderScript(candidate.script).includes('QUAD('), 2000)
  assert.is(smallest.objects.length, 0)
  assert.ok(renderScript(smallest.script).split('\n').length < 8, renderScript(smallest.script))
})

test('GNU ld and tsld agree on generated links', () => {
  const name = 'generated links beside GNU ld'
  if (!needs(name, 'ld.bfd')) return
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip(name, obstacle)
  const folder = mkdtempSync(join(tmpdir(), 'tsld-differential-'))
  try {
    const failures: string[] = []
    const agreeing: number[] = []
    for (let seed = 1; seed <= cases; seed++) {
      const { differences } = compareCase(generateCase(seed), folder)
      const isKnown = String(seed) in known
      if (isKnown && differences.length === 0) agreeing.push(seed)
      else if (!isKnown && differences.length > 0)
        failures.push(`seed ${seed} (scripts/compare.ts --one ${seed} --shrink): ${differences[0]}`)
    }
    const stale = `agree now, take them off test/compare/known-differences.json: seeds ${agreeing.join(' ')}`
    if (agreeing.length > 0) console.log(stale)
    if (agreeing.length > 0 && process.env['TSLD_COMPARE'] !== undefined) failures.push(stale)
    assert.equal(failures, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('GNU ld takes most generated links', () => {
  if (!needs('the share of good links', 'ld.bfd')) return
  const folder = mkdtempSync(join(tmpdir(), 'tsld-share-'))
  try {
    let accepted = 0
    for (let seed = 1001; seed <= 1060; seed++) {
      const link = generateCase(seed)
      for (const [name, content] of filesOf(link)) writeFileSync(join(folder, name), content)
      if (runTool('ld.bfd', argumentsOf(link, 'out'), { cwd: folder }).status === 0) accepted++
    }
    assert.ok(accepted >= 36 && accepted < 60, `${accepted} of 60 with ${findTool('ld.bfd')}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
