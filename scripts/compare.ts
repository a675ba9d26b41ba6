/**
 * Random links through tsld and GNU ld 2.44.
 *
 *   node --import tsx scripts/compare.ts [--cases 500] [--seed 1] [--one SEED] [--keep FOLDER] [--shrink] [--segments]
 * With --shrink one case of each cause is made small and shown. With --record the seeds that differ are written, with their
 * first difference, to test/compare/known-differences.json: the test wants exactly those to differ.
 *   node --import tsx scripts/compare.ts --generator --cases 500      judges the generator with GNU ld alone
 *
 * Every failing case is kept in a folder of its own with the script, the objects, both outputs and a `repro.txt`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { argumentsOf, type Case, renderScript, writeCase } from '../test/compare/case.ts'
import { generateCase } from '../test/compare/generate.ts'
import { type Comparison, compareCase, runGnu } from '../test/compare/run-case.ts'
import { shrinkCase } from '../test/compare/shrink.ts'
import type { ElfDiffOptions } from '../test/support/elf-diff.ts'
import { sectionBytes } from '../test/support/elf-reader.ts'
import { findTool } from '../test/support/peers.ts'
import { whyNoLinker } from '../test/support/tsld.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    one: { type: 'string' },
    keep: { type: 'string', default: join('.cache', 'compare') },
    shrink: { type: 'boolean', default: false },
    segments: { type: 'boolean', default: false },
    generator: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
})
const first = Number(values.one ?? values.seed)
const count = values.one === undefined ? Number(values.cases) : 1
const work = mkdtempSync(join(tmpdir(), 'tsld-compare-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

if (findTool('ld.bfd') === undefined)
  fail('GNU ld 2.44 is not installed: put ld.bfd-2.44 on PATH or its folder into TSLD_PEERS')
if (values.generator) judgeGenerator()
else compareAll()

function fail(text: string): never {
  console.error(text)
  process.exit(2)
}

function compareAll(): void {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) fail(`tsld cannot be run: ${obstacle}`)
  const options: ElfDiffOptions = values.segments ? { segments: 'load' } : {}
  let same = 0
  let accepted = 0
  let broken = 0
  const causes = new Map<string, number[]>()
  const known: Record<string, string> = {}
  for (let seed = first; seed < first + count; seed++) {
    const link = generateCase(seed)
    const result = compareCase(link, join(work, 'case'), options)
    if (result.gnu.verdict === 'accepted') accepted++
    if (result.gnu.verdict === 'broken') broken++
    if (result.differences.length === 0) {
      same++
      continue
    }
    const cause = causeOf(result.differences[0])
    known[seed] = cause
    if (values.record) continue
    const seeds = causes.get(cause) ?? []
    causes.set(cause, [...seeds, seed])
    // One small example of each cause is enough to work on.
    const smallest = values.shrink && seeds.length === 0 ? shrunk(link, cause, options) : link
    if (values.shrink && seeds.length > 0) continue
    keepCase(smallest, options)
  }
  console.log(
    `${count} cases from seed ${first}: ${same} the same, ${count - same} differ; GNU ld accepted ${accepted}, broke on ${broken}`,
  )
  for (const [cause, seeds] of [...causes].sort((x, y) => y[1].length - x[1].length))
    console.log(`  ${seeds.length} x ${cause} (seeds ${seeds.slice(0, 6).join(' ')})`)
  if (values.record)
    writeFileSync(join('test', 'compare', 'known-differences.json'), `${JSON.stringify(known, undefined, 2)}\n`)
  else if (same < count) process.exitCode = 1
}

/** The kind of a difference, without names and numbers, so that shrinking does not wander to another bug. */
function causeOf(difference: string): string {
  const verdict = /^(verdict: [^:]*): (.*)/.exec(difference)
  if (verdict !== null) {
    const code = /\b[A-Z]\d{4}\b/.exec(verdict[2])
    const words = verdict[2].replace(/^\S*(ld|ld\.\S+):\s*|\S+:\d+:?|[`'"][^`'"]*['"]|0x[0-9a-f]+|\d+/g, '#')
    return `${verdict[1]}: ${code?.[0] ?? words.slice(0, 80)}`
  }
  return difference
    .replace(/: .*$/s, '')
    .replace(/^(section|symbol) \S+( \(\d+\))?/, '$1')
    .replace(/0x[0-9a-f]+|\d+/g, 'N')
}

function shrunk(link: Case, cause: string, options: ElfDiffOptions): Case {
  return shrinkCase(link, candidate => {
    const [difference] = compareCase(candidate, join(work, 'shrink'), options).differences
    return difference !== undefined && causeOf(difference) === cause
  })
}

function keepCase(link: Case, options: ElfDiffOptions): void {
  const folder = join(values.keep, `seed-${link.seed}`)
  const result: Comparison = compareCase(link, folder, options)
  const command = argumentsOf(link, 'out.elf').join(' ')
  const text = [
    `seed ${link.seed}: node --import tsx scripts/compare.ts --one ${link.seed}`,
    `cd ${relative('.', folder)} && tsld ${command}`,
    ...result.differences.map(difference => `- ${difference}`),
    `GNU ld: ${result.gnu.verdict} ${result.gnu.text.trim()}`,
    `tsld: ${result.tsld.verdict} ${result.tsld.text.trim()}`,
    '',
  ].join('\n')
  writeFileSync(join(folder, 'repro.txt'), text)
  if (values.quiet) return
  console.log(`## seed ${link.seed} in ${relative('.', folder)}: tsld ${command}`)
  for (const difference of result.differences.slice(0, 6)) console.log(`   ${difference}`)
  if (values.shrink) console.log(renderScript(link.script, '     '))
}

function judgeGenerator(): void {
  const features = new Map<string, { seen: number; accepted: number }>()
  const verdicts = { accepted: 0, rejected: 0, broken: 0 }
  const spoilt = { accepted: 0, total: 0 }
  const reasons = new Map<string, number>()
  const shapes = new Set<string>()
  for (let seed = first; seed < first + count; seed++) {
    const link = generateCase(seed)
    const folder = join(work, 'case')
    rmSync(folder, { recursive: true, force: true })
    writeCase(link, folder)
    const result = runGnu(link, folder)
    verdicts[result.verdict]++
    const isSpoilt = link.features.some(feature => feature.startsWith('mistake'))
    if (isSpoilt) spoilt.total++
    if (isSpoilt && result.verdict === 'accepted') spoilt.accepted++
    for (const feature of link.features) {
      const counts = features.get(feature) ?? { seen: 0, accepted: 0 }
      counts.seen++
      if (result.verdict === 'accepted') counts.accepted++
      features.set(feature, counts)
    }
    if (result.verdict !== 'accepted' && !isSpoilt) {
      const reason = (result.text.split('\n').find(line => !/warning/.test(line)) ?? '').replace(
        /^ld:\s*|[`'][^']*'|0x[0-9a-f]+|[0-9a-f]{16}|\b\d+\b|s\d|\S+\.ld:\S*/g,
        '#',
      )
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    const file = result.file
    if (file !== undefined)
      shapes.add(
        file.sections
          .map(s => `${s.name}@${s.address}+${s.size}=${s.flags & 2 ? sectionBytes(file, s).join() : ''}`)
          .join(';'),
      )
    if (values.one !== undefined) {
      console.log(renderScript(link.script), argumentsOf(link, 'out.elf').join(' '), '\n', result.verdict, result.text)
      writeCase(link, values.keep)
    }
  }
  console.log(
    `${count} cases: ${JSON.stringify(verdicts)}; spoilt ones ${spoilt.total}, of which accepted ${spoilt.accepted}; ${shapes.size} different outputs`,
  )
  for (const [reason, times] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 25))
    console.log(`  ${times} x ${reason}`)
  const rows = [...features]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([name, { seen, accepted }]) => `${name} ${seen}/${accepted}`)
  console.log(`${rows.length} features (seen/accepted): ${rows.join(' | ')}`)
}
