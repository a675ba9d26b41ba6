/**
 * Which scripts are right: the parser beside GNU ld on generated scripts, as they are and misspelt. Only the verdict on syntax
 * is compared. TSLD_SYNTAX=N takes N scripts, TSLD_SYNTAX_SEED=S starts elsewhere.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseScript } from '../../grammar/index.ts'
import { findTool, needs } from '../support/peers.ts'
import { argumentsOf, type Case, writeCase } from './case.ts'
import { generateCase } from './generate.ts'
import { misspell } from './generate-mistakes.ts'
import { Random } from './random.ts'

const count = Number(process.env['TSLD_SYNTAX'] ?? 150)
const first = Number(process.env['TSLD_SYNTAX_SEED'] ?? 1)

function script(seed: number): Case {
  const link = generateCase(seed)
  return seed % 3 === 0 ? link : misspell(link, new Random(seed + 5_000_000))
}

test('scripts parse or not as in GNU ld', () => {
  if (!needs('syntax of generated scripts', 'ld.bfd')) return
  const folder = mkdtempSync(join(tmpdir(), 'tsld-syntax-'))
  try {
    const different: string[] = []
    for (let seed = first; seed < first + count; seed++) {
      const link = script(seed)
      writeCase(link, folder)
      const gnu = syntaxErrorOfGnu(argumentsOf(link, 'out'), folder)
      if (gnu === 'broken') continue
      const text = readFileSync(join(folder, 'script.ld'), 'latin1')
      const ours = parseScript(text, 'script.ld').problems.filter(problem => problem.severity !== 'warning')
      // GNU ld may stop for another reason before it comes to the mistake: that is a rejection as well.
      if (ours.length > 0 ? gnu === 'accepted' : gnu.includes('script.ld'))
        different.push(`seed ${seed}: ${describe(text, gnu, ours)}`)
    }
    assert.equal(different, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** The line with which GNU ld complains about syntax; else its verdict. */
function syntaxErrorOfGnu(args: readonly string[], folder: string): string {
  const run = spawnSync(findTool('ld.bfd') as string, args, { cwd: folder, encoding: 'latin1', timeout: 10_000 })
  if (run.status === null || run.status > 1) return 'broken'
  const complaint = /^.*(?:script\.ld:\d+: syntax error|script\.ld.*EOF in comment).*$/m.exec(run.stderr)
  return complaint?.[0] ?? (run.status === 0 ? 'accepted' : 'rejected')
}

function describe(text: string, gnu: string, ours: readonly { message: string; span: { start: number } }[]): string {
  if (ours.length > 0) {
    const line = text.slice(0, ours[0].span.start).split('\n').length
    return `GNU ld takes it, we say at line ${line} '${text.split('\n')[line - 1].trim()}': ${ours[0].message}`
  }
  const line = Number(/:(\d+): syntax/.exec(gnu)?.[1] ?? 0)
  return `we take it, GNU ld says ${gnu} '${text.split('\n')[line - 1]?.trim()}'`
}

test.run()
