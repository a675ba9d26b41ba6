/**
 * Go programs as their users build them: go calls the C compiler, which calls tsld (with cgo, dynamic); and go's own object
 * with a stub in place of a C library, in Go's layout. Run here, for other processors under qemu.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { driverFolder, workFolder } from '../programs/toolchain.ts'
import { findTool, needs, runTool } from '../support/peers.ts'
import { runLinker } from '../support/tsld.ts'
import { type GoTarget, goTargets, runProgram } from './targets.ts'

const here = dirname(fileURLToPath(import.meta.url))

const output = `sum 200000 deep 3000 started 42
errno no such file or directory
{"X":1,"Y":2} Y
big 7 embedded
panic assignment to entry in nil map true true
hello /x
true <nil>
`

for (const target of goTargets)
  test(`cgo program for ${target.arch}: threads, callbacks, garbage collection, panics, network`, () => {
    if (!needs(`cgo for ${target.arch}`, 'go', ...target.tools)) return
    const folder = mkdtempSync(join(workFolder(), 'cgo-'))
    for (const part of ['common', 'cgo']) cpSync(join(here, 'sources', part), folder, { recursive: true })
    const words = ['-linkmode=external', `-extldflags=-B${driverFolder()}/ ${target.linkWords}`]
    const go = build(target, folder, words, { CGO_ENABLED: '1', CC: findTool(target.tools[0]!)! })
    assert.is(runProgram(target, join(folder, 'program')), `${output}exit 0`)
    const about = spawnSync(go, ['version', '-m', 'program'], { cwd: folder, encoding: 'utf8' })
    assert.match(about.stdout, /\tpath\tstress\n/)
    assertFound(go, folder)
  })

const plainOutput = `sum 200000 deep 3000
{"X":1,"Y":2} Y
big 7 embedded
panic assignment to entry in nil map true true
hello /x
`

for (const target of goTargets)
  test(`program without a C library for ${target.arch} in ${target.layouts.join(' and ')}`, () => {
    if (!needs(`Go without C for ${target.arch}`, 'go', ...target.tools)) return
    const folder = mkdtempSync(join(workFolder(), 'plain-'))
    for (const part of ['common', 'plain']) cpSync(join(here, 'sources', part), folder, { recursive: true })
    keepObject(target, folder)
    writeFileSync(
      join(folder, 'start.s'),
      `.globl _start\n_start: ${target.start}\n.section .note.GNU-stack, "", %progbits\n`,
    )
    assert.is(runTool(target.tools[0]!, ['-c', 'start.s', '-o', 'start.o'], { cwd: folder }).status, 0)
    for (const layout of target.layouts) {
      const words = ['--layout', layout, '--arch', target.arch, 'start.o', 'kept.o', '-o', 'program']
      const run = runLinker(words, folder)
      assert.is(run.status, 0, run.text)
      assert.is(run.text, '')
      assert.is(runProgram(target, join(folder, 'program')), `${plainOutput}exit 0`, layout)
      assertFound(findTool('go')!, folder)
    }
  })

/** Go's own object, taken from a link that go believes to be done: Go 1.24 makes no such object without cgo otherwise. */
function keepObject(target: GoTarget, folder: string): void {
  const keeper = join(folder, 'keep')
  writeFileSync(
    keeper,
    `#!/bin/sh\nfor word in "$@"; do case "$word" in *go.o) cp "$word" ${folder}/kept.o;; esac; done\nexit 0\n`,
  )
  chmodSync(keeper, 0o755)
  const go = findTool('go')!
  const env = { ...goEnvironment(target), CGO_ENABLED: '0' }
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 600_000 } as const
  const built = spawnSync(go, ['build', '-work', '-o', 'unused', '.'], options)
  const work = /^WORK=(.*)$/m.exec(built.stderr)?.[1]
  assert.ok(work !== undefined, built.stderr)
  const config = join(work, 'b001', 'importcfg.link')
  const main = /^packagefile stress=(.*)$/m.exec(readFileSync(config, 'utf8'))?.[1]
  assert.ok(main !== undefined, 'the package of the program')
  const external = [
    '-linkmode=external',
    '-importcfg',
    config,
    '-buildid=stress',
    '-extld',
    keeper,
    '-o',
    'unused',
    main,
  ]
  spawnSync(go, ['tool', 'link', ...external], options)
  rmSync(work, { recursive: true, force: true })
}

function goEnvironment(target: GoTarget): NodeJS.ProcessEnv {
  return { ...process.env, GOOS: 'linux', GOARCH: target.arch, GOFLAGS: '-mod=mod', GOPROXY: 'off' }
}

/** Builds with go; the path of go. */
function build(target: GoTarget, folder: string, linkerWords: readonly string[], more: Record<string, string>): string {
  const go = findTool('go')!
  const env = { ...goEnvironment(target), ...more }
  const run = spawnSync(
    go,
    [
      'build',
      `-ldflags=${linkerWords.map(word => (word.includes(' ') ? `'${word}'` : word)).join(' ')}`,
      '-o',
      'program',
      '.',
    ],
    {
      cwd: folder,
      encoding: 'utf8',
      env,
      timeout: 600_000,
    },
  )
  assert.is(run.status, 0, `go build\n${run.stdout}${run.stderr}`)
  assert.is(run.stderr, '')
  return go
}

/** Go's readers of symbols and lines find a function. */
function assertFound(go: string, folder: string): void {
  const symbols = spawnSync(go, ['tool', 'nm', 'program'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })
  const address = /^ *([0-9a-f]+) [tT] main\.named$/m.exec(symbols.stdout)?.[1]
  assert.ok(address !== undefined, 'go tool nm names main.named')
  const line = spawnSync(go, ['tool', 'addr2line', 'program'], {
    cwd: folder,
    encoding: 'utf8',
    input: `0x${address}\n`,
  })
  const source = readFileSync(join(folder, 'work.go'), 'utf8')
  const expected = source.split('\n').indexOf('func named() {') + 1
  assert.match(line.stdout, new RegExp(`^main\\.named\\n.*work\\.go:${expected}\\n`))
}

test.run()
