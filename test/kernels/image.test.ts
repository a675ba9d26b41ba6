/** Contents of an image by kernels: what is copied and padded, and what is left. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ContentKind } from '../../src/engine/records/placement.ts'
import { plainCompute } from '../../src/kernels/compute.ts'
import { longestPadding, neverSettled } from '../../src/kernels/image.ts'

const { kernels } = plainCompute

const { Copy, NoBits, Merged, EhFrame, Synthetic } = ContentKind

function copyRecord(changes: object) {
  return {
    image: new DataView(new ArrayBuffer(64)),
    imageSize: 64,
    views: [new DataView(Uint8Array.from({ length: 32 }, (_, i) => i + 1).buffer)],
    viewSize: Float64Array.of(32),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(4),
    kind: Uint8Array.of(0, Copy, Copy, NoBits),
    from: Float64Array.of(0, 4, 30, 0),
    size: Float64Array.of(0, 3, 2, 9),
    outputOf: Int32Array.of(-1, 0, 0, 0),
    offsetOf: Float64Array.of(0, 0, 8, 16),
    outputStart: Float64Array.of(10),
    leftFiles: new Uint8Array(1),
    ...changes,
  }
}

test('sections are copied to their places', () => {
  const record = copyRecord({})
  kernels.copyFile(record, 0)
  const bytes = [...new Uint8Array(record.image.buffer)]
  assert.equal(bytes.slice(9, 21), [0, 5, 6, 7, 0, 0, 0, 0, 0, 31, 32, 0])
  assert.equal(
    bytes.slice(21).filter(byte => byte !== 0),
    [],
  )
  assert.is(record.leftFiles[0], 0)
})

test('what ends behind its file or behind the image is left, and what has no bytes in the file is none', () => {
  for (const changes of [
    { from: Float64Array.of(0, 4, 31, 0) },
    { viewSize: Float64Array.of(-1) },
    { imageSize: 19 },
    { size: Float64Array.of(0, 3, 0x1_0000_0000, 9) },
  ]) {
    const record = copyRecord(changes)
    kernels.copyFile(record, 0)
    assert.is(record.leftFiles[0], 1)
  }
  const without = copyRecord({ outputStart: Float64Array.of(-1) })
  kernels.copyFile(without, 0)
  assert.is(without.leftFiles[0], 0)
  assert.not.ok(new Uint8Array(without.image.buffer).some(byte => byte !== 0))
})

test('gaps get the pattern of their length; longer ones are left', () => {
  const patterns = new Uint8Array((longestPadding + 1) * 64)
  for (let length = 1; length <= longestPadding; length++)
    for (let i = 0; i < length; i++) patterns[length * 64 + i] = length
  const record = {
    image: new DataView(new ArrayBuffer(512)),
    runs: [Int32Array.of(2, 0, 1, 3)],
    runBase: Float64Array.of(100),
    run: Int32Array.of(0, 0),
    from: Int32Array.of(0, 2),
    to: Int32Array.of(2, 4),
    offsetOf: Float64Array.of(16, 80, 8, 200),
    size: Float64Array.of(1, 4, 5, 1),
    patterns,
    left: new Uint8Array(2),
  }
  kernels.padRun(record, 0)
  kernels.padRun(record, 1)
  const bytes = new Uint8Array(record.image.buffer)
  const filled = [...bytes].map((byte, at) => [at, byte] as const).filter(([, byte]) => byte !== 0)
  assert.equal(filled.slice(0, 3), [
    [113, 3],
    [114, 3],
    [115, 3],
  ])
  assert.equal(filled[3], [117, 63])
  assert.is(filled.length, 66)
  assert.equal([...record.left], [0, 1])
})

test('chunks wait for the files with relocations left to do, and for ever where they are edited', () => {
  const record = {
    kind: Uint8Array.of(Copy, Copy, EhFrame, Synthetic, Copy, Copy, Merged),
    size: Float64Array.of(100, 5, 8, 0, 9, 1000, 16),
    file: Int32Array.of(0, 3, 4, 5, 6, 7, 8),
    outputOf: Int32Array.of(0, 0, 0, 0, -1, 1, 0),
    offsetOf: Float64Array.of(0, 30, 44, 70, 80, 0, 0),
    outputStart: Float64Array.of(0, 60),
    left: Uint8Array.of(0, 1, 0, 0, 1, 0, 0),
    chunkSize: 16,
    chunkCount: 10,
    needs: new Int32Array(10),
  }
  kernels.markUnsettled(record, 0, 7)
  const never = neverSettled
  assert.equal([...record.needs], [0, 4, never, never, 0, 0, 0, 0, 0, 0])
  record.left[5] = 2
  kernels.markUnsettled(record, 5, 6)
  assert.equal([...record.needs], [0, 4, never, never, 8, 8, 8, 8, 8, 8])
})

test('sizes and kinds by section', () => {
  const kind = Uint8Array.of(Copy, Merged, Copy, NoBits, EhFrame)
  assert.is(kernels.copiedSize(kind, Float64Array.of(1, 2, 4, 8, 16), 0, 5), 5)
  assert.is(kernels.nextEdited(kind, 0, 5), 1)
  assert.is(kernels.nextEdited(kind, 2, 5), 5)
})

test.run()
