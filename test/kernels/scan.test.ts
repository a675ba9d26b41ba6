import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  SHF_ALLOC,
  SHF_WRITE,
  SHN_ABS,
  SHT_NOBITS,
  SHT_PROGBITS,
  SHT_RELA,
  STT_GNU_IFUNC,
  STT_TLS,
} from '../../src/elf/constants.ts'
import { ContentKind } from '../../src/engine/records/placement.ts'
import { SymbolFlag, SymbolState } from '../../src/engine/records/tables.ts'
import { foundWidth, Interest, markSymbols, type ScanRecord, scanFile } from '../../src/kernels/scan.ts'
import { relaxation } from '../../src/target/arch/x86-64/relax.ts'
import * as r from '../../src/target/arch/x86-64/relocations.ts'
import { formulaCodes, OutputTrait, TargetFact } from '../../src/target/target.ts'

const symbolsAt = 0
const codeAt = 200
const tableAt = 300

interface Row {
  readonly offset: number
  readonly type: number
  readonly symbol: number
  readonly addend?: number
}

/** One file: 2 locals, 2 globals (ids 0 and 1), section 1 with code and these rows, section 2 their table. */
function scanned(rows: readonly Row[], change: Partial<ScanRecord> = {}): ScanRecord {
  const view = new DataView(new ArrayBuffer(tableAt + rows.length * 24))
  rows.forEach(({ offset, type, symbol, addend = 0 }, row) => {
    view.setUint32(tableAt + row * 24, offset, true)
    view.setUint32(tableAt + row * 24 + 8, type, true)
    view.setUint32(tableAt + row * 24 + 12, symbol, true)
    view.setBigInt64(tableAt + row * 24 + 16, BigInt(addend), true)
  })
  const none = new Uint8Array(256)
  return {
    views: [view],
    globals: [Int32Array.of(0, 1)],
    viewSize: Float64Array.of(view.byteLength),
    isUsual: Uint8Array.of(1),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(3),
    symbolStart: Float64Array.of(symbolsAt),
    symbolCount: Int32Array.of(4),
    firstGlobal: Int32Array.of(2),
    roomStart: Int32Array.of(0, 8),
    foundCount: new Int32Array(1),
    found: new Int32Array(8 * foundWidth),
    live: Uint8Array.of(1, 1, 1),
    kind: Uint8Array.of(0, ContentKind.Copy, 0),
    relocations: Int32Array.of(-1, 2, -1),
    sectionFlags: Uint32Array.of(0, SHF_ALLOC, 0),
    sectionType: Uint32Array.of(0, SHT_PROGBITS, SHT_RELA),
    offset: Float64Array.of(0, codeAt, tableAt),
    size: Float64Array.of(0, 64, rows.length * 24),
    marks: Uint8Array.of(0, 1),
    lastCall: new Int32Array(2),
    symbolState: Uint8Array.of(SymbolState.Defined, SymbolState.Defined),
    symbolFlags: new Uint16Array(2),
    symbolType: new Uint8Array(2),
    symbolSection: Int32Array.of(1, 1),
    marksNumbers: false,
    largeFlag: 0x1000_0000,
    typeCount: 8,
    interests: Uint8Array.of(Interest.None, Interest.Any, Interest.Marked, Interest.Any, 0, 0, 0, 0),
    relaxes: Uint8Array.of(0, 1, 0, 1, 0, 0, 0, 0),
    words: none,
    calls: none,
    movedWords: new Int32Array(1),
    constantWords: new Int32Array(1),
    settles: none,
    rewrites: none,
    rewriteBytes: new Uint8Array(3 * 256),
    rewriteAddend: 0,
    ...change,
  }
}

/** [section, row, type, symbol] of what is found. */
function found(record: ScanRecord): number[][] {
  scanFile(record, 0)
  const rows: number[][] = []
  const kept = Math.min(record.foundCount[0]!, record.roomStart[1]!)
  for (let i = 0; i < kept; i++) rows.push([...record.found.subarray(i * foundWidth, (i + 1) * foundWidth)])
  return rows
}

test('rows are found by the interest in their type and the mark of their symbol', () => {
  const rows = [
    { offset: 0, type: 0, symbol: 3 },
    { offset: 0, type: 1, symbol: 2 },
    { offset: 0, type: 2, symbol: 2 },
    { offset: 0, type: 2, symbol: 3 },
    { offset: 0, type: 2, symbol: 1 },
    { offset: 0, type: 1, symbol: 1 },
  ]
  assert.equal(found(scanned(rows)), [
    [1, 1, 1, 2],
    [1, 3, 2, 3],
    [1, 5, 1, 1],
  ])
})

test('types and symbols that are not there, and sections that are not loaded, are passed over', () => {
  const rows = [
    { offset: 0, type: 8, symbol: 2 },
    { offset: 0, type: 0xffff_ffff, symbol: 2 },
    { offset: 0, type: 1, symbol: 4 },
    { offset: 0, type: 1, symbol: 0xffff_ffff },
  ]
  assert.equal(found(scanned(rows)), [])
  const one = [{ offset: 0, type: 1, symbol: 2 }]
  assert.equal(found(scanned(one)).length, 1)
  assert.equal(found(scanned(one, { live: Uint8Array.of(1, 0, 1) })), [])
  assert.equal(found(scanned(one, { sectionFlags: new Uint32Array(3) })), [])
  assert.equal(found(scanned(one, { kind: Uint8Array.of(0, ContentKind.Merged, 0) })), [])
  assert.equal(found(scanned(one, { isUsual: Uint8Array.of(0) })), [])
})

test('a table that leaves its file has no rows, one of another form is handed on whole', () => {
  const rows = [{ offset: 0, type: 1, symbol: 2 }]
  assert.equal(found(scanned(rows, { size: Float64Array.of(0, 64, 48) })), [])
  assert.equal(found(scanned(rows, { sectionType: Uint32Array.of(0, SHT_PROGBITS, 9) })), [[1, -1, 0, 0]])
})

test('rows without room are counted', () => {
  const rows = Array.from({ length: 5 }, () => ({ offset: 0, type: 1, symbol: 2 }))
  const record = scanned(rows, { roomStart: Int32Array.of(0, 3), found: new Int32Array(4 * foundWidth).fill(-7) })
  scanFile(record, 0)
  assert.is(record.foundCount[0], 5)
  assert.is(record.found[2 * foundWidth + 1], 2)
  assert.is(record.found[3 * foundWidth], -7)
})

test('of the locals, indirect functions and numbers are found', () => {
  const rows = [{ offset: 0, type: 2, symbol: 1 }]
  const indirect = scanned(rows)
  indirect.views[0]!.setUint8(symbolsAt + 24 + 4, STT_GNU_IFUNC)
  assert.equal(found(indirect), [[1, 0, 2, 1]])
  const number = scanned(rows, { marksNumbers: true })
  number.views[0]!.setUint16(symbolsAt + 24 + 6, SHN_ABS, true)
  assert.equal(found(number), [[1, 0, 2, 1]])
  assert.equal(found({ ...number, marksNumbers: false }), [])
})

/** Type 3 is rewritten where the bytes are any, 8b, 05. */
const forms = {
  rewrites: new Uint8Array(256).fill(1, 3, 4),
  rewriteBytes: new Uint8Array(3 * 256)
    .fill(1, 0, 256)
    .fill(1, 256 + 0x8b, 256 + 0x8c)
    .fill(1, 512 + 0x05, 512 + 0x06),
  rewriteAddend: -4,
}

function withCode(record: ScanRecord, at: number): ScanRecord {
  record.views[0]!.setUint8(codeAt + at - 2, 0x8b)
  record.views[0]!.setUint8(codeAt + at - 1, 0x05)
  return record
}

test('instructions that are surely rewritten need no look', () => {
  const row = (offset: number, addend = -4, symbol = 2): Row => ({ offset, type: 3, symbol, addend })
  const count = (rows: readonly Row[], at: number, change: Partial<ScanRecord> = {}): number =>
    found(withCode(scanned(rows, { ...forms, ...change }), at)).length
  assert.is(count([row(3)], 3), 0)
  assert.is(count([row(60)], 60), 0)
  assert.is(count([row(4)], 3), 1, 'other bytes')
  assert.is(count([row(2)], 2), 1, 'too few bytes in front')
  assert.is(count([row(61)], 61), 1, 'too few bytes behind')
  assert.is(count([row(0xffff_fffc)], 3), 1, 'beyond the section')
  assert.is(count([row(3, 0)], 3), 1, 'another addend')
  assert.is(count([row(3, 0xffff_fffc)], 3), 1, 'another addend of 64 bits')
  assert.is(count([row(3, -4, 1)], 3), 1, 'a local')
  assert.is(count([row(3, -4, 3)], 3), 1, 'a marked symbol')
  assert.is(count([row(3)], 3, { symbolSection: Int32Array.of(-1, 1) }), 1, 'a number')
  assert.is(count([row(3)], 3, { symbolState: Uint8Array.of(SymbolState.Undefined, 0) }), 1, 'nowhere')
  assert.is(count([row(3)], 3, { symbolType: Uint8Array.of(STT_TLS, 0) }), 1, 'thread-local')
  assert.is(count([row(3)], 3, { symbolFlags: Uint16Array.of(SymbolFlag.Preemptible, 0) }), 1, 'left to the loader')
  assert.is(count([row(3)], 3, { sectionType: Uint32Array.of(0, SHT_NOBITS, SHT_RELA) }), 1, 'without bytes')
  assert.is(count([row(3)], 3, { sectionFlags: Uint32Array.of(0, SHF_ALLOC | 0x1000_0000, 0) }), 1, 'far away')
  assert.is(count([row(3)], 3, { size: Float64Array.of(0, 1e9, 24), viewSize: Float64Array.of(324) }), 0)
})

test('calls of a function are found once in a file, unless they may be swallowed', () => {
  const calls = new Uint8Array(256).fill(1, 2, 6)
  const interests = Uint8Array.of(0, Interest.Any, Interest.Marked, 0, Interest.Marked, 0, 0, 0)
  const call = { offset: 0, type: 2, symbol: 3 }
  const any = { offset: 0, type: 1, symbol: 2 }
  const other = { ...call, type: 4 }
  const rowsOf = (rows: readonly Row[], change: Partial<ScanRecord> = {}): (number | undefined)[] =>
    found(scanned(rows, { calls, interests, ...change })).map(row => row[1])
  assert.equal(rowsOf([call, call, other, other, call]), [0, 2, 4])
  assert.equal(rowsOf([any, call, call, call]), [0, 1, 2])
  assert.equal(rowsOf([call, call], { kind: Uint8Array.of(0, ContentKind.EhFrame, 0) }), [0, 1])
  assert.equal(rowsOf([call, call], { calls: new Uint8Array(256) }), [0, 1])
})

test('words that move with the output are counted', () => {
  const word = { offset: 0, type: 4, symbol: 2 }
  const local = { ...word, symbol: 1 }
  const words = new Uint8Array(256).fill(1, 4, 5)
  const interests = Uint8Array.of(0, Interest.Any, 0, 0, Interest.Any, 0, 0, 0)
  const counted = (rows: readonly Row[], index = 1, change: Partial<ScanRecord> = {}): string => {
    const record = scanned(rows, { words, interests, ...change })
    record.views[0]!.setUint16(symbolsAt + 24 + 6, index, true)
    scanFile(record, 0)
    return `${record.movedWords[0]} ${record.constantWords[0]}, ${record.foundCount[0]}`
  }
  const writable = { sectionFlags: Uint32Array.of(0, SHF_ALLOC | SHF_WRITE, 0) }
  assert.is(counted([word, word, local]), '3 3, 0')
  assert.is(counted([word, local], 1, writable), '2 0, 0')
  assert.is(counted([word], 1, { symbolState: Uint8Array.of(SymbolState.Script, 0) }), '1 1, 0')
  assert.is(counted([{ ...word, symbol: 3 }]), '0 0, 1')
  assert.is(counted([word], 1, { symbolSection: Int32Array.of(-1, 1) }), '0 0, 1')
  assert.is(counted([word], 1, { symbolState: Uint8Array.of(SymbolState.Undefined, 0) }), '0 0, 1')
  assert.is(counted([word, local], 2, { live: Uint8Array.of(1, 1, 0), symbolSection: Int32Array.of(2, 1) }), '0 0, 2')
  for (const index of [0, 3, SHN_ABS, 0xffff]) assert.is(counted([local], index), '0 0, 1')
  assert.is(counted([{ ...word, type: 1 }, word, word]), '1 1, 2')
  assert.is(counted([word], 1, { kind: Uint8Array.of(0, ContentKind.EhFrame, 0) }), '0 0, 1')
  const indirect = scanned([local], { words, interests })
  indirect.views[0]!.setUint16(symbolsAt + 24 + 6, 1, true)
  indirect.views[0]!.setUint8(symbolsAt + 24 + 4, STT_GNU_IFUNC)
  assert.is(found(indirect).length, 1)
})

test('a row that leaves no need is found together with the one behind it', () => {
  const settles = new Uint8Array(256).fill(1, 3, 4)
  const settled = { offset: 5, type: 3, symbol: 2 }
  const other = { offset: 9, type: 1, symbol: 2 }
  const idle = { offset: 9, type: 0, symbol: 2 }
  const rowsOf = (...rows: Row[]): (number | undefined)[] => found(scanned(rows, { settles })).map(row => row[1])
  assert.equal(rowsOf(settled, idle, settled), [])
  assert.equal(rowsOf(settled, other, settled), [0, 1])
  assert.equal(rowsOf(idle, settled, settled, other, other), [1, 2, 3, 4])
  assert.equal(rowsOf(settled, idle, other), [2])
  assert.equal(rowsOf({ ...settled, offset: 64 }, idle), [0], 'beyond the section')
  assert.equal(rowsOf({ ...settled, symbol: 3 }, idle), [0], 'a marked symbol')
})

test('x86-64: thread-local sequences of a program leave nothing, whatever the code', () => {
  const traits = OutputTrait.Executable
  const types = relaxation.settles!(traits)
  assert.ok(types.includes(r.R_X86_64_TLSGD))
  assert.equal(relaxation.settles!(0), [])
  const known = [
    [0x66, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x66, 0x66, 0x48, 0xe8, 0, 0, 0, 0],
    [0x66, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0, 0, 0],
    [0x66, 0x48, 0x8b, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]
  const codes = [...known, new Array<number>(16).fill(0)]
  for (const type of types)
    for (const bytes of codes)
      for (const addend of [-4, 0])
        for (const facts of [TargetFact.Local, TargetFact.Local | TargetFact.Tls | TargetFact.Function]) {
          const { choose, formula, refused } = relaxation
          const rewrite = choose(type, Uint8Array.from(bytes), 4, 0, 16, facts, traits, addend, r.R_X86_64_PLT32, 8)
          assert.is.not(rewrite, 0)
          const code = formula[rewrite]
          assert.ok(rewrite === refused || code === formulaCodes['S+A-TP'] || code === formulaCodes.none)
        }
})

test('marks are for indirect functions, imports and numbers', () => {
  const { Defined, UndefinedWeak, Undefined } = SymbolState
  const columns = {
    count: 5,
    state: Uint8Array.of(Defined, Defined, UndefinedWeak, Defined, Undefined),
    type: Uint8Array.of(STT_GNU_IFUNC, 0, 0, 0, STT_GNU_IFUNC),
    flags: Uint16Array.of(0, 0, 0, SymbolFlag.Preemptible, 0),
    section: Int32Array.of(1, -1, -1, 1, -1),
  }
  const marked = (marksImports: boolean, marksNumbers: boolean): number[] => {
    const marks = new Uint8Array(5)
    markSymbols({ ...columns, marksImports, marksNumbers, marks }, 0)
    markSymbols({ ...columns, marksImports, marksNumbers, marks }, 1)
    return [...marks]
  }
  assert.equal(marked(false, false), [1, 0, 0, 0, 0])
  assert.equal(marked(true, false), [1, 0, 0, 1, 0])
  assert.equal(marked(true, true), [1, 1, 1, 1, 0])
})

test.run()
