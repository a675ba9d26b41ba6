/** Builds the scenarios with a cross compiler that calls tsld, and runs what comes out, here or in qemu. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { driverFolder, sourceFile, workFolder } from '../programs/toolchain.ts'
import { findTool, needs } from '../support/peers.ts'
import type { CrossArchitecture } from './architectures.ts'
import { type CrossScenario, crossScenarios, threadModels, threadModelsAlone } from './scenarios.ts'

/** Registers a test for each scenario and variant. */
export function crossPrograms(architecture: CrossArchitecture): void {
  const all: readonly CrossScenario[] = [
    ...Object.values(crossScenarios),
    ...threadModels(architecture.descriptorFlag),
    ...threadModelsAlone(architecture.descriptorFlag),
  ]
  for (const scenario of all) {
    if (architecture.without?.[scenario.name] !== undefined) continue
    for (const words of scenario.variants) {
      if (words.some(word => architecture.withoutWords?.[word] !== undefined)) continue
      test([`${architecture.name}: ${scenario.name}`, ...words].join(' '), () => {
        const { gcc, gxx, qemu, nativeLoader } = architecture
        if (!needs(scenario.name, gcc, gxx, ...(nativeLoader === undefined ? [qemu] : []))) return
        buildAndRun(architecture, scenario, words)
      })
    }
  }
}

function buildAndRun(architecture: CrossArchitecture, scenario: CrossScenario, words: readonly string[]): void {
  const folder = mkdtempSync(join(workFolder(), 'cross-'))
  for (const [name, text] of Object.entries(scenario.files)) writeFileSync(join(folder, name), text)
  for (const name of scenario.sources ?? []) copyFileSync(sourceFile(name), join(folder, name))
  for (const [tool, ...rest] of scenario.build) {
    const compiler = findTool(tool === 'gcc' ? architecture.gcc : architecture.gxx)!
    const all = ['-B', `${driverFolder()}/`, ...rest, ...wordsFor(rest, words)]
    const run = spawnSync(compiler, all, { cwd: folder, encoding: 'latin1', timeout: 120_000 })
    assert.is(run.status, 0, `${compiler} ${all.join(' ')}\n${run.stdout}${run.stderr}`)
    assert.is(run.stderr, '', 'the link says nothing')
  }
  assert.is(readFileSync(join(folder, 'main')).readUInt8(18), architecture.machine, 'e_machine')
  assert.is(shown(architecture, folder), `${scenario.output}exit ${scenario.status}`)
  rmSync(folder, { recursive: true })
}

/** Shared and relocatable outputs are no programs: they get the words of the compiler only. */
function wordsFor(command: readonly string[], words: readonly string[]): readonly string[] {
  if (!command.includes('-shared') && !command.includes('-r')) return words
  return words.filter(word => !/^-(no-pie|pie|static|static-pie|fPIE|fno-pic)$/.test(word))
}

/** What the program prints, and how it ends. */
function shown(architecture: CrossArchitecture, folder: string): string {
  const { root, nativeLoader, qemu } = architecture
  const program = join(folder, 'main')
  let command: readonly string[] = [program]
  if (nativeLoader === undefined) command = [findTool(qemu)!, '-L', root, program]
  else if (readFileSync(program).includes('/lib/ld-'))
    command = [nativeLoader, '--library-path', `${root}/lib:${folder}`, program]
  const run = spawnSync(command[0]!, command.slice(1), { encoding: 'latin1', timeout: 60_000 })
  return `${run.stdout}${run.stderr}exit ${run.signal ?? run.status}`
}
