/**
 * A program with its shared objects, built by the compiler with `-B` in a folder of its own: once with tsld and once with
 * GNU ld. Both must print the same and end alike.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { driverFolder, gnuDriverFolder, workFolder } from '../programs/toolchain.ts'
import { findTool, needs, runTool } from '../support/peers.ts'

export interface Scenario {
  readonly name: string
  /** by file name */
  readonly files: Readonly<Record<string, string>>
  /** commands in order; the compiler gets `-B` in front */
  readonly build: readonly (readonly ['gcc' | 'g++', ...string[]])[]
  /** further words for the commands that make programs (those with -o main), one build for each */
  readonly variants?: readonly (readonly string[])[]
  /** what the program must print, besides being what GNU ld's prints */
  readonly output?: string
}

/** The usual kinds of programs. */
export const programKinds: readonly (readonly string[])[] = [
  ['-fPIE', '-pie'],
  ['-fno-pic', '-no-pie'],
  ['-fPIE', '-pie', '-Wl,-z,now'],
  ['-fno-pic', '-no-pie', '-Wl,-z,lazy', '-O2'],
]

/** Registers one test per variant. */
export function scenario(given: Scenario): void {
  for (const words of given.variants ?? programKinds)
    test([given.name, ...words].join(' '), () => {
      if (!needs(given.name, 'gcc', 'g++', 'gnu-ld')) return
      const expected = build(given, words, gnuDriverFolder())
      const found = build(given, words, driverFolder())
      assert.is(found.link, '', 'the link says nothing')
      assert.is(found.shown, expected.shown)
      if (given.output !== undefined) assert.is(found.shown, `${given.output}exit 0`)
      lint(join(found.folder, 'main'), expected.folder)
    })
}

interface Built {
  readonly folder: string
  readonly link: string
  /** output and exit status, with lazy binding and with binding at start */
  readonly shown: string
}

function build(given: Scenario, words: readonly string[], driver: string): Built {
  const folder = mkdtempSync(join(workFolder(), 'dynamic-'))
  for (const [name, text] of Object.entries(given.files)) writeFileSync(join(folder, name), text)
  let link = ''
  for (const [tool, ...rest] of given.build) {
    const isProgram = rest[rest.indexOf('-o') + 1] === 'main'
    const all = [
      '-B',
      `${driver}/`,
      ...rest,
      ...(isProgram ? [...words, ...(words.includes('-static-pie') ? [] : ['-Wl,-rpath,$ORIGIN'])] : []),
    ]
    const run = spawnSync(findTool(tool) ?? tool, all, { cwd: folder, encoding: 'latin1', timeout: 120_000 })
    assert.is(run.status, 0, `${tool} ${all.join(' ')}\n${run.stdout}${run.stderr}`)
    link += run.stderr
  }
  return {
    folder,
    link,
    shown: runIn(folder, {}) === runIn(folder, { LD_BIND_NOW: '1' }) ? runIn(folder, {}) : 'differs',
  }
}

function runIn(folder: string, more: Readonly<Record<string, string>>): string {
  const options = { cwd: folder, encoding: 'latin1', timeout: 30_000, env: { ...process.env, ...more } } as const
  const run = spawnSync(join(folder, 'main'), [], options)
  return `${run.stdout}${run.stderr}exit ${run.signal ?? run.status}`
}

/** Readers find nothing to complain about that they do not find in GNU ld's output. */
function lint(path: string, other: string): void {
  if (findTool('eu-elflint') === undefined) return
  const complaints = (file: string): string[] =>
    runTool('eu-elflint', ['--gnu-ld', file])
      .stdout.split('\n')
      .filter(line => line !== '' && line !== 'No errors')
  const known = new Set(complaints(join(other, 'main')).map(withoutNumbers))
  assert.equal(
    complaints(path).filter(line => !known.has(withoutNumbers(line))),
    [],
  )
}

const withoutNumbers = (line: string): string => line.replace(/\d+/g, '#')

/** Builds what must fail; returns what the linker says. */
export function refusal(files: Readonly<Record<string, string>>, words: readonly string[]): string {
  const folder = mkdtempSync(join(workFolder(), 'refused-'))
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const all = ['-B', `${driverFolder()}/`, ...words, '-o', 'main']
  const run = spawnSync(findTool('gcc') ?? 'gcc', all, { cwd: folder, encoding: 'latin1', timeout: 120_000 })
  assert.is.not(run.status, 0, `gcc ${all.join(' ')} must fail`)
  return run.stderr
}
