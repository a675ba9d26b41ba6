import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SHF_ALLOC, SHF_GNU_RETAIN, SHF_LINK_ORDER, SHN_ABS, SHT_NOTE, SHT_RELA } from '../../src/elf/constants.ts'
import { Mark } from '../../src/engine/records/placement.ts'
import { SectionState, SymbolState } from '../../src/engine/records/tables.ts'
import {
  Count,
  type GarbageRecord,
  keepBeside,
  linkEdges,
  linkSections,
  listNamed,
  markReached,
  markRoots,
} from '../../src/kernels/garbage.ts'

const sections = 12
const tableAt = 200

/**
 * One file with sections 1 to 11. Local n, up to 6, is in section n; global 7 in section 7, 8 is the plan's. `refers` are
 * pairs of section and symbol: the relocations of that section, whose table has the number 9 or above.
 */
function record(refers: readonly (readonly [number, number])[], change: Partial<GarbageRecord> = {}): GarbageRecord {
  const view = new DataView(new ArrayBuffer(tableAt + refers.length * 24))
  for (let local = 1; local <= 6; local++) view.setUint16(local * 24 + 6, local, true)
  const relocations = new Int32Array(sections).fill(-1)
  const offset = new Float64Array(sections)
  const size = new Float64Array(sections)
  const sectionType = new Uint32Array(sections).fill(1)
  let table = 8
  refers.forEach(([section, symbol], row) => {
    view.setUint32(tableAt + row * 24 + 12, symbol, true)
    if (relocations[section]! < 0) {
      relocations[section] = ++table
      offset[table] = tableAt + row * 24
      sectionType[table] = SHT_RELA
    }
    size[table]! += 24
  })
  const content = new Uint8Array(sections).fill(1, 1, 8)
  return {
    views: [view],
    viewSize: Float64Array.of(view.byteLength),
    globals: [Int32Array.of(0, 1)],
    isUsual: Uint8Array.of(1),
    firstSection: Int32Array.of(0),
    sectionCount: Int32Array.of(sections),
    symbolStart: Float64Array.of(0),
    extendedIndex: Float64Array.of(0),
    symbolCount: Int32Array.of(9),
    firstGlobal: Int32Array.of(7),
    sectionFile: new Int32Array(sections),
    sectionName: new Int32Array(sections),
    sectionType,
    sectionFlags: new Uint32Array(sections).fill(SHF_ALLOC),
    sectionState: new Uint8Array(sections),
    link: new Uint32Array(sections),
    group: new Int32Array(sections).fill(-1),
    relocations,
    offset,
    size,
    ruleMarks: new Uint8Array(sections),
    content,
    isFrame: new Uint8Array(sections),
    marked: new Uint8Array(sections),
    stack: new Int32Array(sections),
    nextInGroup: new Int32Array(sections),
    firstOrdered: new Int32Array(sections),
    nextOrdered: new Int32Array(sections),
    firstEdge: new Int32Array(sections),
    left: new Int32Array(sections),
    from: new Int32Array(0),
    to: new Int32Array(0),
    nextEdge: new Int32Array(0),
    someMember: new Int32Array(2),
    symbolState: Uint8Array.of(SymbolState.Defined, SymbolState.Script),
    symbolSection: Int32Array.of(7, -1),
    isReached: new Uint8Array(2),
    reached: new Int32Array(2),
    counts: new Int32Array(3),
    frameName: -1,
    ...change,
  }
}

/** Ids of what lives when KEEP speaks of section 1. */
function living(each: GarbageRecord): number[] {
  each.ruleMarks[1] = Mark.Keep
  linkSections(each, 0, sections)
  linkEdges(each, 0, each.from.length)
  markRoots(each, 0, sections)
  while (markReached(each, 2)) {}
  return ids(each.marked)
}

const ids = (column: Uint8Array): number[] => [...column.keys()].filter(id => column[id] === 1)
const left = (each: GarbageRecord): number[] => [...each.left.subarray(0, each.counts[Count.Left])]

test('relocations are followed', () => {
  const each = record([
    [1, 2],
    [1, 7],
    [2, 3],
    [2, 1],
    [4, 5],
  ])
  assert.equal(living(each), [1, 2, 3, 7])
  assert.equal(left(each), [])
})

test('what is no content is not reached, nor what has no place', () => {
  assert.equal(living(record([[1, 2]], { content: Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) })), [1])
  assert.equal(living(record([[1, 7]], { symbolState: Uint8Array.of(SymbolState.Undefined, 0) })), [1])
  assert.equal(living(record([[1, 7]], { symbolSection: Int32Array.of(-1, -1) })), [1])
  for (const index of [0, sections, SHN_ABS, 0xffff]) {
    const each = record([[1, 2]])
    each.views[0]!.setUint16(2 * 24 + 6, index, true)
    assert.equal(living(each), [1])
  }
})

test('roots: KEEP, what the linker makes, SHF_GNU_RETAIN, notes', () => {
  const each = record([])
  each.sectionState[2] = SectionState.Synthetic
  each.sectionFlags[3] = SHF_GNU_RETAIN
  each.sectionType[4] = SHT_NOTE
  each.sectionType[5] = SHT_NOTE
  each.group[5] = 0
  each.sectionType[6] = SHT_NOTE
  each.sectionFlags[6] = SHF_LINK_ORDER
  assert.equal(living(each), [1, 2, 3, 4])
})

test('members of a group, sections that describe a live one, and edges of frames', () => {
  const each = record([[1, 3]])
  for (const id of [2, 3, 5]) each.group[id] = 1
  each.group[6] = 0
  assert.equal(living(each), [1, 2, 3, 5])
  const ordered = record([[1, 3]], { sectionFlags: new Uint32Array(sections).fill(SHF_LINK_ORDER, 4, 8) })
  ordered.link.set([3, 3, 4, 99], 4)
  assert.equal(living(ordered), [1, 3, 4, 5, 6])
  const edges = { from: Int32Array.of(1, 2, 1), to: Int32Array.of(6, 7, 5), nextEdge: new Int32Array(3) }
  assert.equal(living(record([], edges)), [1, 5, 6])
})

test('symbols of the plan are told once', () => {
  const each = record([
    [1, 8],
    [1, 8],
    [1, 2],
  ])
  assert.equal(living(each), [1, 2])
  assert.is(each.counts[Count.Reached], 1)
  assert.is(each.reached[0], 1)
})

test('frames are no edges by their relocations, and are told', () => {
  const each = record(
    [
      [1, 4],
      [4, 5],
    ],
    { frameName: 3 },
  )
  each.sectionName[4] = 3
  each.sectionName[6] = 3
  assert.equal(living(each), [1, 4])
  assert.equal(ids(each.isFrame), [4, 6])
  assert.equal(left(each), [4])
})

test('tables that cannot be read are left', () => {
  const damaged = record([
    [1, 2],
    [1, 9],
  ])
  assert.equal(living(damaged), [1, 2])
  assert.equal(left(damaged), [1])
  for (const change of [{ isUsual: Uint8Array.of(0) }, { viewSize: Float64Array.of(tableAt + 23) }]) {
    const each = record([[1, 2]], change)
    assert.equal(living(each), [1])
    assert.equal(left(each), [1])
  }
})

test('sections outside memory stay with a file that has something live', () => {
  const each = record([[5, 2]], { frameName: 3 })
  each.sectionName[3] = 3
  each.sectionFlags.fill(0, 4, 8)
  each.sectionFlags[7] = SHF_LINK_ORDER
  each.group[6] = 0
  keepBeside(each, 0, 1)
  assert.equal(ids(each.marked), [])
  assert.equal(living(each), [1])
  keepBeside(each, 0, 1)
  assert.equal(ids(each.marked), [1, 3, 4])
  assert.equal(left(each), [5, 6])
})

test('sections with wanted names', () => {
  const name = Int32Array.of(0, 2, 1, 2, 2, 0)
  const content = Uint8Array.of(0, 1, 1, 0, 1, 1)
  const each = { name, content, wanted: Uint8Array.of(0, 0, 1), found: new Int32Array(6), count: new Int32Array(1) }
  listNamed(each, 0, 4)
  listNamed(each, 4, 6)
  assert.equal([...each.found.subarray(0, each.count[0])], [1, 4])
})

test.run()
