import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SHN_ABS, SHN_XINDEX, SHT_NOBITS, SHT_PROGBITS, SHT_RELA } from '../../src/elf/constants.ts'
import { SymbolState } from '../../src/engine/records/tables.ts'
import { type FrameEdgeRecord, findFrameEdges, readElsewhere } from '../../src/kernels/frame-edges.ts'

const symbolsAt = 0
const framesAt = 400
const tableAt = 1000

/** CIE and FDE with this offset of their CIE; words of 4 bytes follow up to the length. */
type Entry = { readonly cie?: number; readonly length?: number }
type Row = readonly [offset: number, symbol: number]

/**
 * Section 1 with frames, section 2 its table, sections 3 to 6 for the locals 1 to 4. Globals: 5 is in section 7, 6 is
 * nowhere. Entries have 16 bytes.
 */
function record(
  entries: readonly Entry[],
  rows: readonly Row[],
  change: Partial<FrameEdgeRecord> = {},
): FrameEdgeRecord {
  const view = new DataView(new ArrayBuffer(tableAt + rows.length * 24))
  for (let local = 1; local <= 4; local++) view.setUint16(symbolsAt + local * 24 + 6, local + 2, true)
  entries.forEach(({ cie, length = 12 }, entry) => {
    const at = entry * 16
    view.setUint32(framesAt + at, length, true)
    view.setUint32(framesAt + at + 4, cie === undefined ? 0 : at + 4 - cie, true)
  })
  rows.forEach(([offset, symbol], row) => {
    view.setUint32(tableAt + row * 24, offset, true)
    view.setUint32(tableAt + row * 24 + 12, symbol, true)
  })
  return {
    views: [view],
    viewSize: Float64Array.of(view.byteLength),
    globals: [Int32Array.of(0, 1)],
    isUsual: Uint8Array.of(1),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(8),
    symbolStart: Float64Array.of(symbolsAt),
    extendedIndex: Float64Array.of(0),
    symbolCount: Int32Array.of(7),
    firstGlobal: Int32Array.of(5),
    sectionFile: new Int32Array(8),
    sectionType: Uint32Array.of(0, SHT_PROGBITS, SHT_RELA, 1, 1, 1, 1, 1),
    relocations: Int32Array.of(-1, 2, -1, -1, -1, -1, -1, -1),
    offset: Float64Array.of(0, framesAt, tableAt, 0, 0, 0, 0, 0),
    size: Float64Array.of(0, entries.length * 16, rows.length * 24, 0, 0, 0, 0, 0),
    symbolState: Uint8Array.of(SymbolState.Defined, SymbolState.Undefined),
    symbolSection: Int32Array.of(7, -1),
    ids: Int32Array.of(1),
    firstEdge: Int32Array.of(0),
    edgeCount: new Int32Array(1),
    from: new Int32Array(rows.length),
    to: new Int32Array(rows.length),
    ...change,
  }
}

function edges(each: FrameEdgeRecord): string {
  findFrameEdges(each, 0)
  const count = each.edgeCount[0]!
  if (count === readElsewhere) return 'elsewhere'
  return Array.from({ length: count }, (_, i) => `${each.from[i]}-${each.to[i]}`).join(' ')
}

test('a function keeps its exception table and the personality routine of its CIE', () => {
  const frames = [{}, { cie: 0 }, {}, { cie: 32 }, { cie: 0 }]
  const rows: Row[] = [
    [8, 5],
    [24, 1],
    [28, 2],
    [56, 3],
    [60, 2],
    [72, 4],
  ]
  assert.is(edges(record(frames, rows)), '3-4 3-7 5-4 6-7')
})

test('references to nothing are no edges, and neither are those of a function to itself', () => {
  const frames = [{}, { cie: 0 }, { cie: 0 }]
  assert.is(
    edges(
      record(frames, [
        [8, 6],
        [24, 1],
        [28, 6],
      ]),
    ),
    '',
  )
  assert.is(
    edges(
      record(frames, [
        [8, 1],
        [24, 1],
        [28, 99],
      ]),
    ),
    '',
  )
  assert.is(
    edges(
      record(frames, [
        [8, 1],
        [24, 6],
        [28, 2],
        [40, 2],
      ]),
    ),
    '4-3',
  )
  // the pointer to the CIE may have a relocation
  assert.is(
    edges(
      record(frames, [
        [20, 4],
        [24, 1],
        [28, 2],
      ]),
    ),
    '3-4',
  )
})

test('what cannot be understood ends the entries', () => {
  const rows: Row[] = [
    [24, 1],
    [28, 2],
    [40, 3],
    [44, 4],
  ]
  assert.is(edges(record([{}, { cie: 0 }, { cie: 0 }], rows)), '3-4 5-6')
  assert.is(edges(record([{}, { cie: 0 }, { cie: 0, length: 13 }], rows)), '3-4')
  assert.is(edges(record([{}, { cie: 0, length: 0xffff_ffff }, { cie: 0 }], rows)), '')
  assert.is(edges(record([{}, { cie: 0, length: 3 }, { cie: 0 }], rows)), '')
  assert.is(edges(record([{}, { cie: 4000 }, { cie: 3 }], rows)), '3-4 5-6')
  assert.is(edges(record([], rows)), '')
})

test('rare forms are read elsewhere', () => {
  const frames = [{}, { cie: 0 }]
  const rows: Row[] = [
    [24, 1],
    [28, 2],
  ]
  assert.is(edges(record(frames, [rows[1]!, rows[0]!])), 'elsewhere')
  assert.is(
    edges(
      record(frames, [
        [8, 1],
        [12, 2],
      ]),
    ),
    'elsewhere',
  )
  assert.is(edges(record(frames, rows, { isUsual: Uint8Array.of(0) })), 'elsewhere')
  assert.is(edges(record(frames, rows, { viewSize: Float64Array.of(tableAt + 47) })), 'elsewhere')
  assert.is(edges(record(frames, rows, { sectionType: Uint32Array.of(0, SHT_NOBITS, SHT_RELA) })), 'elsewhere')
  assert.is(edges(record(frames, rows, { sectionType: Uint32Array.of(0, SHT_PROGBITS, 9) })), 'elsewhere')
  assert.is(edges(record([{}, {}, {}, {}, {}, { cie: 16 }], [[88, 1]])), '')
  assert.is(edges(record([{}, {}, {}, {}, {}, { cie: 0 }], [[88, 1]])), 'elsewhere')
})

test('indexes of sections that are not there, absolute and extended ones', () => {
  const withIndex = (index: number, extended = 0): FrameEdgeRecord => {
    const each = record(
      [{}, { cie: 0 }],
      [
        [24, 1],
        [28, 2],
      ],
      { extendedIndex: Float64Array.of(extended) },
    )
    each.views[0]!.setUint16(symbolsAt + 2 * 24 + 6, index, true)
    each.views[0]!.setUint32(300 + 8, 5, true)
    return each
  }
  assert.is(edges(withIndex(6)), '3-6')
  for (const index of [0, 8, SHN_ABS, SHN_XINDEX]) assert.is(edges(withIndex(index)), '')
  assert.is(edges(withIndex(SHN_XINDEX, 300)), '3-5')
  assert.is(edges(withIndex(SHN_XINDEX, 1_000_000)), '')
})

test.run()
