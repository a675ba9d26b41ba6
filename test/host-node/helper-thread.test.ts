import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { Report } from '../../src/diag/report.ts'
import { link } from '../../src/engine/link.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import { HelperThread } from '../../src/host-node/helper-thread.ts'
import { NodeHost } from '../../src/host-node/node-host.ts'
import { SharedCompute } from '../../src/host-node/shared-compute.ts'
import { shareFiles } from '../../src/host-node/shared-files.ts'
import { SharedMemory } from '../../src/host-node/shared-memory.ts'
import { compileScripts } from '../../src/language.ts'
import { input } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsld-helper-'))
test.after(() => rmSync(folder, { recursive: true }))

const script = `
ENTRY(f0)
SECTIONS {
  .text 0x400000 : { *(.text) . = ALIGN(64); BYTE(7) }
  .rodata : { *(.rodata) *(.strings) } =0xabcd
  .data : { *(.data) }
}`

/** Objects that refer to each other; every second one is read by the helper. */
function objects(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const object = new ObjectBuilder()
    object
      .section('.text', { flags: 'ax', align: 16, bytes: new Uint8Array(40_001 + i).fill(0x90) })
      .label(`f${i}`)
      .relocate(8, 2, object.undefined(`f${(i * 7) % count}`), -4)
    object.section('.rodata', { flags: 'a', align: 8, bytes: new Uint8Array(5003).fill(i + 1) })
    object.section('.strings', {
      flags: 'aMS',
      entrySize: 1,
      bytes: i === 5 ? manyStrings() : new TextEncoder().encode(`string ${i % 3}\0`),
    })
    object.section('.data', { flags: 'aw', align: 8, bytes: new Uint8Array(64) }).label(`d${i}`)
    const path = join(folder, `${i}.o`)
    writeFileSync(path, object.build())
    return path
  })
}

/** So many that the helper looks for those that end others: every third one does. */
function manyStrings(): Uint8Array {
  const strings = Array.from({ length: 15_000 }, (_, i) => (i % 3 === 2 ? `end ${i - 1}` : `an end ${i}`))
  return new TextEncoder().encode(`${strings.join('\0')}\0`)
}

async function helperText(): Promise<string> {
  const entryPoints = ['src/host-node/helper-worker.ts']
  const built = await build({
    entryPoints,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    outdir: folder,
  })
  return built.outputFiles[0]!.text
}

function run(paths: readonly string[], host: NodeHost, text = script): Uint8Array | undefined {
  const report = new Report()
  const facts = {
    arch: 'amd64',
    os: 'linux',
    bits: 64,
    endian: 'little',
    output: 'exec',
    dynamic: false,
    strip: 'none',
  }
  const plan = compileScripts(
    [{ kind: 'script', name: 'test.ld', text }],
    { searchPaths: [], defines: new Map(), facts } as unknown as Parameters<typeof compileScripts>[1],
    host,
    report,
  )
  return link({ ...defaultRequest, plan, inputs: paths.map(path => input(path)) }, host, report)?.bytes
}

test('with a helper the bytes are the same, and so is the file that it wrote', async () => {
  const paths = objects(60)
  const text = await helperText()
  const expected = run(paths, new NodeHost())!
  assert.ok(expected.length > 2 << 20)
  const ahead = paths.filter((_, i) => i % 2 === 0).map(path => ({ path, size: statSync(path).size }))
  const helper = new HelperThread(shareFiles(ahead), text)
  const output = join(folder, 'out')
  helper.writeTo(output, 0o755)
  const bytes = run(paths, new NodeHost(helper))!
  assert.ok(Buffer.from(bytes).equals(expected))
  assert.ok(helper.finishOutput(bytes))
  assert.ok(readFileSync(output).equals(expected))
  assert.is(statSync(output).mode & 0o100, 0o100)

  // Given up: an earlier output stays, and nothing else.
  helper.writeTo(output, 0o755)
  const again = run(paths, new NodeHost(helper))!
  assert.not.ok(helper.finishOutput(expected))
  helper.abandonOutput()
  assert.not.ok(helper.finishOutput(again))
  assert.ok(readFileSync(output).equals(expected))
  assert.equal(
    readdirSync(folder).filter(name => name.includes('tmp')),
    [],
  )

  // Where no file can be made, the bytes are made all the same.
  helper.writeTo(join(folder, 'missing', 'out'), 0o755)
  assert.ok(Buffer.from(run(paths, new NodeHost(helper))!).equals(expected))
  helper.abandonOutput()
  assert.not.ok(existsSync(join(folder, 'missing')))

  await helper.end()
})

for (const count of [1, 3])
  test(`with compiled kernels on ${count + 1} threads the bytes are the same`, async () => {
    const paths = objects(60)
    const expected = run(paths, new NodeHost())!
    const ahead = paths.filter((_, i) => i % 2 === 0).map(path => ({ path, size: statSync(path).size }))
    const compute = new SharedCompute(new SharedMemory(1 << 26), await compileKernels())
    const helper = new HelperThread(shareFiles(ahead, compute.memory), await helperText(), compute, count)
    const output = join(folder, 'compiled')
    helper.writeTo(output, 0o755)
    const host = new NodeHost(helper)
    const bytes = run(paths, host)!
    assert.ok(compute.memory.holds(bytes))
    assert.ok(Buffer.from(bytes).equals(expected))
    assert.ok(helper.finishOutput(bytes))
    assert.ok(readFileSync(output).equals(expected))
    assert.ok(host.indexOf(ahead[0]!.path) !== undefined, 'files read ahead have an index')
    await helper.end()
  })

test.run()
