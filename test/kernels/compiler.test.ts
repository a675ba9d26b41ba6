/** What the kernel compiler makes does the same as the JavaScript it was made from. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { webAssembly } from '../../src/host-node/webassembly.ts'
import * as kernels from '../../src/kernels/all.ts'
import { KernelForms, type Shelf } from '../support/kernel-forms.ts'
import type { Columns } from './constructs/columns.ts'
import * as statements from './constructs/statements.ts'
import * as values from './constructs/values.ts'

/** Pseudo-random numbers from 0 to 2^32 - 1 (xorshift). */
function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

const extremes = [0, 1, -1, 0x7fffffff, -0x80000000, 0xffff_ffff, 0x8000_0000, 255, 256]

function columns(shelf: Shelf, seed: number): Columns {
  const random = randomNumbers(seed)
  const any = (): number => (random() % 8 === 0 ? extremes[random() % extremes.length]! : random() >> (random() % 32))
  type Maker<Array> = new (buffer: SharedArrayBuffer, at: number, length: number) => Array
  const array = <Array>(make: Maker<Array>, width: number, length: number): Array =>
    new make(...shelf.take(width * length), length)
  const filled = <Array extends { fill(value: number): unknown; length: number; [at: number]: number }>(
    make: Maker<Array>,
    width: number,
    value: () => number,
  ): Array => {
    const made = array(make, width, 128)
    for (let i = 0; i < 128; i++) made[i] = value()
    return made
  }
  const view = (): DataView => {
    const bytes = filled(Uint8Array, 1, any)
    const [buffer, at] = shelf.take(300, 1)
    new Uint8Array(buffer, at + 1, 128).set(bytes)
    return new DataView(buffer, at + 1, 299)
  }
  return {
    out: array(Int32Array, 4, 256),
    outBytes: array(Uint8Array, 1, 256),
    outHalves: array(Uint16Array, 2, 256),
    outWords: array(Uint32Array, 4, 256),
    outDoubles: array(Float64Array, 8, 256),
    outView: new DataView(...shelf.take(400, 1)),
    ints: filled(Int32Array, 4, any),
    words: filled(Uint32Array, 4, any),
    bytes: filled(Uint8Array, 1, any),
    halves: filled(Uint16Array, 2, any),
    small: filled(Int32Array, 4, () => (random() & 0xffff) - 0x8000),
    smallWords: filled(Uint32Array, 4, () => random() & 0x7fff),
    doubles: filled(Float64Array, 8, () => (random() - 0x80000000) * 256 + (random() % 64) / 8 + 1 / 16),
    sizes: filled(Float64Array, 8, () => random() * 2 ** 18 + (random() >>> 14)),
    view: view(),
    tables: [filled(Int32Array, 4, any), filled(Int32Array, 4, any)],
    views: [view(), view()],
    count: (random() % 40) as number,
    limit: random() & 0x7fff,
    address: random() * 64 + 0.5,
    flag: (random() & 1) === 1,
  }
}

const files = { values, statements }
for (const [name, module] of Object.entries(files)) {
  const forms = await KernelForms.of(`test/kernels/constructs/${name}.ts`, module)
  assert.equal([...forms.names].sort(), Object.keys(module).sort())
  for (const kernel of forms.names)
    test(`${name}: ${kernel}`, () => {
      for (let seed = 1; seed <= 2; seed++)
        for (let row = 0; row < 64; row++) forms.same(kernel, shelf => [columns(shelf, seed * 100 + row), row])
    })
}

test('every kernel of the project can be compiled', async () => {
  const { bytes, signatures } = await compileKernels('src/kernels/all.ts')
  new webAssembly.Module(bytes)
  assert.equal(
    Object.keys(signatures.kernels).sort(),
    Object.entries(kernels)
      .filter(([, value]) => typeof value === 'function')
      .map(([key]) => key)
      .sort(),
  )
})

test('the module is the same each time', async () => {
  const [first, second] = [await compileKernels(), await compileKernels()]
  assert.equal(first.bytes, second.bytes)
})

test.run()
