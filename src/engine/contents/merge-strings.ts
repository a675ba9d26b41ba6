/**
 * SHF_MERGE sections: equal strings and constants are kept once, and a string that ends another one lies inside it.
 *
 * Sections merge when they go to the same output section and agree in kind (strings or constants), entry size and
 * alignment. As GNU ld 2.44 does: everything that is kept stands where the first section of such a set stood, in order of
 * first appearance; the other sections of the set vanish. Tail merging is always on.
 *
 * Scale: debug strings come by the million. A piece of a section is a row (start, entry), an entry a row (where its bytes
 * are, where they go); both are found by hashing bytes, never by JS strings.
 */
import { extended } from '../../base/name-table.ts'
import { SHF_COMPRESSED, SHF_MERGE, SHF_STRINGS, SHT_NOBITS } from '../../elf/constants.ts'
import type { FoldWork, Helper } from '../../host.ts'
import type { Program } from '../records/program.ts'
import type { SectionTable } from '../records/tables.ts'
import { foldEnds } from './fold-ends.ts'

/** Sets of so many strings are worth a message to another thread. */
const manyStrings = 10_000

/** Sections that share their entries. */
interface MergeSet {
  /** the section that holds everything */
  readonly home: number
  readonly isStrings: boolean
  readonly entsize: number
  readonly align: number
  /** entries in order of first appearance */
  entries: Int32Array
  count: number
  /** bytes of what is kept */
  size: number
  /** the section that came last */
  last: number
}

/** Can the section take part in merging at all? */
export function isMergeable(sections: SectionTable, id: number): boolean {
  const flags = sections.flags[id]!
  if ((flags & SHF_MERGE) === 0 || (flags & SHF_COMPRESSED) !== 0 || sections.type[id] === SHT_NOBITS) return false
  const entsize = sections.entsize[id]!
  const size = sections.size[id]!
  if (entsize === 0 || size === 0 || size % entsize !== 0 || size > 0xffff_fff0) return false
  if (sections.relocations[id]! >= 0) return false
  const align = sections.align[id]!
  const isPower = (entsize & (entsize - 1)) === 0
  if (entsize < align) return isPower && (flags & SHF_STRINGS) !== 0
  return entsize % align === 0
}

export class MergedContents {
  /** where the piece that holds the byte asked for went; set by `move` */
  movedSection = 0
  movedOffset = 0

  private readonly program: Program
  /** by section id: index in `sets`, -1: not merged */
  readonly setOf: Int32Array
  private readonly sets: MergeSet[] = []
  private readonly folding = new Map<MergeSet, { readonly work: FoldWork; readonly progress: { finish(): void } }>()

  // Pieces, in order of section and offset.
  private pieceStart = new Uint32Array(1024)
  private pieceEntry = new Int32Array(1024)
  private pieceCount = 0
  private readonly firstPiece: Int32Array
  private readonly pieces: Int32Array
  /** by section: first block in `blocks`; a block covers 32 bytes and names the piece that holds its first byte */
  private readonly firstBlock: Int32Array
  private blocks = new Int32Array(1024)
  private blockCount = 0

  // Entries: distinct strings and constants.
  private entryCount = 0
  private entrySource = new Int32Array(1024)
  private entryOffset = new Float64Array(1024)
  private entryLength = new Uint32Array(1024)
  private entryHash = new Int32Array(1024)
  private entrySet = new Int32Array(1024)
  private entryAlign = new Uint32Array(1024)
  /** offset among what the set keeps */
  private entryPlace = new Float64Array(1024)
  /** entry that this one is the end of, or -1 */
  private entryWhole = new Int32Array(1024)
  private slots = new Int32Array(4096).fill(-1)

  private readonly sources: Uint8Array[] = []
  private readonly views: DataView[] = []
  private readonly sourceOfFile: Int32Array

  constructor(program: Program) {
    this.program = program
    const count = program.sections.count
    this.setOf = new Int32Array(count).fill(-1)
    this.firstPiece = new Int32Array(count)
    this.pieces = new Int32Array(count)
    this.firstBlock = new Int32Array(count)
    this.sourceOfFile = new Int32Array(program.files.length).fill(-1)
  }

  /** A new set of sections; `home` is the first one. Returns its number for `add`. */
  newSet(home: number): number {
    const { sections } = this.program
    this.sets.push({
      home,
      isStrings: (sections.flags[home]! & SHF_STRINGS) !== 0,
      entsize: sections.entsize[home]!,
      align: sections.align[home]!,
      entries: new Int32Array(64),
      count: 0,
      size: 0,
      last: home,
    })
    return this.sets.length - 1
  }

  /** Cuts a section into pieces and enters them. Call in the order in which sections come in the link. */
  add(set: number, section: number): void {
    const { sections, files } = this.program
    const fileId = sections.file[section]!
    let source = this.sourceOfFile[fileId]!
    if (source < 0) {
      source = this.addSource(files[fileId]!.bytes)
      this.sourceOfFile[fileId] = source
    }
    this.setOf[section] = set
    this.sets[set]!.last = section
    this.firstPiece[section] = this.pieceCount
    const start = sections.offset[section]!
    const { isStrings, entsize } = this.sets[set]!
    if (!isStrings) this.addConstants(set, source, start, sections.size[section]!, entsize)
    else if (entsize === 1) this.addStrings(set, source, start, sections.size[section]!)
    else this.addWideStrings(set, source, start, sections.size[section]!, entsize)
    this.pieces[section] = this.pieceCount - this.firstPiece[section]!
    this.indexBlocks(section)
  }

  /** Decides where every entry lies. After this `sizeOf`, `move` and `write` may be used. */
  place(): void {
    for (const set of this.sets) {
      const folding = this.folding.get(set)
      if (folding !== undefined) {
        folding.progress.finish()
        this.takeFolds(set, folding.work.whole)
      } else if (set.isStrings) this.foldEnds(set)
      let size = 0
      for (let i = 0; i < set.count; i++) {
        const entry = set.entries[i]!
        if (this.entryWhole[entry]! >= 0) continue
        const align = this.entryAlign[entry]!
        const over = size % align
        if (over !== 0) size += align - over
        this.entryPlace[entry] = size
        size += this.entryLength[entry]!
      }
      for (let i = 0; i < set.count; i++) {
        const entry = set.entries[i]!
        const whole = this.entryWhole[entry]!
        if (whole >= 0)
          this.entryPlace[entry] = this.entryPlace[whole]! + this.entryLength[whole]! - this.entryLength[entry]!
      }
      // GNU ld keeps the end aligned where the last section's was.
      const isEndAligned = this.program.sections.size[set.last]! % set.align === 0
      set.size = isEndAligned ? Math.ceil(size / set.align) * set.align : size
    }
  }

  /** Bytes that stand at the place of a section: all of its set, or 0. */
  sizeOf(section: number): number {
    const set = this.sets[this.setOf[section]!]!
    return set.home === section ? set.size : 0
  }

  /** Where byte `offset` of a merged section is now; a byte behind the end moves to the end. */
  move(section: number, offset: number): void {
    const set = this.sets[this.setOf[section]!]!
    this.movedSection = set.home
    const size = this.program.sections.size[section]!
    if (!(offset >= 0) || offset >= size) {
      this.movedOffset = offset < 0 ? offset : set.size + (offset - size)
      return
    }
    const first = this.firstPiece[section]!
    let piece: number
    if (set.isStrings) {
      piece = this.blocks[this.firstBlock[section]! + Math.floor(offset / 32)]!
      const last = first + this.pieces[section]! - 1
      while (piece < last && this.pieceStart[piece + 1]! <= offset) piece++
    } else piece = first + Math.floor(offset / set.entsize)
    const entry = this.pieceEntry[piece]!
    let inside = offset - this.pieceStart[piece]!
    const length = this.entryLength[entry]!
    if (inside >= length) inside = length - set.entsize
    this.movedOffset = this.entryPlace[entry]! + inside
  }

  /** Writes what the set of `section` keeps, if it stands there. */
  write(section: number, out: Uint8Array, at: number): void {
    const set = this.sets[this.setOf[section]!]!
    if (set.home !== section) return
    for (let i = 0; i < set.count; i++) {
      const entry = set.entries[i]!
      if (this.entryWhole[entry]! >= 0) continue
      const bytes = this.sources[this.entrySource[entry]!]!
      const from = this.entryOffset[entry]!
      const length = this.entryLength[entry]!
      const to = at + this.entryPlace[entry]!
      if (length > 48) out.set(bytes.subarray(from, from + length), to)
      else for (let k = 0; k < length; k++) out[to + k] = bytes[from + k]!
    }
  }

  private addSource(bytes: Uint8Array): number {
    this.sources.push(bytes)
    this.views.push(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return this.sources.length - 1
  }

  /** Every zero ends a string: zeros that pad up to the next aligned string are empty strings, as GNU ld has it. */
  private addStrings(set: number, source: number, start: number, size: number): void {
    const bytes = this.sources[source]!
    const view = this.views[source]!
    const largest = this.sets[set]!.align
    let at = start
    let end = start + size
    let tail: Uint8Array | undefined
    if (bytes[end - 1] !== 0) {
      // The last string lacks its zero: it is read from a copy that has one.
      let from = end
      while (from > start && bytes[from - 1] !== 0) from--
      tail = new Uint8Array(end - from + 1)
      tail.set(bytes.subarray(from, end))
      end = from
    }
    while (at < end) {
      // Four bytes at a time until one of them is zero, then byte by byte.
      let hash = 0x2545f491
      let stop = at
      for (;;) {
        if (stop + 4 > end) break
        const word = view.getInt32(stop, true)
        if (((word - 0x01010101) & ~word & 0x80808080) !== 0) break
        hash = Math.imul(hash ^ word, 0x9e3779b1)
        hash ^= hash >>> 15
        stop += 4
      }
      let rest = 0
      let byte = bytes[stop]!
      while (byte !== 0) {
        rest = (rest << 8) | byte
        byte = bytes[++stop]!
      }
      hash = Math.imul(hash ^ rest, 0x9e3779b1)
      hash ^= hash >>> 15
      const offset = at - start
      this.piece(offset, this.enter(set, source, at, stop + 1 - at, hash, alignmentAt(offset, largest)))
      at = stop + 1
    }
    if (tail !== undefined) {
      const offset = end - start
      const extra = this.addSource(tail)
      this.piece(
        offset,
        this.enter(set, extra, 0, tail.length, hashOf(tail, tail.length), alignmentAt(offset, largest)),
      )
    }
  }

  private addWideStrings(set: number, source: number, start: number, size: number, entsize: number): void {
    const bytes = this.sources[source]!
    const largest = this.sets[set]!.align
    const end = start + size
    let at = start
    while (at < end) {
      let stop = at
      while (stop < end && !isZero(bytes, stop, entsize)) stop += entsize
      const offset = at - start
      const align = alignmentAt(offset, largest)
      if (stop >= end) {
        const tail = new Uint8Array(end - at + entsize)
        tail.set(bytes.subarray(at, end))
        this.piece(
          offset,
          this.enter(set, this.addSource(tail), 0, tail.length, hashBytes(tail, 0, tail.length), align),
        )
        return
      }
      const length = stop + entsize - at
      this.piece(offset, this.enter(set, source, at, length, hashBytes(bytes, at, length), align))
      at += length
    }
  }

  private addConstants(set: number, source: number, start: number, size: number, entsize: number): void {
    const bytes = this.sources[source]!
    const { align } = this.sets[set]!
    for (let offset = 0; offset < size; offset += entsize) {
      const at = start + offset
      this.piece(offset, this.enter(set, source, at, entsize, hashBytes(bytes, at, entsize), align))
    }
  }

  private piece(start: number, entry: number): void {
    if (this.pieceCount === this.pieceStart.length) {
      this.pieceStart = extended(this.pieceStart, new Uint32Array(this.pieceCount * 2))
      this.pieceEntry = extended(this.pieceEntry, new Int32Array(this.pieceCount * 2))
    }
    this.pieceStart[this.pieceCount] = start
    this.pieceEntry[this.pieceCount++] = entry
  }

  private indexBlocks(section: number): void {
    const set = this.sets[this.setOf[section]!]!
    if (!set.isStrings) return
    const count = Math.ceil(this.program.sections.size[section]! / 32)
    this.firstBlock[section] = this.blockCount
    if (this.blockCount + count > this.blocks.length) {
      let capacity = this.blocks.length * 2
      while (capacity < this.blockCount + count) capacity *= 2
      this.blocks = extended(this.blocks, new Int32Array(capacity))
    }
    let piece = this.firstPiece[section]!
    const last = piece + this.pieces[section]! - 1
    for (let block = 0; block < count; block++) {
      while (piece < last && this.pieceStart[piece + 1]! <= block * 32) piece++
      this.blocks[this.blockCount++] = piece
    }
  }

  /** Id of the entry with these bytes. An entry found again keeps its place in the order and the larger alignment. */
  private enter(set: number, source: number, offset: number, length: number, code: number, align: number): number {
    const hash = Math.imul(code ^ set, 0x85ebca6b) | 1
    let mask = this.slots.length - 1
    let slot = (hash >>> 7) & mask
    for (;;) {
      const entry = this.slots[slot]!
      if (entry < 0) break
      if (
        this.entryHash[entry] === hash &&
        this.entryLength[entry] === length &&
        this.entrySet[entry] === set &&
        this.isSame(entry, source, offset, length)
      ) {
        if (align > this.entryAlign[entry]!) this.entryAlign[entry] = align
        return entry
      }
      slot = (slot + 1) & mask
    }
    const entry = this.entryCount++
    if (entry === this.entryHash.length) {
      this.grow()
      mask = this.slots.length - 1
      slot = (hash >>> 7) & mask
      while (this.slots[slot]! >= 0) slot = (slot + 1) & mask
    }
    this.slots[slot] = entry
    this.entrySource[entry] = source
    this.entryOffset[entry] = offset
    this.entryLength[entry] = length
    this.entryHash[entry] = hash
    this.entrySet[entry] = set
    this.entryAlign[entry] = align
    this.entryWhole[entry] = -1
    const owner = this.sets[set]!
    if (owner.count === owner.entries.length) owner.entries = extended(owner.entries, new Int32Array(owner.count * 2))
    owner.entries[owner.count++] = entry
    return entry
  }

  private isSame(entry: number, source: number, offset: number, length: number): boolean {
    const known = this.entrySource[entry]!
    let a = this.entryOffset[entry]!
    let b = offset
    const end = b + length
    const left = this.views[known]!
    const right = this.views[source]!
    while (b <= end - 4) {
      if (left.getInt32(a, true) !== right.getInt32(b, true)) return false
      a += 4
      b += 4
    }
    while (b < end) if (left.getUint8(a++) !== right.getUint8(b++)) return false
    return true
  }

  private grow(): void {
    const capacity = this.entryHash.length * 2
    this.entrySource = extended(this.entrySource, new Int32Array(capacity))
    this.entryOffset = extended(this.entryOffset, new Float64Array(capacity))
    this.entryLength = extended(this.entryLength, new Uint32Array(capacity))
    this.entryHash = extended(this.entryHash, new Int32Array(capacity))
    this.entrySet = extended(this.entrySet, new Int32Array(capacity))
    this.entryAlign = extended(this.entryAlign, new Uint32Array(capacity))
    this.entryPlace = extended(this.entryPlace, new Float64Array(capacity))
    this.entryWhole = extended(this.entryWhole, new Int32Array(capacity))
    const slots = new Int32Array(capacity * 4).fill(-1)
    const mask = slots.length - 1
    for (let entry = 0; entry < this.entryCount - 1; entry++) {
      let slot = (this.entryHash[entry]! >>> 7) & mask
      while (slots[slot]! >= 0) slot = (slot + 1) & mask
      slots[slot] = entry
    }
    this.slots = slots
  }

  /** Finds the strings of a set that end others. */
  private foldEnds(set: MergeSet): void {
    const { entryLength, entryAlign, entryWhole, entryOffset: offset, entrySource: source, sources } = this
    const ids = set.entries.slice(0, set.count)
    // The zero at the end takes no part in the order.
    for (let i = 0; i < ids.length; i++) entryLength[ids[i]!]! -= set.entsize
    foldEnds({ sources, source, offset, length: entryLength }, ids, entryAlign, set.entsize, entryWhole)
    for (let i = 0; i < ids.length; i++) entryLength[ids[i]!]! += set.entsize
  }

  /** Lets another thread look for the ends among the strings of large sets; `place` waits for it. */
  beginFolding(helper: Helper): void {
    for (const set of this.sets) {
      if (!set.isStrings || set.count < manyStrings) continue
      const work = this.foldWork(set, helper)
      this.folding.set(set, { work, progress: helper.foldEnds(work) })
    }
  }

  /** The strings of a set, numbered by their place in it. */
  private foldWork(set: MergeSet, helper: Helper): FoldWork {
    const { count, entries, entsize } = set
    const sources: Uint8Array[] = []
    const numbers = new Map<Uint8Array, number>()
    const source = new Int32Array(helper.memory(count * 4))
    const offset = new Float64Array(helper.memory(count * 8))
    const length = new Uint32Array(helper.memory(count * 4))
    const align = new Uint32Array(helper.memory(count * 4))
    for (let i = 0; i < count; i++) {
      const entry = entries[i]!
      const bytes = this.sources[this.entrySource[entry]!]!
      let number = numbers.get(bytes)
      if (number === undefined) {
        number = sources.push(bytes) - 1
        numbers.set(bytes, number)
      }
      source[i] = number
      offset[i] = this.entryOffset[entry]!
      length[i] = this.entryLength[entry]! - entsize
      align[i] = this.entryAlign[entry]!
    }
    const whole = new Int32Array(helper.memory(count * 4)).fill(-1)
    return { sources, source, offset, length, align, entsize, whole }
  }

  /** Takes over what the other thread found. */
  private takeFolds(set: MergeSet, whole: Int32Array): void {
    for (let i = 0; i < set.count; i++) if (whole[i]! >= 0) this.entryWhole[set.entries[i]!] = set.entries[whole[i]!]!
  }
}

/** Largest power of two that divides the offset, at most `largest`. */
function alignmentAt(offset: number, largest: number): number {
  if (offset === 0) return largest
  const align = (offset & -offset) >>> 0
  return align === 0 || align > largest ? largest : align
}

function isZero(bytes: Uint8Array, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (bytes[at + i] !== 0) return false
  return true
}

function hashBytes(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x2545f491
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[at + i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

/** Hash of a string as `addStrings` computes it while it looks for the end; `length` counts the zero. */
function hashOf(bytes: Uint8Array, length: number): number {
  let hash = 0x2545f491
  let at = 0
  while (at + 4 <= length - 1) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
    at += 4
  }
  let rest = 0
  while (at < length - 1) rest = (rest << 8) | bytes[at++]!
  hash = Math.imul(hash ^ rest, 0x9e3779b1)
  return hash ^ (hash >>> 15)
}
