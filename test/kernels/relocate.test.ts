/** The kernel that applies usual relocations: what it writes, and what it leaves, with rows that keep to no custom. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { SHF_ALLOC, SHT_RELA, STT_GNU_IFUNC, STT_SECTION, STT_TLS } from '../../src/elf/constants.ts'
import { ContentKind, SymbolHome } from '../../src/engine/records/placement.ts'
import { SymbolState } from '../../src/engine/records/tables.ts'
import { typeColumns } from '../../src/engine/relocate/usual-types.ts'
import { SharedCompute } from '../../src/host-node/shared-compute.ts'
import { SharedMemory } from '../../src/host-node/shared-memory.ts'
import { type Compute, held, plainCompute } from '../../src/kernels/compute.ts'
import { Left, type RelocateRecord, unusual } from '../../src/kernels/relocate.ts'
import { x86_64 } from '../../src/target/arch/x86-64/index.ts'
import * as r from '../../src/target/arch/x86-64/relocations.ts'
import { OutputTrait, TargetFact } from '../../src/target/target.ts'

const code = await compileKernels('src/kernels/relocate.ts')
const { memory } = plainCompute

/** The same record in the memory of another form. */
function moved(record: RelocateRecord, compute: Compute): RelocateRecord {
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place)
    if (value instanceof DataView) {
      const bytes = held(compute.memory, new Uint8Array(value.buffer))
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    return ArrayBuffer.isView(value) ? held(compute.memory, value as Uint8Array) : value
  }
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, place(value)]),
  ) as unknown as RelocateRecord
}

/** Relocates the file as TypeScript and as WebAssembly, which have to do the same. */
function relocate(record: RelocateRecord): void {
  const compute = new SharedCompute(new SharedMemory(1 << 20), code)
  const other = moved(record, compute)
  for (const [form, each] of [
    [plainCompute, record],
    [compute, other],
  ] as const) {
    form.kernels.relocateFile(each, 0)
    form.kernels.relocateFrames(each, 0)
  }
  const bytesOf = (view: DataView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  assert.ok(bytesOf(record.image).equals(bytesOf(other.image)), 'both forms write the same')
  assert.equal([...other.leftRows], [...record.leftRows])
  assert.equal([...other.left], [...record.left])
  assert.is(other.leftSections[0], record.leftSections[0])
}

interface Row {
  readonly at: number
  readonly atHigh?: number
  readonly type: number
  readonly symbol: number
  readonly addend?: number
}

const symbolsAt = 2048
const sectionSize = 64
const codeAddress = 0x1000
const dataAddress = -0x8000_0000

/** Symbols: 1 the code, 2 a byte of the data, 3 of a section that is gone, 4 a common one; globals from 5 on. */
const locals: readonly { readonly section: number; readonly value: number }[] = [
  { section: 0, value: 0 },
  { section: 1, value: 0 },
  { section: 2, value: 9 },
  { section: 3, value: 0 },
  { section: 0xfff2, value: 8 },
]
const firstGlobal = locals.length
/** defined in reach; nobody's; beyond 32 bits; an indirect function */
const globalTargets = [0x2000, unusual, 0x1_0000_0000, 0x3000]

const nothingMerged = {
  home: new Int32Array(0),
  sectionSize: new Float64Array(0),
  homeSize: new Float64Array(0),
  firstBlock: new Int32Array(0),
  lastPiece: new Int32Array(0),
  blocks: new Int32Array(0),
  pieceStart: new Uint32Array(0),
  pieceEntry: new Int32Array(0),
  entryPlace: new Float64Array(0),
}

/** Sections: 0 none, 1 code, 2 data, 3 gone, 4 the relocations of 1. Relocates it in the middle of an image of `fill`. */
function recordOf(rows: readonly Row[], changes: Partial<RelocateRecord> = {}, fill = 0xcc): RelocateRecord {
  const view = new DataView(new ArrayBuffer(4096))
  rows.forEach(({ at, atHigh, type, symbol, addend }, row) => {
    view.setUint32(row * 24, at, true)
    view.setUint32(row * 24 + 4, atHigh ?? 0, true)
    view.setUint32(row * 24 + 8, type, true)
    view.setUint32(row * 24 + 12, symbol, true)
    view.setBigInt64(row * 24 + 16, BigInt(addend ?? 0), true)
  })
  locals.forEach(({ section, value }, index) => {
    view.setUint16(symbolsAt + index * 24 + 6, section, true)
    view.setBigInt64(symbolsAt + index * 24 + 8, BigInt(value), true)
  })
  const image = new Uint8Array(256).fill(fill)
  const target = Float64Array.from(globalTargets)
  return {
    views: [view],
    globals: [Int32Array.of(0, 1, 2, 3)],
    isUsual: Uint8Array.of(1),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(5),
    fileStart: Float64Array.of(0),
    fileEnd: Float64Array.of(4096),
    symbolStart: Float64Array.of(symbolsAt),
    symbolCount: Int32Array.of(firstGlobal + globalTargets.length),
    firstGlobal: Int32Array.of(firstGlobal),
    rowStart: Int32Array.of(8),
    leftSections: new Int32Array(1),
    hasTargets: new Uint8Array(1),
    live: Uint8Array.of(0, 1, 1, 0, 0),
    kind: Uint8Array.of(0, ContentKind.Copy, ContentKind.Copy, 0, 0),
    state: new Uint8Array(5),
    flags: Uint32Array.of(0, SHF_ALLOC, SHF_ALLOC, SHF_ALLOC, 0),
    type: Uint32Array.of(0, 1, 1, 1, SHT_RELA),
    relocations: Int32Array.of(-1, 4, -1, -1, -1),
    offset: Float64Array.of(0, 3072, 3500, 3600, 0),
    inputSize: Float64Array.of(0, sectionSize, 32, 32, rows.length * 24),
    contentSize: Float64Array.of(0, sectionSize, 32, 0, 0),
    outputOf: Int32Array.of(-1, 0, 0, -1, -1),
    offsetOf: Float64Array.of(0, 32, 96, 0, 0),
    addressOf: Float64Array.of(0, codeAddress, dataAddress, 0, 0),
    sectionTarget: new Float64Array(5),
    rowOf: new Int32Array(5).fill(-1),
    ...nothingMerged,
    frameRowOf: new Int32Array(5).fill(-1),
    firstRecord: new Int32Array(0),
    recordCount: new Int32Array(0),
    recordStart: new Uint32Array(0),
    recordLength: new Uint32Array(0),
    recordPlace: new Int32Array(0),
    left: new Uint8Array(5),
    leftRows: new Uint8Array(64),
    outputStart: Float64Array.of(64),
    target,
    branchTarget: target,
    symbolState: new Uint8Array(4).fill(SymbolState.Defined),
    symbolType: Uint8Array.of(2, 2, 2, STT_GNU_IFUNC),
    symbolFlags: new Uint16Array(4),
    symbolSection: Int32Array.of(2, 2, 2, 2),
    ...typeColumns(x86_64, OutputTrait.Fixed | OutputTrait.Executable, memory, false, true),
    threadPointer: 0x2100,
    largeFlag: x86_64.largeSectionFlag!,
    image: new DataView(image.buffer),
    imageSize: image.length,
    ...changes,
  }
}

/** Where the section begins in the image. */
const start = 64 + 32

function relocated(rows: readonly Row[], changes: Partial<RelocateRecord> = {}, fill?: number): Result {
  const record = recordOf(rows, changes, fill)
  relocate(record)
  const left = rows.map((_, row) => row).filter(row => (record.leftRows[(8 + row) >> 3]! >> ((8 + row) & 7)) & 1)
  const bytes = new Uint8Array(record.image.buffer)
  for (let at = 0; at < bytes.length; at++)
    if (at < start || at >= start + sectionSize) assert.is(bytes[at], fill ?? 0xcc, `byte ${at} outside`)
  return { left, state: record.left[1]!, files: record.leftSections[0]!, image: record.image }
}

interface Result {
  /** rows that are left */
  readonly left: readonly number[]
  readonly state: number
  readonly files: number
  readonly image: DataView
}

test('addresses and distances of locals and globals, words of one to eight bytes', () => {
  const { left, image, state, files } = relocated([
    { at: 0, type: r.R_X86_64_64, symbol: 2, addend: -1 },
    { at: 8, type: r.R_X86_64_PC32, symbol: 1, addend: 4 },
    { at: 12, type: r.R_X86_64_PLT32, symbol: 5, addend: -4 },
    { at: 16, type: 10, symbol: 7, addend: -1 },
    { at: 20, type: 12, symbol: 5 },
    { at: 22, type: 14, symbol: 5, addend: -0x1f01 },
    { at: 56, type: r.R_X86_64_64, symbol: 7 },
    { at: 99999, type: 0, symbol: 99999 },
  ])
  assert.equal(left, [])
  assert.is(state, Left.Nothing)
  assert.is(files, 0)
  assert.is(image.getBigInt64(start, true), BigInt(dataAddress + 9 - 1))
  assert.is(image.getInt32(start + 8, true), 4 - 8)
  assert.is(image.getInt32(start + 12, true), 0x2000 - 4 - (codeAddress + 12))
  assert.is(image.getUint32(start + 16, true), 0xffff_ffff)
  assert.is(image.getUint16(start + 20, true), 0x2000)
  assert.is(image.getUint8(start + 22), 0xff)
  assert.is(image.getUint8(start + 23), 0xcc)
  assert.is(image.getBigInt64(start + 56, true), 0x1_0000_0000n)
})

test('rows that are wrong or not usual are left, and nothing is written for them', () => {
  const rows: Row[] = [
    { at: 61, type: r.R_X86_64_PC32, symbol: 1 },
    { at: 57, type: r.R_X86_64_64, symbol: 1 },
    { at: 0xffff_fffc, type: r.R_X86_64_PC32, symbol: 1 },
    { at: 0, atHigh: 1, type: r.R_X86_64_PC32, symbol: 1 },
    { at: 0, type: 255, symbol: 1 },
    { at: 0, type: 0x7fff_ffff, symbol: 1 },
    { at: 0, type: 0xffff_ffff, symbol: 1 },
    { at: 0, type: r.R_X86_64_PC32, symbol: 9 },
    { at: 0, type: r.R_X86_64_PC32, symbol: 0xffff_ffff },
    { at: 0, type: r.R_X86_64_PC32, symbol: 0 },
    { at: 0, type: r.R_X86_64_PC32, symbol: 3 },
    { at: 0, type: r.R_X86_64_PC32, symbol: 4 },
    { at: 0, type: r.R_X86_64_PC32, symbol: 6 },
    { at: 0, type: r.R_X86_64_PC32, symbol: 7 },
    { at: 0, type: 10, symbol: 5, addend: -0x2001 },
    { at: 0, type: 11, symbol: 5, addend: 0x7fff_ffff },
    { at: 0, type: r.R_X86_64_64, symbol: 5, addend: 2 ** 53 },
    { at: 0, type: r.R_X86_64_GOTTPOFF, symbol: 5 },
  ]
  for (const row of rows) {
    const { left, state, files, image } = relocated([row])
    assert.equal(left, [0], JSON.stringify(row))
    assert.is(state, Left.Some)
    assert.is(files, 1)
    for (let at = 0; at < sectionSize; at += 4) assert.is(image.getUint32(start + at, true), 0xcccc_cccc)
  }
})

test('rows behind one that is left stay behind it where they touch its bytes or belong to its sequence', () => {
  const plain = { type: r.R_X86_64_64, symbol: 1 }
  const left = (rows: readonly Row[]): readonly number[] => relocated(rows).left
  assert.equal(
    left([
      { at: 8, type: r.R_X86_64_64, symbol: 3 },
      { at: 12, ...plain },
      { at: 20, ...plain },
    ]),
    [0, 1],
  )
  assert.equal(
    left([
      { at: 8, type: r.R_X86_64_64, symbol: 3 },
      { at: 16, ...plain },
    ]),
    [0],
  )
  assert.equal(
    left([
      { at: 8, ...plain },
      { at: 8, type: r.R_X86_64_64, symbol: 3 },
    ]),
    [1],
  )
  assert.equal(
    left([
      { at: 24, type: r.R_X86_64_64, symbol: 3 },
      { at: 0, ...plain },
    ]),
    [0, 1],
  )
  assert.equal(
    left([
      { at: 4, type: r.R_X86_64_TLSGD, symbol: 5 },
      { at: 12, type: 4, symbol: 5 },
      { at: 48, ...plain },
    ]),
    [0, 1],
  )
  assert.equal(
    left([
      { at: 4, type: r.R_X86_64_TLSGD, symbol: 5 },
      { at: 56, ...plain },
    ]),
    [0, 1],
  )
})

test('sections and files that are not usual are left whole', () => {
  const rows: Row[] = [{ at: 0, type: r.R_X86_64_64, symbol: 1 }]
  const changes: Partial<RelocateRecord>[] = [
    { isUsual: Uint8Array.of(0), views: [new DataView(new ArrayBuffer(0))] },
    { kind: Uint8Array.of(0, ContentKind.Shortened, ContentKind.Copy, 0, 0) },
    { type: Uint32Array.of(0, 1, 1, 1, 9) },
    { fileEnd: Float64Array.of(23) },
    { fileStart: Float64Array.of(1) },
    { imageSize: start + sectionSize - 1 },
    { contentSize: Float64Array.of(0, sectionSize - 1, 32, 0, 0) },
    { left: Uint8Array.of(0, Left.All, 0, 0, 0) },
  ]
  for (const change of changes) {
    const { state, files, left, image } = relocated(rows, change)
    assert.is(state, Left.All, JSON.stringify(change))
    assert.is(files, 1)
    assert.equal(left, [])
    assert.is(image.getUint32(start, true), 0xcccc_cccc)
  }
  for (const change of [{ live: new Uint8Array(5) }, { outputStart: Float64Array.of(-1) }]) {
    const { state, files, image } = relocated(rows, change)
    assert.is(state, Left.Nothing)
    assert.is(files, 0)
    assert.is(image.getUint32(start, true), 0xcccc_cccc)
  }
})

/** Bytes of an instruction with a GOT operand, its place behind them. */
function withCode(record: RelocateRecord, code: readonly number[], place: number): RelocateRecord {
  for (let i = 0; i < code.length; i++) record.image.setUint8(start + place - code.length + i, code[i]!)
  return record
}

test('mov, test and call through the GOT are rewritten byte by byte', () => {
  const row = { at: 8, type: r.R_X86_64_REX_GOTPCRELX, symbol: 5, addend: -4 }
  const one = (code: readonly number[], more: Partial<Row> = {}): string => {
    const record = withCode(recordOf([{ ...row, ...more }]), code, row.at)
    relocate(record)
    const bytes = Array.from({ length: 7 }, (_, i) => record.image.getUint8(start + row.at - 3 + i))
    return `${record.left[1]} ${bytes.map(byte => byte.toString(16)).join(' ')}`
  }
  assert.is(one([0x48, 0x8b, 0x05]), '0 48 c7 c0 0 20 0 0')
  assert.is(one([0x4c, 0x8b, 0x3d]), '0 49 c7 c7 0 20 0 0')
  assert.is(one([0x44, 0x85, 0x0d]), '0 41 f7 c1 0 20 0 0')
  assert.is(one([0xcc, 0xff, 0x15], { type: r.R_X86_64_GOTPCRELX }), '0 cc 67 e8 f4 f 0 0')
  assert.is(one([0x48, 0x8b, 0x05], { type: r.R_X86_64_GOTPCREL }), '0 48 8d 5 f4 f 0 0')
  assert.is(one([0x48, 0x03, 0x05]), '1 48 3 5 cc cc cc cc')
  assert.is(one([0x48, 0x8b, 0x04]), '1 48 8b 4 cc cc cc cc')
  assert.is(one([0x48, 0x8b, 0x05], { addend: 0 }), '1 48 8b 5 cc cc cc cc')
  assert.is(one([0x48, 0x8b, 0x05], { addend: 0xffff_fffc }), '1 48 8b 5 cc cc cc cc')
  assert.is(one([0x48, 0x8b, 0x05], { symbol: 1 }), '1 48 8b 5 cc cc cc cc')
  for (const symbol of [6, 7, 8]) assert.is(one([0x48, 0x8b, 0x05], { symbol }), '1 48 8b 5 cc cc cc cc')
  assert.equal(relocated([{ ...row, at: 2 }]).left, [0])
  assert.equal(relocated([{ ...row, at: 61 }]).left, [0])
})

test('thread-local sequences of a program count from the thread pointer', () => {
  const lea = [0x66, 0x48, 0x8d, 0x3d, 0, 0, 0, 0]
  const call = [0x66, 0x66, 0x48, 0xe8, 0, 0, 0, 0]
  const pair: Row[] = [
    { at: 8, type: r.R_X86_64_TLSGD, symbol: 5, addend: -4 },
    { at: 16, type: r.R_X86_64_PLT32, symbol: 6, addend: -4 },
  ]
  const symbolType = new Uint8Array(4).fill(STT_TLS)
  const one = (code: readonly number[], rows: readonly Row[], changes: Partial<RelocateRecord> = {}): string => {
    const record = withCode(recordOf(rows, { symbolType, ...changes }), code, 4 + code.length)
    relocate(record)
    const bytes = code.map((_, i) => record.image.getUint8(start + 4 + i))
    const left = rows.map((_, row) => (record.leftRows[(8 + row) >> 3]! >> ((8 + row) & 7)) & 1)
    return `${left.join('')} ${bytes.map(byte => byte.toString(16)).join(' ')}`
  }
  const done = '00 64 48 8b 4 25 0 0 0 0 48 8d 80 0 ff ff ff'
  assert.is(one([...lea, ...call], pair), done)
  assert.is(
    one([...lea, 0x66, 0x48, 0xff, 0x15, 0, 0, 0, 0], [pair[0]!, { ...pair[1]!, type: r.R_X86_64_GOTPCRELX }]),
    done,
  )
  const same = '11 66 48 8d 3d 0 0 0 0 66 66 48 e8 0 0 0 0'
  assert.is(one([...lea, ...call], [pair[0]!, { ...pair[1]!, at: 17 }]), same)
  assert.is(one([...lea, ...call], [pair[0]!, { ...pair[1]!, atHigh: 1 }]), same)
  assert.is(one([...lea, ...call], [pair[0]!, { ...pair[1]!, type: r.R_X86_64_64 }]), same)
  assert.is(one([...lea, ...call], pair, { symbolType: new Uint8Array(4) }), same)
  assert.is(
    one([...lea, ...call], pair, {
      inputSize: Float64Array.of(0, 19, 32, 32, 48),
      contentSize: Float64Array.of(0, 19, 32, 0, 0),
    }),
    same,
  )
  assert.is(one([...lea, ...call], [pair[0]!]), same.slice(1))
  const load: Row[] = [{ at: 7, type: r.R_X86_64_GOTTPOFF, symbol: 5, addend: -4 }]
  assert.is(one([0x4c, 0x8b, 0x05, 0, 0, 0, 0], load), '0 49 c7 c0 0 ff ff ff')
  assert.is(one([0x48, 0x03, 0x0d, 0, 0, 0, 0], load), '0 48 8d 89 0 ff ff ff')
  assert.is(one([0x48, 0x03, 0x25, 0, 0, 0, 0], load), '1 48 3 25 0 0 0 0')
})

test('rewrites of sequences are those that relaxation chooses', () => {
  const { relaxation } = x86_64
  for (const { types, rewrite, from, bytes, next } of x86_64.sequenceRewrites!(OutputTrait.Executable))
    for (const type of types)
      for (let tried = 0; tried < 300; tried++) {
        const fitting = bytes.map(change =>
          Array.from({ length: 256 }, (_, byte) => byte).filter(byte => change(byte) >= 0),
        )
        const code = Uint8Array.from(fitting, (some, at) => some[(tried * (at + 7)) % some.length]!)
        const expected = bytes.map((change, at) => change(code[at]!))
        const whole = new Uint8Array(32)
        whole.set(code)
        const facts = TargetFact.Local | TargetFact.Tls
        const nextType = next?.types[tried % next.types.length] ?? -1
        const distance = next?.distance ?? 0
        const { Executable, KeepGot } = OutputTrait
        const traits = tried % 2 === 0 ? Executable : Executable | KeepGot
        const end = Math.max(bytes.length, 4 - from)
        assert.is(relaxation!.choose(type, whole, -from, 0, end, facts, traits, -4, nextType, distance), rewrite)
        relaxation!.rewrite(rewrite, whole, -from)
        assert.equal([...whole.subarray(0, bytes.length)], expected)
      }
})

test('rewrites byte by byte are those that relaxation chooses', () => {
  const { relaxation } = x86_64
  for (const traits of [OutputTrait.Fixed | OutputTrait.Executable, OutputTrait.Executable, 0, OutputTrait.KeepGot])
    for (const { types, rewrite, addend, before } of x86_64.byteRewrites!(traits))
      for (const type of types)
        for (const first of [0, 0x40, 0x44, 0x48, 0x4d, 0xcc])
          for (let second = 0; second < 256; second++)
            for (let third = 0; third < 256; third++) {
              const changed = [before[0](first), before[1](second), before[2](third)]
              if (changed.some(byte => byte < 0)) continue
              const code = Uint8Array.of(first, second, third, 0, 0, 0, 0)
              const chosen = relaxation!.choose(type, code, 3, 0, 7, TargetFact.Local, traits, addend, -1, 0)
              assert.is(chosen, rewrite)
              relaxation!.rewrite(rewrite, code, 3)
              assert.equal([...code.subarray(0, 3)], changed)
              assert.is(relaxation!.shift[rewrite], 0)
            }
})

/** Section 2 is merged: "ab\\0" at 0 of it is at 20 of section 1, "b\\0" at 3 is at 21; 5 bytes, then 7 of other sections. */
const merged: Partial<RelocateRecord> = {
  kind: Uint8Array.of(0, ContentKind.Copy, ContentKind.Merged, 0, 0),
  rowOf: Int32Array.of(-1, -1, 0, -1, -1),
  home: Int32Array.of(1),
  sectionSize: Float64Array.of(5),
  homeSize: Float64Array.of(30),
  firstBlock: Int32Array.of(0),
  lastPiece: Int32Array.of(1),
  blocks: Int32Array.of(0),
  pieceStart: Uint32Array.of(0, 3),
  pieceEntry: Int32Array.of(0, 1),
  entryPlace: Float64Array.of(20, 21),
}

test('references to merged sections: the addend of a section symbol says which string is meant', () => {
  const rows = [0, 1, 2, 3, 4, 5, 6, -1].map((addend, row) => ({ at: row * 8, type: r.R_X86_64_64, symbol: 2, addend }))
  const target = (type: number, value: number): bigint[] => {
    const record = recordOf(rows, merged)
    record.views[0]!.setUint8(symbolsAt + 2 * 24 + 4, type)
    record.views[0]!.setInt32(symbolsAt + 2 * 24 + 8, value, true)
    relocate(record)
    assert.is(record.left[1], Left.Nothing)
    return rows.map(({ at }) => record.image.getBigInt64(start + at, true) - BigInt(codeAddress))
  }
  assert.equal(target(STT_SECTION, 0), [20n, 21n, 22n, 21n, 22n, 30n, 31n, -1n])
  assert.equal(target(STT_SECTION, 1), [21n, 22n, 21n, 22n, 30n, 31n, 32n, 20n])
  assert.equal(target(1, 3), [21n, 22n, 23n, 24n, 25n, 26n, 27n, 20n])
})

/** The code is .eh_frame: bytes 0 to 15 stay, 16 to 31 go, 32 to 51 move to 16 and lose 4 bytes at their end, 52 to 63 go. */
const frames: Partial<RelocateRecord> = {
  kind: Uint8Array.of(0, ContentKind.EhFrame, ContentKind.Copy, 0, 0),
  contentSize: Float64Array.of(0, 36, 32, 0, 0),
  frameRowOf: Int32Array.of(-1, 0, -1, -1, -1),
  firstRecord: Int32Array.of(0),
  recordCount: Int32Array.of(4),
  recordStart: Uint32Array.of(0, 16, 32, 52),
  recordLength: Uint32Array.of(16, 16, 16, 12),
  recordPlace: Int32Array.of(0, -1, 16, -1),
}

test('.eh_frame: records move, and rows of those that go are not applied', () => {
  const rows: Row[] = [
    { at: 8, type: r.R_X86_64_PC32, symbol: 5 },
    { at: 24, type: r.R_X86_64_PC32, symbol: 3 },
    { at: 40, type: r.R_X86_64_PC32, symbol: 5 },
    { at: 44, type: r.R_X86_64_PC32, symbol: 2 },
    { at: 60, type: r.R_X86_64_PC32, symbol: 3 },
  ]
  const { left, image, state } = relocated(rows, frames)
  assert.is(state, Left.Some)
  assert.equal(left, [3])
  assert.is(image.getInt32(start + 8, true), 0x2000 - (codeAddress + 8))
  assert.is(image.getInt32(start + 24, true), 0x2000 - (codeAddress + 24))
  for (const at of [0, 4, 12, 16, 20, 28, 32, 36, 44, 60]) assert.is(image.getUint32(start + at, true), 0xcccc_cccc)
})

test('.eh_frame: records that follow each other and move as far', () => {
  const changes = {
    ...frames,
    recordCount: Int32Array.of(3),
    recordStart: Uint32Array.of(0, 16, 40),
    recordLength: Uint32Array.of(16, 16, 24),
    recordPlace: Int32Array.of(-1, 0, 24),
  }
  const row = { type: r.R_X86_64_PC32, symbol: 5 }
  const { left, image } = relocated(
    [
      { ...row, at: 24 },
      { ...row, at: 48 },
      { ...row, at: 56 },
    ],
    changes,
  )
  assert.equal(left, [])
  for (const at of [8, 32, 40]) assert.is(image.getInt32(start + at, true), 0x2000 - (codeAddress + at))
  assert.equal(
    relocated(
      [
        { ...row, at: 24 },
        { ...row, at: 34 },
        { ...row, at: 56 },
      ],
      changes,
    ).left,
    [1],
  )
  assert.equal(
    relocated(
      [
        { ...row, at: 24 },
        { ...row, at: 61 },
      ],
      changes,
    ).left,
    [1],
  )
})

test('.eh_frame: rows that are wrong, between records or across their ends are left', () => {
  const left = (...rows: Row[]): readonly number[] => relocated(rows, frames).left
  const row = { at: 8, type: r.R_X86_64_PC32, symbol: 5 }
  assert.equal(left({ ...row, at: 13 }), [0])
  assert.equal(left({ ...row, at: 48 }), [0])
  assert.equal(left({ ...row, at: 62 }), [0])
  assert.equal(left({ ...row, atHigh: 1 }), [0])
  assert.equal(left({ ...row, at: 20, symbol: 9 }), [0])
  assert.equal(left({ ...row, at: 20, type: 255 }), [0])
  assert.equal(left({ ...row, at: 40 }, row), [1])
  assert.equal(left({ ...row, symbol: 3 }, { ...row, at: 12 }, { ...row, at: 40 }), [0, 1])
})

test('rows of any kind: both forms do the same, and nothing outside of the section is written', () => {
  let state = 1
  const random = (below: number): number => {
    state = (Math.imul(state, 0x41c64e6d) + 12345) >>> 0
    return (state >>> 8) % below
  }
  const rows = (): Row[] =>
    Array.from({ length: 1 + random(12) }, () => ({
      at: random(8) === 0 ? 0xffff_ffff - random(80) : random(72),
      atHigh: random(16) === 0 ? 1 : 0,
      type: random(8) === 0 ? random(0xffff) : random(52),
      symbol: random(11),
      addend: random(4) === 0 ? random(200) - 100 : -4,
    }))
  for (let round = 0; round < 200; round++) {
    const changes = [{}, merged, frames, { symbolType: new Uint8Array(4).fill(STT_TLS) }][round % 4]!
    relocated(rows(), changes, [0x48, 0x8b, 0xff, 0x05, 0x15][random(5)])
  }
})

test('addresses of globals: of what is gone or out of reach there is none', () => {
  const { Undefined, Absolute } = SymbolHome
  const { UndefinedWeak, Defined, Script, Shared } = SymbolState
  const count = 7
  const target = new Float64Array(count)
  const record = {
    count,
    home: Int32Array.of(0, Absolute, Undefined, Undefined, Undefined, Undefined, Undefined),
    value: Float64Array.of(5, -6, 7, 8, 9, 10, 11),
    state: Uint8Array.of(Defined, Script, SymbolState.Undefined, UndefinedWeak, Defined, Script, Shared),
    target,
  }
  plainCompute.kernels.findTargets(record, 0)
  plainCompute.kernels.findTargets(record, 1)
  assert.equal([...target], [5, -6, unusual, 0, unusual, unusual, 0])
})

test.run()
