import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ContentKind, SymbolHome } from '../../src/engine/records/placement.ts'
import { SectionState, SymbolState } from '../../src/engine/records/tables.ts'
import {
  findNamed,
  hasMarked,
  type InputRun,
  locateSections,
  placeInputRun,
  placeSymbols,
  type SymbolPlaces,
} from '../../src/kernels/layout.ts'

function runOf(align: number[], size: number[], state: number[] = size.map(() => 0)): InputRun {
  return {
    align: Uint32Array.from(align),
    state: Uint8Array.from(state),
    size: Float64Array.from(size),
    offset: new Float64Array(size.length),
    end: new Float64Array(1),
    largest: new Uint32Array(1),
  }
}

test('offsets follow the alignment of addresses, not of offsets', () => {
  const run = runOf([1, 16, 4, 0x8000_0000], [3, 5, 0, 1])
  placeInputRun(run, Int32Array.from([0, 1, 2]), 0, 3, 0, 8, 0)
  assert.equal([...run.offset.subarray(0, 3)], [0, 8, 16])
  assert.is(run.end[0], 16)
  assert.is(run.largest[0], 16)
  placeInputRun(run, Int32Array.from([9, 3]), 1, 2, 2 ** 40 + 1, 0xffff_ffff, 0)
  assert.is((run.offset[3]! + 0xffff_ffff) % 2 ** 31, 0)
  assert.is(run.largest[0], 0x8000_0000)
})

test('an empty section of the linker makes no gap', () => {
  const run = runOf([8, 8], [0, 0], [SectionState.Synthetic, 0])
  placeInputRun(run, Int32Array.from([0, 1]), 0, 2, 3, 0, 0)
  assert.equal([...run.offset], [3, 8])
})

test('a subalignment takes the place of every other, be it larger than 32 bits', () => {
  const run = runOf([4096, 1], [1, 1])
  placeInputRun(run, Int32Array.from([0, 1]), 0, 2, 1, 3, 4)
  assert.equal([...run.offset], [1, 5])
  assert.is(run.largest[0], 0)
  placeInputRun(run, Int32Array.from([0, 1]), 0, 2, 1, 0, 2 ** 33)
  assert.equal([...run.offset], [2 ** 33, 2 ** 34])
})

test('columns of sections', () => {
  const places = {
    count: 3,
    placedIn: Int32Array.from([1, -1, 0]),
    offset: Float64Array.from([5, 6, 7]),
    base: Float64Array.from([0x1000, -0x8000_0000]),
    indexOf: Int32Array.from([-1, 3]),
    outputOf: new Int32Array(3),
    address: new Float64Array(3),
  }
  locateSections(places, 0)
  assert.equal([...places.outputOf], [3, -1, -1])
  assert.equal([...places.address], [-0x8000_0000 + 5, 0, 0x1007])
})

test('symbols in what was edited or left out, or that may be wide, are left', () => {
  const { Defined, Undefined, Script } = SymbolState
  const places: SymbolPlaces = {
    count: 7,
    state: Uint8Array.from([Defined, Undefined, Defined, Script, Defined, Defined, Defined]),
    section: Int32Array.from([0, 0, 1, 0, -1, 2, 3]),
    value: Float64Array.from([4, 4, 4, 4, 123, 4, 4]),
    kind: Uint8Array.from([ContentKind.Copy, ContentKind.Merged, ContentKind.Copy, ContentKind.None]),
    placedIn: Int32Array.from([0, 0, 1, -1]),
    offset: Float64Array.from([16, 0, 0, 0]),
    base: Float64Array.from([0x1000, 0x2000]),
    indexOf: Int32Array.from([0, -1]),
    hasWide: false,
    address: new Float64Array(7),
    home: new Int32Array(7).fill(SymbolHome.Undefined),
    left: new Int32Array(7),
    leftCount: new Int32Array(1),
  }
  placeSymbols(places, 0)
  assert.equal([...places.left.subarray(0, places.leftCount[0])], [2, 5])
  assert.equal([...places.address], [0x1014, 0, 0, 0, 123, 0, 0])
  const { Undefined: none, Absolute } = SymbolHome
  assert.equal([...places.home], [0, none, none, none, Absolute, none, none])
  placeSymbols({ ...places, hasWide: true }, 0)
  assert.equal([...places.left.subarray(0, places.leftCount[0])], [2, 4, 5])
})

test('the first section of a name by file', () => {
  const found = new Int32Array(3)
  const name = Int32Array.from([5, 7, 5, 7, 7])
  const named = { name, file: Int32Array.from([0, 0, 1, 1, 1]), wanted: 7, found }
  findNamed(named, 0, 4)
  findNamed(named, 4, 5)
  assert.equal([...found], [1, 3, 0])
})

test('a marked section counts where it has a size and a place', () => {
  const marks = Uint8Array.from([1, 3, 2, 2, 2])
  const size = Float64Array.from([8, 0, 8, 8, 8])
  const outputOf = Int32Array.from([0, 0, -1, 1, 0])
  const mayCount = Uint8Array.from([1, 0])
  assert.not(hasMarked(marks, 2, size, outputOf, mayCount, 0, 4))
  assert.ok(hasMarked(marks, 2, size, outputOf, mayCount, 3, 5))
})

test.run()
