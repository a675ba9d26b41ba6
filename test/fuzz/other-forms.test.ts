/**
 * Damaged and sound inputs in the forms that large links take (support/other-forms.ts): kernels that check every index and
 * sum never find anything, and compiled kernels, alone or on several threads, give the bytes and the messages of the plain linker.
 * TSLD_FUZZ=N runs N rounds of each, TSLD_FUZZ_SEED=S starts at another seed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { argumentsOf, writeCase } from '../compare/case.ts'
import { generateCase } from '../compare/generate.ts'
import { checkedLinker, ThreadedLinker, type Turns } from '../support/other-forms.ts'
import { replacement, runLinker } from '../support/tsld.ts'
import { type DamagedLink, damagedCase, damagedFeature, damagedRows, type Outcome, tryLink } from './damage.ts'

const rounds = Number(process.env['TSLD_FUZZ'] ?? 30)
const first = Number(process.env['TSLD_FUZZ_SEED'] ?? 1001)

/** Every round in a folder of its own. */
async function eachRound(round: (seed: number, folder: string) => Promise<string | undefined>): Promise<void> {
  const failures: string[] = []
  for (let seed = first; seed < first + rounds; seed++) {
    const folder = mkdtempSync(join(tmpdir(), 'tsld-fuzz-'))
    try {
      const problem = await round(seed, folder)
      if (problem !== undefined) failures.push(`TSLD_FUZZ_SEED=${seed} TSLD_FUZZ=1: ${problem}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  assert.equal(failures, [])
}

function soundCase(seed: number, folder: string): DamagedLink {
  writeCase(generateCase(seed), folder)
  return { victim: 'nothing', links: [argumentsOf(generateCase(seed), 'out.elf')] }
}

/** What two linkers made of the same files has to be the same. */
function differenceOf(victim: string, plain: Outcome, other: Outcome): string | undefined {
  if (other.problem !== undefined) return other.problem
  if (plain.status !== other.status) return `damaged ${victim}: status ${other.status} instead of ${plain.status}`
  if (plain.text !== other.text) return `damaged ${victim}: other messages:\n${other.text}\ninstead of\n${plain.text}`
  if (!(plain.output?.equals(other.output ?? Buffer.alloc(0)) ?? other.output === undefined))
    return `damaged ${victim}: other bytes`
  return undefined
}

const kinds = {
  'generated links': soundCase,
  'damaged generated links': damagedCase,
  'damaged features': damagedFeature,
  'damaged rows': damagedRows,
}
const everyTurn: readonly Turns[] = ['others-first', 'free', 'others-first', 'alone']

if (replacement === undefined) {
  const checked = await checkedLinker()
  const threaded = await ThreadedLinker.make()
  for (const [name, make] of Object.entries(kinds)) {
    test(`${name}: no kernel leaves its arrays`, () =>
      eachRound(async (seed, folder) => tryLink(make(seed, folder), folder, checked).problem))

    test(`${name}: compiled kernels and threads change nothing`, () =>
      eachRound(async (seed, folder) => {
        const link = make(seed, folder)
        const plain = tryLink(link, folder, runLinker)
        const turns = everyTurn[seed % everyTurn.length]!
        const other = tryLink(link, folder, (args, place) => threaded.link(args, place, turns))
        await threaded.rest()
        const difference = differenceOf(link.victim, plain, other)
        return difference && `${turns}: ${difference}`
      }))
  }
} else test('nothing: another linker is tested', () => undefined)

test.run()
