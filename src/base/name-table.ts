/** most names that `internBlock` takes at once */
export const nameBlock = 128

/**
 * Interned byte strings.
 *
 * Symbol and section names stay where they lie in the input files; a name is (source, offset, length) and an integer id.
 * Hashing and comparing work on bytes, four at a time: three to seven times faster than a Map of JS strings, and a
 * million names do not enter the heap. A JS string (Latin-1, one char per byte) is made only for messages and scripts.
 */
export class NameTable {
  /** number of names; ids are 0 .. count-1 in order of first appearance */
  count = 0
  /** length of each name in bytes */
  lengths: Uint32Array
  /** four words per name, together because a look-up needs all of them: length, source, offset, hash */
  private records: Int32Array
  /** two words per slot: hash (never 0 for a used slot) and id */
  private slots: Int32Array
  private mask: number
  private readonly sources: Uint8Array[] = []
  private readonly views: DataView[] = []
  /** source that holds names given as JS strings */
  private textSource = -1
  private textUsed = 0

  /** set by `scan`: length in bytes and hash of the name scanned last */
  scannedLength = 0
  scannedHash = 0

  /** where the names of the block begin that `internBlock` is to enter */
  readonly blockOffsets = new Uint32Array(nameBlock)
  private readonly blockLengths = new Int32Array(nameBlock)
  private readonly blockHashes = new Int32Array(nameBlock)
  private readonly blockIds = new Int32Array(nameBlock)
  /** what touching memory ahead of its use gave; keeps the reads from being optimised away */
  touched = 0

  constructor(capacity = 1024) {
    const slots = slotsFor(capacity)
    this.slots = new Int32Array(slots * 2)
    this.mask = slots - 1
    this.records = new Int32Array(capacity * 4)
    this.lengths = new Uint32Array(capacity)
  }

  /** names that fit without moving */
  get capacity(): number {
    return this.lengths.length
  }

  /** Makes room for `capacity` names. */
  reserve(capacity: number): void {
    if (capacity <= this.lengths.length) return
    const records = extended(this.records, new Int32Array(capacity * 4))
    this.records = records
    this.lengths = extended(this.lengths, new Uint32Array(capacity))
    const count = slotsFor(capacity)
    if (count === this.mask + 1) return
    const slots = new Int32Array(count * 2)
    const mask = count - 1
    for (let id = 0; id < this.count; id++) {
      const hash = records[id * 4 + 3]!
      let slot = hash & mask
      while (slots[slot * 2]! !== 0) slot = (slot + 1) & mask
      slots[slot * 2] = hash
      slots[slot * 2 + 1] = id
    }
    this.slots = slots
    this.mask = mask
  }

  /** A name of its own with the same bytes as `id`: looking the bytes up still gives `id`. Returns its number. */
  twin(id: number): number {
    if (this.count === this.capacity) this.reserve(this.capacity * 2)
    const { records } = this
    const other = this.count++
    records.copyWithin(other * 4, id * 4, id * 4 + 4)
    this.lengths[other] = this.lengths[id]!
    return other
  }

  /** Registers a byte array that names may lie in; below 4 GiB each. Returns its number for `intern`. */
  addSource(bytes: Uint8Array): number {
    this.sources.push(bytes)
    this.views.push(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return this.sources.length - 1
  }

  /**
   * Finds the end of the NUL-terminated name at `offset` of a source and its hash, into `scannedLength`, `scannedHash`.
   * @param limit offset behind the string table; a name that has no NUL before it ends there
   */
  scan(source: number, offset: number, limit: number): void {
    const view = this.views[source]!
    let at = offset
    let hash = 0x2545f491
    const wordLimit = limit - 4
    while (at <= wordLimit) {
      const word = view.getInt32(at, true)
      const zeros = (word - 0x01010101) & ~word & 0x80808080
      if (zeros !== 0) {
        const kept = 31 - Math.clz32(zeros & -zeros) - 7 // bits in front of the first zero byte
        if (kept !== 0) hash = Math.imul(hash ^ (word & ((1 << kept) - 1)), 0x9e3779b1)
        at += kept >> 3
        this.scannedLength = at - offset
        hash ^= hash >>> 15
        this.scannedHash = hash === 0 ? 1 : hash
        return
      }
      hash = Math.imul(hash ^ word, 0x9e3779b1)
      hash ^= hash >>> 15
      at += 4
    }
    const bytes = this.sources[source]!
    let tail = 0
    let shift = 0
    while (at < limit && bytes[at] !== 0) {
      tail |= bytes[at]! << shift
      shift += 8
      at++
    }
    if (shift !== 0) hash = Math.imul(hash ^ tail, 0x9e3779b1)
    this.scannedLength = at - offset
    hash ^= hash >>> 15
    this.scannedHash = hash === 0 ? 1 : hash
  }

  /** Hash of `length` bytes at `offset`, equal to what `scan` gives for a name that ends there. */
  hashBytes(source: number, offset: number, length: number): number {
    const view = this.views[source]!
    const bytes = this.sources[source]!
    let hash = 0x2545f491
    let at = offset
    const end = offset + length
    while (at <= end - 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1)
      hash ^= hash >>> 15
      at += 4
    }
    let tail = 0
    let shift = 0
    while (at < end) {
      tail |= bytes[at]! << shift
      shift += 8
      at++
    }
    if (shift !== 0) hash = Math.imul(hash ^ tail, 0x9e3779b1)
    hash ^= hash >>> 15
    return hash === 0 ? 1 : hash
  }

  /** Id of the name, entering it when it is new. */
  intern(source: number, offset: number, length: number, hash: number): number {
    const { slots, mask } = this
    let slot = hash & mask
    for (;;) {
      const found = slots[slot * 2]!
      if (found === 0) return this.enter(slot, source, offset, length, hash)
      if (found === hash) {
        const id = slots[slot * 2 + 1]!
        if (this.same(id, source, offset, length)) return id
      }
      slot = (slot + 1) & mask
    }
  }

  /**
   * `scan` and `intern` for many names of one source. What the look-ups will need is touched beforehand for the whole
   * block, so that the processor waits for many cache misses at once rather than for one after the other.
   *
   * The names begin at `blockOffsets`.
   * @param count at most `nameBlock`
   * @param ids receives the ids, from `first` on
   */
  internBlock(source: number, count: number, limit: number, ids: Int32Array, first: number): void {
    const { blockOffsets: offsets, blockLengths, blockHashes, blockIds, slots, mask, records } = this
    for (let i = 0; i < count; i++) {
      this.scan(source, offsets[i]!, limit)
      blockLengths[i] = this.scannedLength
      blockHashes[i] = this.scannedHash
    }
    for (let i = 0; i < count; i++) {
      const hash = blockHashes[i]!
      const slot = (hash & mask) * 2
      blockIds[i] = slots[slot] === hash ? slots[slot + 1]! : -1
    }
    let touched = 0
    for (let i = 0; i < count; i++) {
      const id = blockIds[i]!
      if (id >= 0) touched ^= records[id * 4]!
    }
    for (let i = 0; i < count; i++) {
      const id = blockIds[i]!
      if (id >= 0 && records[id * 4]! > 0) touched ^= this.sources[records[id * 4 + 1]!]![records[id * 4 + 2]! >>> 0]!
    }
    this.touched = touched
    for (let i = 0; i < count; i++) ids[first + i] = this.intern(source, offsets[i]!, blockLengths[i]!, blockHashes[i]!)
  }

  /** Id of the name or -1. */
  find(source: number, offset: number, length: number, hash: number): number {
    const { slots, mask } = this
    let slot = hash & mask
    for (;;) {
      const found = slots[slot * 2]!
      if (found === 0) return -1
      if (found === hash) {
        const id = slots[slot * 2 + 1]!
        if (this.same(id, source, offset, length)) return id
      }
      slot = (slot + 1) & mask
    }
  }

  internText(name: string): number {
    const offset = this.storeText(name)
    const source = this.textSource
    const before = this.count
    const id = this.intern(source, offset, name.length, this.hashBytes(source, offset, name.length))
    if (this.count !== before) this.textUsed += name.length
    return id
  }

  findText(name: string): number {
    const offset = this.storeText(name)
    const source = this.textSource
    return this.find(source, offset, name.length, this.hashBytes(source, offset, name.length))
  }

  /** The name as a Latin-1 string. */
  text(id: number): string {
    const bytes = this.bytesOf(id)
    const start = this.offsetOf(id)
    const end = start + this.lengths[id]!
    let text = ''
    for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!)
    return text
  }

  /** Bytes that hold the name; it starts at `offsetOf(id)` and has `lengths[id]` bytes. */
  bytesOf(id: number): Uint8Array {
    return this.sources[this.records[id * 4 + 1]!]!
  }

  /** The same bytes. */
  viewOf(id: number): DataView {
    return this.views[this.records[id * 4 + 1]!]!
  }

  offsetOf(id: number): number {
    return this.records[id * 4 + 2]! >>> 0
  }

  private storeText(name: string): number {
    let target = this.textSource < 0 ? undefined : this.sources[this.textSource]
    if (target === undefined || this.textUsed + name.length > target.length) {
      target = new Uint8Array(Math.max(4096, name.length))
      this.textSource = this.addSource(target)
      this.textUsed = 0
    }
    for (let i = 0; i < name.length; i++) target[this.textUsed + i] = name.charCodeAt(i)
    return this.textUsed
  }

  private enter(free: number, source: number, offset: number, length: number, hash: number): number {
    let slot = free
    if (this.count === this.lengths.length) {
      // Names come by the million or hardly at all: few large steps.
      this.reserve(this.count * (this.count < 1 << 20 ? 4 : 2))
      slot = hash & this.mask
      while (this.slots[slot * 2]! !== 0) slot = (slot + 1) & this.mask
    }
    const id = this.count++
    this.slots[slot * 2] = hash
    this.slots[slot * 2 + 1] = id
    const at = id * 4
    const { records } = this
    records[at] = length
    records[at + 1] = source
    records[at + 2] = offset
    records[at + 3] = hash
    this.lengths[id] = length
    return id
  }

  private same(id: number, source: number, offset: number, length: number): boolean {
    const { records } = this
    if (records[id * 4] !== length) return false
    const left = this.views[records[id * 4 + 1]!]!
    const right = this.views[source]!
    let a = records[id * 4 + 2]! >>> 0
    let b = offset
    const end = b + length
    while (b <= end - 4) {
      if (left.getInt32(a, true) !== right.getInt32(b, true)) return false
      a += 4
      b += 4
    }
    while (b < end) {
      if (left.getUint8(a) !== right.getUint8(b)) return false
      a++
      b++
    }
    return true
  }
}

/** Slots for a table of `capacity` names: a power of two, little more than half full at most. */
function slotsFor(capacity: number): number {
  let slots = 16
  while (slots < capacity * 1.8) slots *= 2
  return slots
}

/** Copies a column into a larger one. */
export function extended<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from)
  return to
}
