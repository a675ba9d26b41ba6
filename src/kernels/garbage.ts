/**
 * Which sections live ones refer to: the edges are rows of the raw relocation tables, members of groups, sections that
 * describe others, and what entries of .eh_frame keep.
 *
 * Tables are those of most 64-bit architectures: RELA, little-endian, the symbol behind the type. Others, and what only
 * the plan knows of a symbol, are left.
 */
import {
  SHF_ALLOC,
  SHF_GNU_RETAIN,
  SHF_LINK_ORDER,
  SHN_LORESERVE,
  SHN_XINDEX,
  SHT_NOTE,
  SHT_RELA,
} from '../elf/constants.ts'
import { Mark } from '../engine/records/placement.ts'
import { SectionState, SymbolState } from '../engine/records/tables.ts'
import type { FileColumns } from './file-columns.ts'
import type { I32, U32 } from './types.ts'

/** sections or edges that one call does at most: long calls stay in slow code */
export const garbageBatch = 8192

/** What the elements of `counts` count. */
export const Count = {
  /** sections on the stack */
  Stack: 0,
  /** symbols in `reached` */
  Reached: 1,
  /** sections in `left` */
  Left: 2,
} as const

export interface GarbageRecord extends FileColumns {
  // by section
  readonly sectionFile: Int32Array
  readonly sectionName: Int32Array
  readonly sectionType: Uint32Array
  readonly sectionFlags: Uint32Array
  readonly sectionState: Uint8Array
  readonly link: Uint32Array
  readonly group: Int32Array
  readonly relocations: Int32Array
  readonly offset: Float64Array
  readonly size: Float64Array
  /** bits of Mark */
  readonly ruleMarks: Uint8Array
  /** 1: may live */
  readonly content: Uint8Array
  /** result: 1 for .eh_frame, whose relocations are no edges */
  readonly isFrame: Uint8Array
  /** result: 1 for what lives */
  readonly marked: Uint8Array
  /** what is marked and not looked at yet */
  readonly stack: Int32Array
  /** members of a group are a ring; 0: it has none */
  readonly nextInGroup: Int32Array
  /** sections that describe another one: the first, and the next behind each of them; 0: none */
  readonly firstOrdered: Int32Array
  readonly nextOrdered: Int32Array
  /** edges that go out from a section; 0: none, 1: the first one */
  readonly firstEdge: Int32Array
  /** result: sections to look at elsewhere */
  readonly left: Int32Array

  // by edge
  readonly from: Int32Array
  readonly to: Int32Array
  /** as firstEdge */
  readonly nextEdge: Int32Array

  // by group
  /** 0: none yet */
  readonly someMember: Int32Array

  // by symbol
  readonly symbolState: Uint8Array
  readonly symbolSection: Int32Array
  /** 1: it is in `reached` */
  readonly isReached: Uint8Array
  /** result: those that the plan assigns and something refers to */
  readonly reached: Int32Array

  /** see Count */
  readonly counts: Int32Array
  /** id of the name .eh_frame, below 0: there is none */
  readonly frameName: I32
}

export interface NamedRecord {
  // by section
  readonly name: Int32Array
  /** 1: it may live */
  readonly content: Uint8Array
  /** 1 by id of a section's name */
  readonly wanted: Uint8Array
  /** result: sections with wanted names; there is room for all */
  readonly found: Int32Array
  /** of one element: how many are found */
  readonly count: Int32Array
}

/** Lists those of the sections `first` to `end` - 1 that may live and have a wanted name. */
export function listNamed(record: NamedRecord, first: I32, end: I32): void {
  const { name, content, wanted, found, count } = record
  let next = count[0]!
  for (let id = first; id < end; id++) {
    if (content[id]! !== 1 || wanted[name[id]!]! === 0) continue
    found[next] = id
    next++
  }
  count[0] = next
}

/**
 * Links the sections `first` to `end` - 1 with their groups and with what they describe. Those of frames that have
 * relocations are left.
 */
export function linkSections(record: GarbageRecord, first: I32, end: I32): void {
  const { content, group, someMember, nextInGroup, sectionFlags, link, sectionFile, sectionName, frameName } = record
  const { firstSection, sectionCount, firstOrdered, nextOrdered, relocations, isFrame } = record
  for (let id = first; id < end; id++) {
    if (content[id]! !== 1) continue
    const home = group[id]!
    if (home >= 0) {
      const other = someMember[home]!
      nextInGroup[id] = other === 0 ? id : nextInGroup[other]!
      nextInGroup[other === 0 ? id : other] = id
      someMember[home] = id
    }
    if (sectionName[id]! === frameName) {
      isFrame[id] = 1
      if (relocations[id]! >= 0) leave(record, id)
    }
    if ((sectionFlags[id]! & SHF_LINK_ORDER) === 0) continue
    const file = sectionFile[id]!
    const index = link[id]!
    if (index === 0 || index >= sectionCount[file]! >>> 0) continue
    const described = firstSection[file]! + (index | 0)
    nextOrdered[id] = firstOrdered[described]!
    firstOrdered[described] = id
  }
}

/** Hangs the edges `first` to `end` - 1 on the sections that they go out from. */
export function linkEdges(record: GarbageRecord, first: I32, end: I32): void {
  const { from, firstEdge, nextEdge } = record
  for (let edge = first; edge < end; edge++) {
    const source = from[edge]!
    nextEdge[edge] = firstEdge[source]!
    firstEdge[source] = edge + 1
  }
}

/** Marks those of the sections `first` to `end` - 1 that live whatever refers to them. */
export function markRoots(record: GarbageRecord, first: I32, end: I32): void {
  const { content, ruleMarks, sectionState, sectionFlags, sectionType, group } = record
  for (let id = first; id < end; id++) {
    if (content[id]! !== 1) continue
    // Arrays of constructors are no roots: that is what KEEP is for.
    const isNote = sectionType[id]! === SHT_NOTE && group[id]! < 0 && (sectionFlags[id]! & SHF_LINK_ORDER) === 0
    if (
      isNote ||
      (ruleMarks[id]! & Mark.Keep) !== 0 ||
      (sectionState[id]! & SectionState.Synthetic) !== 0 ||
      (sectionFlags[id]! & SHF_GNU_RETAIN) !== 0
    )
      mark(record, id)
  }
}

/** Marks a section, if it may live, and remembers to look at it. */
function mark(record: GarbageRecord, id: I32): void {
  const { marked, content, stack, counts } = record
  if (marked[id]! === 1 || content[id]! !== 1) return
  marked[id] = 1
  const depth = counts[Count.Stack]!
  stack[depth] = id
  counts[Count.Stack] = depth + 1
}

function leave(record: GarbageRecord, id: I32): void {
  const { left, counts } = record
  const count = counts[Count.Left]!
  left[count] = id
  counts[Count.Left] = count + 1
}

/** Looks at so many sections of the stack. False: there are no more. */
export function markReached(record: GarbageRecord, limit: I32): boolean {
  const { counts, stack, firstEdge, nextEdge, to, nextInGroup, firstOrdered, nextOrdered } = record
  const { relocations, isFrame } = record
  for (let done: I32 = 0; done < limit; done++) {
    const depth = counts[Count.Stack]!
    if (depth === 0) return false
    const id = stack[depth - 1]!
    counts[Count.Stack] = depth - 1
    for (let edge = firstEdge[id]!; edge > 0; edge = nextEdge[edge - 1]!) mark(record, to[edge - 1]!)
    for (let other = firstOrdered[id]!; other > 0; other = nextOrdered[other]!) mark(record, other)
    // The others of the ring follow when this one is looked at.
    if (nextInGroup[id]! > 0) mark(record, nextInGroup[id]!)
    if (relocations[id]! >= 0 && isFrame[id]! === 0 && !follow(record, id)) leave(record, id)
  }
  return true
}

/** Marks what the relocations of a section refer to. False: they have to be looked at elsewhere. */
function follow(record: GarbageRecord, section: I32): boolean {
  const { views, viewSize, globals, isUsual, firstSection, sectionCount, symbolStart, extendedIndex } = record
  const { symbolCount, firstGlobal, sectionFile, sectionType, relocations, offset, size, marked } = record
  const { symbolState, symbolSection, isReached, reached, counts } = record
  const file = sectionFile[section]!
  const table = relocations[section]!
  if (isUsual[file]! === 0 || sectionType[table]! !== SHT_RELA) return false
  if (offset[table]! + size[table]! > viewSize[file]!) return false
  const view = views[file]!
  const ids = globals[file]!
  const symbols = symbolStart[file]! >>> 0
  const count = symbolCount[file]! >>> 0
  const locals = firstGlobal[file]! >>> 0
  const first = firstSection[file]!
  const sections = sectionCount[file]! >>> 0
  const rows = Math.floor(size[table]! / 24) | 0
  let at = (offset[table]! >>> 0) + 12
  for (let row: I32 = 0; row < rows; row++, at += 24) {
    const symbol = view.getUint32(at, true)
    if (symbol >= count) return false
    if (symbol >= locals) {
      const id = ids[symbol - locals]!
      if (symbolState[id]! === SymbolState.Defined) {
        const home = symbolSection[id]!
        if (home >= 0 && marked[home]! === 0) mark(record, home)
      } else if (symbolState[id]! === SymbolState.Script && isReached[id]! === 0) {
        isReached[id] = 1
        reached[counts[Count.Reached]!] = id
        counts[Count.Reached] = counts[Count.Reached]! + 1
      }
      continue
    }
    let index: U32 = view.getUint16(symbols + symbol * 24 + 6, true) >>> 0
    if (index === SHN_XINDEX) {
      const place = extendedIndex[file]! + symbol * 4
      if (extendedIndex[file]! === 0 || place + 4 > viewSize[file]!) continue
      index = view.getUint32(place >>> 0, true)
    } else if (index >= SHN_LORESERVE) continue
    if (index === 0 || index >= sections) continue
    const home = first + (index | 0)
    if (marked[home]! === 0) mark(record, home)
  }
  return true
}

/**
 * In the files `first` to `end` - 1: what stays with a file that has something live, because nothing refers to it. What
 * depends on names and groups is left.
 */
export function keepBeside(record: GarbageRecord, first: I32, end: I32): void {
  const { firstSection, sectionCount, marked, content, isFrame, sectionFlags, sectionType } = record
  const { relocations, group } = record
  for (let file = first; file < end; file++) {
    const start = firstSection[file]!
    const stop = start + sectionCount[file]!
    let isLive = false
    for (let id = start; id < stop && !isLive; id++)
      isLive = marked[id]! === 1 && (sectionFlags[id]! & SHF_ALLOC) !== 0 && sectionType[id]! !== SHT_NOTE
    if (!isLive) continue
    for (let id = start; id < stop; id++) {
      if (marked[id]! === 1 || content[id]! !== 1) continue
      if (isFrame[id]! === 1) marked[id] = 1
      else if ((sectionFlags[id]! & (SHF_ALLOC | SHF_LINK_ORDER)) !== 0) continue
      else if (relocations[id]! < 0 && group[id]! < 0) marked[id] = 1
      else leave(record, id)
    }
  }
}
