/**
 * Which rule claims a section. Names are looked at first: all that begin and end alike, as far as patterns go, are of one
 * kind, and for a kind it is known once which rule it is, unless files or flags count. Then sections follow their names.
 */
import { Claim, Mark } from '../engine/records/placement.ts'
import { SectionState } from '../engine/records/tables.ts'
import type { I32 } from './types.ts'

/** names in one piece of `classifyNames` */
export const namePiece = 4096
/** sections in one piece of `claimSections` */
export const claimRows = 8192

/** Where the search for a key of a trie starts. */
export function trieSlot(key: I32, mask: I32): I32 {
  return (Math.imul(key, -0x61c88647) >>> 15) & mask
}

/** Two tries (engine/match/byte-trie.ts), from the start and from the end of names. */
export interface NameKinds {
  /** names */
  readonly count: I32
  /** four bytes to a word */
  readonly texts: Int32Array
  /** by name: first word, length in bytes */
  readonly starts: Int32Array
  readonly lengths: Uint32Array
  readonly startKeys: Int32Array
  readonly startChildren: Int32Array
  readonly startMask: I32
  /** by node: number of the nearest node above or there that a pattern ends at, 0: none */
  readonly startMarks: Int32Array
  /** by slot: the first four bytes of texts (0: a free slot), the node they lead to */
  readonly jumpWords: Int32Array
  readonly jumpNodes: Int32Array
  readonly jumpMask: I32
  readonly endKeys: Int32Array
  readonly endChildren: Int32Array
  readonly endMask: I32
  readonly endMarks: Int32Array
  /** one more than the largest of `endMarks` */
  readonly endCount: I32
  /** by name: its kind; those that are not 0 stay */
  readonly kindOf: Int32Array
  /** 1 by kind that some name has */
  readonly used: Uint8Array
}

/** Kinds of the names of a piece. */
export function classifyNames(record: NameKinds, piece: I32): void {
  const { count, texts, starts, lengths, startKeys, startChildren, startMask, startMarks } = record
  const { jumpWords, jumpNodes, jumpMask, endKeys, endChildren, endMask, endMarks, endCount, kindOf, used } = record
  const first = piece * namePiece
  const limit = Math.min(count, first + namePiece)
  for (let name = first; name < limit; name++) {
    if (kindOf[name]! !== 0) continue
    const text = starts[name]! * 4
    const end = text + (lengths[name]! | 0)
    let node = 0
    let from = text
    if (end - text >= 4) {
      const word = texts[starts[name]!]!
      let slot = trieSlot(word, jumpMask)
      while (jumpWords[slot]! !== 0) {
        if (jumpWords[slot]! === word) {
          node = jumpNodes[slot]!
          from = text + 4
          break
        }
        slot = (slot + 1) & jumpMask
      }
    }
    for (let at = from; at < end; at++) {
      const byte = (texts[at >> 2]! >>> ((at & 3) << 3)) & 255
      const next = childOf(startKeys, startChildren, startMask, node, byte)
      if (next < 0) break
      node = next
    }
    const startMark = startMarks[node]!
    node = 0
    for (let at = end - 1; at >= text; at--) {
      const byte = (texts[at >> 2]! >>> ((at & 3) << 3)) & 255
      const next = childOf(endKeys, endChildren, endMask, node, byte)
      if (next < 0) break
      node = next
    }
    const kind = startMark * endCount + endMarks[node]! + 1
    kindOf[name] = kind
    used[kind] = 1
  }
}

/** Child of a node for a byte, or -1. */
function childOf(keys: Int32Array, children: Int32Array, mask: I32, node: I32, byte: I32): I32 {
  const key = node * 256 + byte + 1
  let slot = trieSlot(key, mask)
  while (keys[slot]! !== 0) {
    if (keys[slot]! === key) return children[slot]!
    slot = (slot + 1) & mask
  }
  return -1
}

/** `ClaimRecord.unitOf` of a kind whose sections the caller has to look at. */
export const undecided = -2

export interface ClaimRecord {
  /** sections */
  readonly count: I32
  /** by section */
  readonly state: Uint8Array
  readonly name: Int32Array
  readonly file: Int32Array
  /** by name */
  readonly kindOf: Int32Array
  /** 1 by file that rules of its own speak of */
  readonly isSpecial: Uint8Array
  /** by kind: unit (-1: none, `undecided`), what goes to the columns of sections, 1 where its sections are wanted */
  readonly unitOf: Int32Array
  readonly ruleOf: Int32Array
  readonly patternOf: Uint16Array
  readonly marksOf: Uint8Array
  readonly isWanted: Uint8Array
  /** results by section */
  readonly rule: Int32Array
  readonly pattern: Uint16Array
  readonly marks: Uint8Array
  /** sections the caller has to look at and sections that are wanted, those of a piece from its first section on */
  readonly left: Int32Array
  readonly wanted: Int32Array
  /** by piece: how many there are of each */
  readonly leftCount: Int32Array
  readonly wantedCount: Int32Array
}

/** Claims of the sections of a piece. */
export function claimSections(record: ClaimRecord, piece: I32): void {
  const { count, state, name, file, kindOf, isSpecial, unitOf, ruleOf, patternOf, marksOf, isWanted } = record
  const { rule, pattern, marks, left, wanted, leftCount, wantedCount } = record
  const first = piece * claimRows
  const end = Math.min(count, first + claimRows)
  let leftEnd = first
  let wantedEnd = first
  for (let id = first; id < end; id++) {
    const bits = state[id]!
    if ((bits & (SectionState.Table | SectionState.JustSymbols)) !== 0) {
      rule[id] = Claim.NotContent
      continue
    }
    const kind = kindOf[name[id]!]!
    if (unitOf[kind]! === undecided || isSpecial[file[id]!]! !== 0) {
      left[leftEnd] = id
      leftEnd++
      continue
    }
    let mark = marksOf[kind]! | 0
    if ((bits & SectionState.NeverKept) !== 0) mark &= ~Mark.Keep
    marks[id] = mark
    if ((bits & (SectionState.ComdatLoser | SectionState.Excluded)) !== 0) {
      rule[id] = Claim.Discarded
      continue
    }
    rule[id] = ruleOf[kind]!
    pattern[id] = patternOf[kind]!
    if (isWanted[kind]! !== 0) {
      wanted[wantedEnd] = id
      wantedEnd++
    }
  }
  leftCount[piece] = leftEnd - first
  wantedCount[piece] = wantedEnd - first
}

/** 1 in `live` for those of the sections `from` to `to - 1` that are in the output unless they are found to be garbage. */
export function markContent(state: Uint8Array, rule: Int32Array, live: Uint8Array, from: I32, to: I32): void {
  const lost = SectionState.Table | SectionState.ComdatLoser | SectionState.Excluded | SectionState.JustSymbols
  for (let id = from; id < to; id++)
    if ((state[id]! & lost) === 0 && rule[id]! !== Claim.Discarded && rule[id]! !== Claim.NotContent) live[id] = 1
}
