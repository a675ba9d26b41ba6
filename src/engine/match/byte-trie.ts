/**
 * Values by the bytes that a text begins with, or ends with when it is read backwards. Children stand in one open-addressed
 * table keyed by node and byte, so that a kernel can walk it (kernels/match.ts). Node 0 is the root.
 */
import type { Memory } from '../../kernels/compute.ts'
import { trieSlot } from '../../kernels/match.ts'

/** a key is node * 256 + byte + 1 in 31 bits */
const mostNodes = 1 << 22

export class ByteTrie {
  /** by node */
  readonly values: (number[] | undefined)[] = [undefined]
  readonly parents: number[] = [-1]
  /** by slot: 0 for a free one */
  keys = new Int32Array(256)
  children = new Int32Array(256)

  /** @returns false when it is full */
  add(text: string, backwards: boolean, value: number): boolean {
    const { values, parents } = this
    if (values.length + text.length > mostNodes) return false
    const last = text.length - 1
    let node = 0
    for (let i = 0; i <= last; i++) {
      const byte = text.charCodeAt(backwards ? last - i : i) & 255
      let next = this.step(node, byte)
      if (next < 0) {
        next = values.push(undefined) - 1
        parents.push(node)
        if (next * 2 > this.keys.length) this.grow()
        this.put(node * 256 + byte + 1, next)
      }
      node = next
    }
    const list = values[node]
    if (list === undefined) values[node] = [value]
    else list.push(value)
    return true
  }

  /** Child of `node` for `byte`, or -1. */
  step(node: number, byte: number): number {
    const { keys } = this
    const key = node * 256 + byte + 1
    const mask = keys.length - 1
    let slot = trieSlot(key, mask)
    for (;;) {
      const found = keys[slot]!
      if (found === key) return this.children[slot]!
      if (found === 0) return -1
      slot = (slot + 1) & mask
    }
  }

  /**
   * Where the first four bytes of a text lead, as one word of little-endian bytes: a table of words and one of nodes.
   * @param isWanted false: empty tables
   */
  jumps(memory: Memory, isWanted: boolean): { jumpWords: Int32Array; jumpNodes: Int32Array; jumpMask: number } {
    const found = isWanted ? this.wordsOfFour() : new Map<number, number>()
    let slots = 2
    while (slots < found.size * 4) slots *= 2
    const jumpWords = memory.int32(slots)
    const jumpNodes = memory.int32(slots)
    const jumpMask = slots - 1
    for (const [word, node] of found) {
      let slot = trieSlot(word, jumpMask)
      while (jumpWords[slot] !== 0) slot = (slot + 1) & jumpMask
      jumpWords[slot] = word
      jumpNodes[slot] = node
    }
    return { jumpWords, jumpNodes, jumpMask }
  }

  /** Nodes that four bytes lead to, by the word. A word with a zero byte is left out: names have none. */
  private wordsOfFour(): Map<number, number> {
    const { keys, children, parents } = this
    const bytes = new Uint8Array(this.values.length)
    for (let slot = 0; slot < keys.length; slot++)
      if (keys[slot] !== 0) bytes[children[slot]!] = (keys[slot]! - 1) & 255
    const found = new Map<number, number>()
    for (let node = 1; node < bytes.length; node++) {
      let word = 0
      let at = node
      let length = 0
      for (; length < 4 && at > 0; length++) {
        word = (word << 8) | bytes[at]!
        if (bytes[at] === 0) break
        at = parents[at]!
      }
      if (length === 4 && at === 0) found.set(word, node)
    }
    return found
  }

  private put(key: number, child: number): void {
    const mask = this.keys.length - 1
    let slot = trieSlot(key, mask)
    while (this.keys[slot] !== 0) slot = (slot + 1) & mask
    this.keys[slot] = key
    this.children[slot] = child
  }

  private grow(): void {
    const { keys, children } = this
    this.keys = new Int32Array(keys.length * 4)
    this.children = new Int32Array(keys.length * 4)
    for (let i = 0; i < keys.length; i++) if (keys[i] !== 0) this.put(keys[i]!, children[i]!)
  }
}
