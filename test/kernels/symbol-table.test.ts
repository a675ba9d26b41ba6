/** Rows of .symtab by kernels: which are chosen, and what is written, with input that keeps to no custom. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ContentKind, SymbolHome } from '../../src/engine/records/placement.ts'
import { SymbolFlag, SymbolState } from '../../src/engine/records/tables.ts'
import { plainCompute } from '../../src/kernels/compute.ts'
import type { LocalSymbols } from '../../src/kernels/symbol-selection.ts'
import type { SymbolRows } from '../../src/kernels/symbol-table.ts'

const { kernels } = plainCompute

interface Entry {
  readonly name: string | number
  readonly type: number
  readonly section: number
  readonly value?: number
}

const stringsAt = 1024

/** A file: its symbol table at 0, its strings at `stringsAt`. */
function fileOf(entries: readonly Entry[], lastEnded = true): { readonly view: DataView; readonly end: number } {
  const bytes = new Uint8Array(4096).fill(0x2e)
  const view = new DataView(bytes.buffer)
  let end = stringsAt
  bytes[end++] = 0
  entries.forEach(({ name, type, section, value }, index) => {
    const at = (index + 1) * 24
    view.setUint32(at, typeof name === 'number' ? name : end - stringsAt, true)
    view.setUint8(at + 4, type)
    view.setUint8(at + 5, 0)
    view.setUint16(at + 6, section, true)
    view.setUint32(at + 8, value ?? 0, true)
    view.setInt32(at + 12, 0, true)
    view.setUint32(at + 16, 5, true)
    view.setUint32(at + 20, 0, true)
    if (typeof name === 'number') return
    for (let i = 0; i < name.length; i++) bytes[end++] = name.charCodeAt(i)
    bytes[end++] = 0
  })
  return { view, end: lastEnded ? end : end - 1 }
}

/** Sections: 0 none, 1 copied, 2 dead, 3 mergeable, 4 edited, 5 without a place. */
function recordOf(entries: readonly Entry[], changes: Partial<LocalSymbols> = {}, lastEnded = true): LocalSymbols {
  const { view, end } = fileOf(entries, lastEnded)
  return {
    views: [view],
    isPlain: Uint8Array.of(1),
    symbolStart: Float64Array.of(0),
    stringsAt: Uint32Array.of(stringsAt),
    stringsEnd: Uint32Array.of(end),
    localEnd: Int32Array.of(entries.length + 1),
    hasExtended: Uint8Array.of(0),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(6),
    live: Uint8Array.of(0, 1, 0, 1, 1, 1),
    flags: Uint32Array.of(0, 0, 0, 0x10, 0, 0),
    kind: Uint8Array.of(0, 1, 1, 1, ContentKind.EhFrame, 1),
    outputOf: Int32Array.of(-1, 0, 0, 1, 0, -1),
    dropsTemporary: false,
    keepsFiles: true,
    room: Int32Array.of(0),
    chosen: new Int32Array(entries.length + 1),
    lengths: new Uint32Array(entries.length + 1),
    count: new Int32Array(1),
    next: Int32Array.of(1),
    pending: Int32Array.of(-1),
    doubts: Int32Array.of(0),
    ...changes,
  }
}

function chosen(record: LocalSymbols): (readonly [number, number])[] {
  kernels.selectFileLocals(record, 0)
  return [...record.chosen.subarray(0, record.count[0])].map((index, i) => [index, record.lengths[i]!])
}

const absolute = 0xfff1

test('locals: no sections, no undefined ones, a file only in front of a local', () => {
  const entries = [
    { name: 'first.c', type: 4, section: absolute },
    { name: 'second.c', type: 4, section: absolute },
    { name: '', type: 3, section: 1 },
    { name: 'lost', type: 0, section: 0 },
    { name: 'dead', type: 0, section: 2 },
    { name: 'out', type: 0, section: 5 },
    { name: 'wild', type: 0, section: 77 },
    { name: 'kept', type: 1, section: 1 },
    { name: '', type: 0, section: absolute },
    { name: 'last.c', type: 4, section: absolute },
  ]
  const all = recordOf(entries)
  assert.equal(chosen(all), [
    [2, 8],
    [8, 4],
    [9, 0],
  ])
  assert.is(all.next[0], entries.length + 1)
  assert.equal(chosen(recordOf(entries, { keepsFiles: false })), [
    [8, 4],
    [9, 0],
  ])
})

test('temporary labels go in mergeable sections, or everywhere', () => {
  const entries = [
    { name: '.L1', type: 0, section: 1 },
    { name: '.L2', type: 0, section: 3 },
    { name: '.', type: 0, section: 3 },
    { name: '.Lx', type: 0, section: absolute },
  ]
  assert.equal(chosen(recordOf(entries)), [
    [1, 3],
    [3, 1],
    [4, 3],
  ])
  assert.equal(chosen(recordOf(entries, { dropsTemporary: true })), [
    [3, 1],
    [4, 3],
  ])
})

test('a name behind the strings is empty, one without an end ends with them', () => {
  for (let length = 1; length < 12; length++) {
    const entries = [
      { name: 0xffff_ffff, type: 0, section: 1 },
      { name: 2000, type: 0, section: 1 },
      { name: 'abcdefghijklmn'.slice(0, length), type: 0, section: 1 },
    ]
    const expected = [
      [1, 0],
      [2, 0],
      [3, length],
    ]
    assert.equal(chosen(recordOf(entries)), expected)
    assert.equal(chosen(recordOf(entries, {}, false)), expected)
  }
})

test('symbols of edited sections are marked', () => {
  const entries = [
    { name: 'a', type: 0, section: 1 },
    { name: 'b.c', type: 4, section: absolute },
    { name: 'edited', type: 0, section: 4 },
    { name: 'c', type: 0, section: 1 },
  ]
  const record = recordOf(entries)
  assert.equal(chosen(record), [
    [1, 1],
    [2, 3],
    [-3, 6],
    [4, 1],
  ])
  assert.is(record.doubts[0], 1)
})

test('what is not plain is left, with what is known so far', () => {
  const entries = [
    { name: 'a', type: 0, section: 1 },
    { name: 'b.c', type: 4, section: absolute },
    { name: 'far', type: 0, section: 0xffff },
  ]
  const far = recordOf(entries, { hasExtended: Uint8Array.of(1) })
  assert.equal(chosen(far), [[1, 1]])
  assert.is(far.next[0], 3)
  assert.is(far.pending[0], 2)
  const other = recordOf(entries, { isPlain: Uint8Array.of(0) })
  assert.equal(chosen(other), [])
  assert.is(other.next[0], 1)
})

const states = [
  SymbolState.Unknown,
  SymbolState.Undefined,
  SymbolState.Defined,
  SymbolState.Defined,
  SymbolState.Script,
  SymbolState.Shared,
]

test('globals: what is defined or referred to; those that a script hides are locals', () => {
  const record = {
    state: Uint8Array.from(states),
    other: Uint8Array.of(0, 2, 0, 2, 0, 0),
    flags: Uint16Array.of(0, SymbolFlag.Referenced, 0, 0, SymbolFlag.ScriptHidden, 0),
    home: Int32Array.of(SymbolHome.Undefined, SymbolHome.Undefined, SymbolHome.Undefined, 0, SymbolHome.Absolute, -2),
    nameLengths: Uint32Array.of(1, 2, 4, 8, 16, 32),
    hiddenAsLocal: false,
    keepsImports: true,
    forced: new Int32Array(6),
    others: new Int32Array(6),
    counts: new Int32Array(2),
    nameBytes: new Float64Array(1),
  }
  kernels.selectGlobalSymbols(record, 0, 2)
  kernels.selectGlobalSymbols(record, 2, 6)
  assert.equal([...record.counts], [1, 2])
  assert.is(record.forced[0], 4)
  assert.equal([...record.others.subarray(0, 2)], [1, 3])
  assert.is(record.nameBytes[0], 16 + 2 + 8 + 3)
})

function rowsOf(entries: readonly Entry[], rows: readonly number[], lengths: readonly number[]): SymbolRows {
  const locals = recordOf(entries)
  return {
    ...locals,
    image: new DataView(new ArrayBuffer(512)),
    localsAt: 24,
    globalsAt: 24 + rows.length * 24,
    stringsAt: 256,
    localCount: rows.length,
    rowFile: new Int32Array(rows.length),
    rowIndex: Int32Array.from(rows),
    rowLength: Uint32Array.from(lengths),
    globalCount: 1,
    forcedCount: 0,
    globals: Int32Array.of(0),
    fileStringsAt: locals.stringsAt,
    addressOf: Float64Array.of(0, -0x8000_0000, 0, 0, 0, 0),
    headerIndex: Int32Array.of(7, 0xff00),
    isCode: Uint8Array.of(1, 0),
    state: Uint8Array.of(SymbolState.Defined),
    binding: Uint8Array.of(0),
    type: Uint8Array.of(2),
    other: Uint8Array.of(3),
    flags: Uint16Array.of(0),
    section: Int32Array.of(1),
    size: Float64Array.of(0x1_0000_0003),
    home: Int32Array.of(0),
    value: Float64Array.of(0x12_3456_789a),
    scriptType: Uint8Array.of(0),
    nameLengths: Uint32Array.of(6),
    nameWords: Int32Array.of(1),
    nameTexts: Int32Array.of(-1, 0x64636261, 0x6665),
    special: new Uint8Array(0),
    hasSpecial: false,
    threadBase: 0,
    plainTypes: false,
    weakAsGlobal: false,
    hiddenAsLocal: false,
    hides: new Uint8Array(0),
    hasHidden: false,
    nameStart: Float64Array.of(1, 0, 0),
    rare: new Uint8Array(rows.length + 1),
  }
}

test('rows and names are written; what is not plain is marked and has its name', () => {
  const entries = [
    { name: 'local', type: 1, section: 1, value: 0x10 },
    { name: 'edited', type: 1, section: 4 },
    { name: 'file', type: 4, section: 77 },
    { name: 'far', type: 1, section: 3 },
  ]
  const record = rowsOf(entries, [1, 2, -3, 3, 4], [5, 6, 2, 4, 3])
  kernels.placeBlockNames(record, 0)
  kernels.placeBlockNames(record, 1)
  assert.equal([...record.nameStart], [1, 26, 33])
  kernels.writeSymbolBlock(record, 1)
  kernels.writeSymbolBlock(record, 0)
  assert.equal([...record.rare], [0, 1, 1, 1, 1, 0])
  const { image } = record
  const names = [0, 1, 2, 3, 4, 5].map(row => image.getUint32(24 + row * 24, true))
  assert.equal(names, [1, 7, 14, 17, 22, 26])
  assert.is(image.getUint8(24 + 4), 1)
  assert.is(image.getUint16(24 + 6, true), 7)
  assert.is(image.getBigUint64(24 + 8, true), 0xffff_ffff_8000_0010n)
  assert.is(image.getBigUint64(24 + 16, true), 5n)
  const global = 24 + 5 * 24
  assert.is(image.getUint8(global + 4), 0x12)
  assert.is(image.getUint8(global + 5), 3)
  assert.is(image.getUint16(global + 6, true), 7)
  assert.is(image.getBigUint64(global + 8, true), 0x12_3456_789an)
  assert.is(image.getBigUint64(global + 16, true), 0x1_0000_0003n)
  const text = (at: number, length: number): string =>
    String.fromCharCode(...new Uint8Array(image.buffer, 256 + at, length))
  assert.is(text(1, 6), 'local\0')
  assert.is(text(7, 7), 'edited\0')
  assert.is(text(26, 7), 'abcdef\0')
})

test.run()
