/** Rows of sections that are edited: which there are, where they go, and what the sections of strings and constants share. */
import { SHF_STRINGS } from '../elf/constants.ts'
import { Claim, ContentKind } from '../engine/records/placement.ts'
import { sectionBatch } from './contents.ts'
import type { I32, U32 } from './types.ts'

/** rank of what no rule of the plan names */
const lastRank = 0x7fffffff

/** Which output section an input section will go to, as far as editing has to know. */
export interface RuleOutputs {
  /** by section id: plan id of the InputMatch that claims it, or Claim */
  readonly rule: Int32Array
  readonly name: Int32Array
  /** plan ids of the plan's InputMatches, ascending */
  readonly ruleCount: I32
  readonly ruleIds: Int32Array
  /** at the same index: number of the output section's name; place in the plan */
  readonly ruleOutput: Int32Array
  readonly ruleRank: Int32Array
}

/** Index of the rule that claims a section, -1: none of the plan does. */
function ruleOf(record: RuleOutputs, section: I32): I32 {
  const { ruleCount, ruleIds } = record
  const rule = record.rule[section]!
  let low: I32 = 0
  let high = ruleCount - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (ruleIds[middle]! < rule) low = middle + 1
    else high = middle
  }
  return ruleCount > 0 && ruleIds[low]! === rule ? low : -1
}

/** A number per output section; orphans of one name share one. */
function outputOf(record: RuleOutputs, section: I32): I32 {
  if (record.rule[section]! === Claim.Orphan) return -2 - record.name[section]!
  const index = ruleOf(record, section)
  return index < 0 ? -1 : record.ruleOutput[index]!
}

export interface EditedRows extends RuleOutputs {
  /** see SectionContents */
  readonly kind: Uint8Array
  readonly edited: Int32Array
  readonly editedCount: Int32Array
  // results; room for all of them
  readonly merged: Int32Array
  readonly frames: Int32Array
  /** by row of frames: outputOf; place in the plan of the rule */
  readonly frameOutput: Int32Array
  readonly frameRank: Int32Array
  /** how many of `merged`, of `frames`; 1: ranks do not ascend */
  readonly counts: Int32Array
}

/** Lists what `pieces` pieces of classifySections found, by kind. */
export function listEdited(record: EditedRows, pieces: I32): void {
  const { kind, edited, editedCount, merged, frames, frameOutput, frameRank, counts } = record
  let mergedCount: I32 = 0
  let frameCount: I32 = 0
  let before: I32 = -1
  for (let piece: I32 = 0; piece < pieces; piece++) {
    const first = piece * sectionBatch
    const end = first + editedCount[piece]!
    for (let i = first; i < end; i++) {
      const id = edited[i]!
      if (kind[id]! === ContentKind.Merged) {
        merged[mergedCount] = id
        mergedCount++
        continue
      }
      const index = ruleOf(record, id)
      const rank = index < 0 ? lastRank : record.ruleRank[index]!
      frames[frameCount] = id
      frameOutput[frameCount] = outputOf(record, id)
      frameRank[frameCount] = rank
      if (rank < before) counts[2] = 1
      before = rank
      frameCount++
    }
  }
  counts[0] = mergedCount
  counts[1] = frameCount
}

/** Sections that merge, in the order of the link, and the sets that they form. */
export interface MergedSections extends RuleOutputs {
  readonly bytes: readonly Uint8Array[]
  readonly ids: Int32Array
  // by section id
  readonly file: Int32Array
  readonly offset: Float64Array
  readonly sectionSize: Float64Array
  readonly sectionAlign: Uint32Array
  readonly sectionEntsize: Uint32Array
  readonly flags: Uint32Array
  // results
  /** by section id */
  readonly rowOf: Int32Array
  // by row, see MergeRows
  readonly source: Int32Array
  readonly base: Uint32Array
  readonly size: Uint32Array
  readonly entsize: Uint32Array
  readonly isStrings: Uint8Array
  readonly tail: Int32Array
  readonly align: Uint32Array
  readonly set: Int32Array
  /** 1: the last string lacks its end */
  readonly isOpen: Uint8Array
  // by set, room for as many as there are rows: first and last section, outputOf
  readonly setHome: Int32Array
  readonly setLast: Int32Array
  readonly setOutput: Int32Array
  /** set + 1, 0: free; a power of two, twice as many as there are rows */
  readonly setSlots: Int32Array
  readonly slotMask: I32
  /** number of sets; of sections whose last string lacks its end */
  readonly counts: Int32Array
}

/** Fills the rows `from` to `to - 1`, in order. */
export function describeMerged(record: MergedSections, from: I32, to: I32): void {
  const { ids, file, offset, sectionSize, sectionAlign, sectionEntsize, flags, rowOf, counts } = record
  const { source, base, size, entsize, isStrings, tail, align, set, isOpen } = record
  for (let row = from; row < to; row++) {
    const id = ids[row]!
    const home = file[id]!
    const start = offset[id]! >>> 0
    const length = sectionSize[id]! >>> 0
    const character = sectionEntsize[id]!
    rowOf[id] = row
    source[row] = home
    base[row] = start
    size[row] = length
    entsize[row] = character
    align[row] = sectionAlign[id]!
    tail[row] = -1
    set[row] = setOf(record, id)
    if ((flags[id]! & SHF_STRINGS) === 0) continue
    isStrings[row] = 1
    if (isZeros(record.bytes[home]!, start + length - character, character)) continue
    isOpen[row] = 1
    counts[1] = counts[1]! + 1
  }
}

function isZeros(bytes: Uint8Array, at: U32, count: U32): boolean {
  for (let i: U32 = 0; i < count; i++) if (bytes[at + i]! !== 0) return false
  return true
}

/** Number of the set that a section belongs to. */
function setOf(record: MergedSections, id: I32): I32 {
  const { sectionAlign, sectionEntsize, flags, setHome, setLast, setOutput, setSlots, slotMask, counts } = record
  const output = outputOf(record, id)
  const entsize = sectionEntsize[id]!
  const align = sectionAlign[id]!
  const kind = flags[id]! & SHF_STRINGS
  const key = Math.imul(output ^ (kind << 16), -0x61c8864f) ^ Math.imul(entsize | 0, -0x7a143595) ^ (align | 0)
  let slot = (key ^ (key >>> 15)) & slotMask
  while (setSlots[slot]! !== 0) {
    const known = setSlots[slot]! - 1
    const home = setHome[known]!
    if (
      setOutput[known]! === output &&
      sectionEntsize[home]! === entsize &&
      sectionAlign[home]! === align &&
      (flags[home]! & SHF_STRINGS) === kind
    ) {
      setLast[known] = id
      return known
    }
    slot = (slot + 1) & slotMask
  }
  const number = counts[0]!
  counts[0] = number + 1
  setSlots[slot] = number + 1
  setHome[number] = id
  setLast[number] = id
  setOutput[number] = output
  return number
}

/** Columns of MovedOffsets that follow from the sets. */
export interface MovedRows {
  readonly ids: Int32Array
  readonly size: Float64Array
  readonly set: Int32Array
  readonly firstPiece: Int32Array
  readonly pieceCount: Int32Array
  readonly setHome: Int32Array
  /** by set: bytes of what is kept */
  readonly setSize: Float64Array
  // results, by row
  readonly home: Int32Array
  readonly homeSize: Float64Array
  readonly sectionSize: Float64Array
  readonly lastPiece: Int32Array
}

/** Fills the rows `from` to `to - 1`. */
export function describeMoved(record: MovedRows, from: I32, to: I32): void {
  const { ids, size, set, firstPiece, pieceCount, setHome, setSize, home, homeSize, sectionSize, lastPiece } = record
  for (let row = from; row < to; row++) {
    home[row] = setHome[set[row]!]!
    homeSize[row] = setSize[set[row]!]!
    sectionSize[row] = size[ids[row]!]!
    lastPiece[row] = firstPiece[row]! + pieceCount[row]! - 1
  }
}
