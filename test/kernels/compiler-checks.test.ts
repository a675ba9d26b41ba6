/** Kernels with checks find what compiled kernels would do silently. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Checks } from '../../scripts/kernels/checks.ts'
import { compileKernels } from '../../scripts/kernels/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'kernel-checks-'))
test.after(() => rmSync(folder, { recursive: true }))

const source = `export function run(ints: Int32Array, words: Uint32Array, at: I32, by: I32): I32 {
  ints[at + 1]! += by
  let sum = ints[at]! + by
  sum += by * 2
  words.fill(0, 0, at + 2)
  return (sum + by) | (words[ints[at + 1]! & 1]! >>> 3)
}
`

type Run = (ints: Int32Array, words: Uint32Array, at: number, by: number) => number

async function checked(): Promise<Run> {
  const path = join(folder, 'kernel.ts')
  writeFileSync(path, source)
  const checks = new Checks()
  await compileKernels(path, checks)
  assert.equal(checks.files, [path])
  const { code } = transformSync(checks.text(path), { loader: 'ts', format: 'esm' })
  const module = join(folder, 'kernel.mjs')
  writeFileSync(module, code)
  return ((await import(module)) as { run: Run }).run
}

test('a kernel that keeps to its arrays does what it did', async () => {
  const run = await checked()
  const ints = new Int32Array([1, 2, 3])
  const words = new Uint32Array([8, 80, 800])
  assert.is(run(ints, words, 1, 5), 2 + 5 + 10 + 5)
  assert.equal([...ints], [1, 2, 8])
  assert.equal([...words], [0, 0, 0])
})

test('indexes beyond the end, before the start, and filled ranges are found', async () => {
  const run = await checked()
  assert.throws(() => run(new Int32Array(3), new Uint32Array(9), 2, 1), /3 is no index of an array of 3/)
  assert.throws(() => run(new Int32Array(3), new Uint32Array(9), -2, 1), /-1 is no index/)
  assert.throws(() => run(new Int32Array(3), new Uint32Array(2), 1, 1), /3 is behind the end of an array of 2/)
})

test('sums that fit no 32 bits are found unless they wrap on purpose', async () => {
  const run = await checked()
  const most = 0x7fffffff
  assert.throws(() => run(new Int32Array([most, 0]), new Uint32Array(2), 0, 1), /2147483648 does not fit an I32/)
  assert.throws(() => run(new Int32Array([0, 0]), new Uint32Array(2), 0, 0x40000000), /does not fit an I32/)
  assert.is(run(new Int32Array([0x3fffffff, 0]), new Uint32Array(2), 0, 0x10000000), (0x3fffffff + 0x40000000) | 0)
})

test.run()
