/**
 * Whatever GNU ld 2.44 accepts must compile without an error. The scripts come from a corpus beside the project
 * (TSLD_PROBES names another place); where it or GNU ld is missing, this is skipped with a reason.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import type { Host } from '../../src/host.ts'
import { planFromJson, planToJson } from '../../src/plan/json.ts'
import { emptyPlan, type LayoutPlan } from '../../src/plan/plan.ts'
import { compileImplicitScript, compileScripts, parseVersions } from '../../src/script/compile.ts'
import { findTool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { messagesOf, optionsOf, planOf } from './support.ts'

interface Probe {
  readonly name: string
  readonly script: string
  readonly args: readonly string[]
  readonly inputs: readonly string[]
  readonly kind?: 'version' | 'implicit'
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const corpus = process.env['TSLD_PROBES'] ?? join(root, '..', 'shared', 'probes')
const linker = findTool('ld.bfd')
const assembler = findTool('as')

/** Scripts that mean something in the extended language, where GNU ld passes over a character with a warning. */
const ours = new Set(['top: @fill = 3;'])

/** Stands in for the default layout: anchors of INSERT. */
const base = planOf('SECTIONS { .interp : {} .text : {} .rodata : {} .data : {} .bss : {} }')

/** Files of one folder. */
function folderHost(folder: string): Host {
  const failure = { failure: 'missing', detail: 'No such file or directory' } as const
  return {
    read: path => {
      const full = join(folder, path)
      return existsSync(full) ? new Uint8Array(readFileSync(full)) : failure
    },
    exists: path => existsSync(join(folder, path)),
  }
}

function accepts(probe: Probe, folder: string): boolean {
  const kind = probe.kind ?? 'script'
  const file = kind === 'version' ? 'v.map' : 't.ld'
  writeFileSync(join(folder, file), probe.script)
  const use = kind === 'version' ? ['--version-script=v.map'] : kind === 'implicit' ? ['t.ld'] : ['-T', 't.ld']
  const run = spawnSync(linker ?? '', ['-o', 'out.elf', ...probe.inputs, ...probe.args, ...use], { cwd: folder })
  return run.status === 0
}

function compileProbe(probe: Probe, host: Host): { report: Report; plan?: LayoutPlan } {
  const report = new Report()
  const searchPaths = probe.args.filter(each => each.startsWith('-L')).map(each => each.slice(2))
  const options = optionsOf({ searchPaths, base })
  if (probe.kind === 'version') {
    const versions = parseVersions(probe.script, 'v.map', options, host, report)
    return { report, plan: { ...emptyPlan, symbols: { required: [], versions } } }
  }
  if (probe.kind === 'implicit')
    return { report, plan: compileImplicitScript('t.ld', Buffer.from(probe.script, 'latin1'), options, host, report) }
  const plan = compileScripts([{ kind: 'script', name: 't.ld', text: probe.script }], options, host, report)
  return { report, plan }
}

if (!existsSync(join(corpus, 'probes.json'))) skip('probes of the script language', `no corpus at ${corpus}`, true)
else if (linker === undefined || assembler === undefined)
  skip('probes of the script language', 'no GNU ld 2.44 or as', true)
else {
  test('what GNU ld accepts compiles without an error', () => {
    const probes = JSON.parse(readFileSync(join(corpus, 'probes.json'), 'utf8')) as Probe[]
    const folder = mkdtempSync(join(tmpdir(), 'tsld-probes-'))
    cpSync(join(corpus, 'src'), folder, { recursive: true })
    for (const each of ['a', 'b', 'c', 'ft'])
      spawnSync(assembler, ['--64', `${each}.s`, '-o', `${each}.o`], { cwd: folder })
    spawnSync('ar', ['rcs', 'lib.a', 'c.o'], { cwd: folder })
    const host = folderHost(folder)
    const wrong: string[] = []
    const later: string[] = []
    for (const probe of probes) {
      const { report, plan } = compileProbe(probe, host)
      if (plan !== undefined && report.errors === 0)
        assert.equal(planFromJson(planToJson(plan), 'probe', report), plan, `JSON round trip of ${probe.name}`)
      const accepted = accepts(probe, folder)
      if (accepted && report.errors > 0 && !ours.has(probe.name))
        wrong.push(`${probe.name}: ${messagesOf(report).join(' | ')}`)
      if (!accepted && report.errors === 0) later.push(probe.name)
    }
    rmSync(folder, { recursive: true })
    if (process.env['TSLD_PROBES_VERBOSE']) console.log(`rejected by GNU ld, not here: ${later.join('; ')}`)
    assert.is(wrong.join('\n'), '')
  })
}

test.run()
