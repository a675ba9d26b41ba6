import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SHT_REL, SHT_RELA } from '../../src/elf/constants.ts'
import { SymbolState } from '../../src/engine/records/tables.ts'
import { findMissing, findReferring, type ReferenceRecord, Wanted } from '../../src/kernels/reach.ts'

/** One file: a local, globals with the ids 0 to 2, section 1 with these symbols in its rows, section 2 their table. */
function record(symbols: readonly number[], change: Partial<ReferenceRecord> = {}): ReferenceRecord {
  const view = new DataView(new ArrayBuffer(symbols.length * 24))
  symbols.forEach((symbol, row) => {
    view.setUint32(row * 24 + 12, symbol, true)
  })
  return {
    views: [view],
    viewSize: Float64Array.of(view.byteLength),
    globals: [Int32Array.of(0, 1, 2)],
    isUsual: Uint8Array.of(1),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(3),
    symbolCount: Int32Array.of(4),
    firstGlobal: Int32Array.of(1),
    refers: new Uint8Array(1),
    live: Uint8Array.of(1, 1, 1),
    relocations: Int32Array.of(-1, 2, -1),
    sectionType: Uint32Array.of(0, 1, SHT_RELA),
    offset: Float64Array.of(0, 0, 0),
    size: Float64Array.of(0, 0, view.byteLength),
    wanted: Uint8Array.of(0, Wanted.Missing, 0),
    swallows: Uint8Array.of(0, 1),
    typeCount: 2,
    ...change,
  }
}

function refers(each: ReferenceRecord): boolean {
  findReferring(each, 0)
  return each.refers[0] === 1
}

test('a file refers to what a row of a live section names', () => {
  assert.is(refers(record([0, 1, 3, 2])), true)
  assert.is(refers(record([0, 1, 3])), false)
  assert.is(refers(record([])), false)
  assert.is(refers(record([2], { live: Uint8Array.of(1, 0, 1) })), false)
  assert.is(refers(record([2], { wanted: new Uint8Array(3) })), false)
  assert.is(refers(record([4, 0xffff_ffff])), false)
})

test('a row behind one that swallows it is no reference', () => {
  const typed = (types: readonly number[]): ReferenceRecord => {
    const each = record(types.map(() => 2))
    types.forEach((type, row) => {
      each.views[0]!.setUint32(row * 24 + 8, type, true)
    })
    each.views[0]!.setUint32(12, 0, true)
    return each
  }
  assert.is(refers(typed([1, 0])), false)
  assert.is(refers(typed([0, 0])), true)
  assert.is(refers(typed([1, 1, 1])), false)
  assert.is(refers(typed([1, 0, 0])), true)
  assert.is(refers(typed([2, 0])), true)
  assert.is(refers(typed([0xffff_ffff, 0])), true)
  assert.is(refers({ ...typed([1, 0]), wanted: Uint8Array.of(0, Wanted.Warned, 0) }), true)
})

test('tables that cannot be read are left to others', () => {
  assert.is(refers(record([0], { sectionType: Uint32Array.of(0, 1, SHT_REL) })), true)
  assert.is(refers(record([0], { size: Float64Array.of(0, 0, 48) })), true)
  assert.is(refers(record([2], { isUsual: Uint8Array.of(0) })), false)
})

test('what is missing is undefined and named by a file', () => {
  const { Undefined, Defined, UndefinedWeak } = SymbolState
  const wanted = Uint8Array.of(0, Wanted.Warned, 0, 0, 0)
  const state = Uint8Array.of(Undefined, Undefined, Defined, UndefinedWeak, Undefined)
  const file = Int32Array.of(1, 2, 3, 4, -1)
  assert.is(findMissing(state, file, wanted, 0, 1), 1)
  assert.is(findMissing(state, file, wanted, 1, 5), 1)
  assert.equal([...wanted], [Wanted.Missing, Wanted.Warned | Wanted.Missing, 0, 0, 0])
})

test.run()
