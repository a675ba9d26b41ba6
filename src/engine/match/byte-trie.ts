/**
 * Values by the bytes that a text begins with, or ends with when it is read backwards. Children stand in one open-addressed
 * table keyed by node and byte, so that a kernel can walk it (kernels/match.ts). Node 0 is the root.
 */
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
