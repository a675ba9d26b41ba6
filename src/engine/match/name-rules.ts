/**
 * From a section name to the units of a list whose pattern fits it, without trying the units one by one.
 *
 * Literal names go into a table by name id; wildcards into a trie over the literal characters at their start or their
 * end, whichever are more; only patterns with neither are tried on every name.
 */
import { matchesBytes } from '../../base/glob.ts'
import type { NameTable } from '../../base/name-table.ts'
import type { RuleUnit } from './rules.ts'

export class NameRules {
  private readonly units: readonly RuleUnit[]
  private readonly names: NameTable
  private readonly exact = new Map<number, number[]>()
  private readonly starts = new Trie()
  private readonly ends = new Trie()
  private readonly general: number[] = []
  /** 1 by a mark of the first characters (`markOf`) that some pattern has; by the last character that some pattern ends with */
  private readonly startMarks = new Uint8Array(1024)
  private readonly endMarks = new Uint8Array(256)
  /** some pattern starts with too few literal characters for a mark */
  private isOpen = false

  /** @param numbers units of the list, ascending */
  constructor(units: readonly RuleUnit[], numbers: readonly number[], names: NameTable) {
    this.units = units
    this.names = names
    for (const index of numbers) {
      const { glob } = units[index]!
      if (glob === undefined) this.general.push(index)
      else if (glob.literal) {
        const id = names.findText(glob.pattern)
        if (id < 0) continue
        const list = this.exact.get(id)
        if (list === undefined) this.exact.set(id, [index])
        else list.push(index)
        this.noteStart(glob.pattern)
      } else if (glob.suffix.length > glob.prefix.length) {
        this.ends.add(glob.suffix, true, index)
        this.endMarks[glob.suffix.charCodeAt(glob.suffix.length - 1) & 255] = 1
      } else if (glob.prefix !== '') {
        this.starts.add(glob.prefix, false, index)
        this.noteStart(glob.prefix)
      } else this.general.push(index)
    }
    if (this.general.length > 0) this.isOpen = true
  }

  private noteStart(text: string): void {
    if (text.length < 3) this.isOpen = true
    else this.startMarks[markOf(text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2))] = 1
  }

  /** False where a look at the name's ends rules every pattern out: most names of a link have no KEEP, for one. */
  private mayFit(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.isOpen || end - start < 3) return true
    const mark = markOf(bytes[start]!, bytes[start + 1]!, bytes[start + 2]!)
    return this.startMarks[mark] === 1 || this.endMarks[bytes[end - 1]!] === 1
  }

  /** Numbers of all units whose section pattern fits the name, ascending. */
  candidates(name: number): readonly number[] {
    const { units, general, starts, ends } = this
    const bytes = this.names.bytesOf(name)
    const start = this.names.offsetOf(name)
    const end = start + this.names.lengths[name]!
    if (!this.mayFit(bytes, start, end)) return nothing
    const exact = this.exact.get(name)
    const found: number[] = exact === undefined ? [] : exact.slice()
    for (let i = 0; i < general.length; i++) {
      const { glob } = units[general[i]!]!
      if (glob === undefined || matchesBytes(glob, bytes, start, end)) found.push(general[i]!)
    }
    let node = 0
    for (let at = start; at < end; at++) {
      node = starts.step(node, bytes[at]!)
      if (node < 0) break
      const here = starts.valuesAt(node)
      if (here !== undefined) this.pick(here, bytes, start, end, found)
    }
    node = 0
    for (let at = end - 1; at >= start; at--) {
      node = ends.step(node, bytes[at]!)
      if (node < 0) break
      const here = ends.valuesAt(node)
      if (here !== undefined) this.pick(here, bytes, start, end, found)
    }
    if (found.length > 1) found.sort(ascending)
    return found
  }

  private pick(from: readonly number[], bytes: Uint8Array, start: number, end: number, found: number[]): void {
    for (let i = 0; i < from.length; i++) {
      const glob = this.units[from[i]!]!.glob!
      if (glob.prefixOnly || glob.suffixOnly || matchesBytes(glob, bytes, start, end)) found.push(from[i]!)
    }
  }
}

const nothing: readonly number[] = []

function markOf(first: number, second: number, third: number): number {
  return ((first & 255) * 13 + (second & 255) * 31 + (third & 255) * 7) & 1023
}

function ascending(a: number, b: number): number {
  return a - b
}

/** Trie over bytes; children in one open-addressed table keyed by node * 256 + byte. Node 0 is the root. */
class Trie {
  private readonly values: (number[] | undefined)[] = [undefined]
  private keys = new Float64Array(256).fill(-1)
  private children = new Int32Array(256)
  private count = 0

  /** @param backwards the characters from the last to the first */
  add(text: string, backwards: boolean, value: number): void {
    let node = 0
    for (let i = 0; i < text.length; i++) {
      const byte = text.charCodeAt(backwards ? text.length - 1 - i : i) & 255
      let next = this.step(node, byte)
      if (next < 0) {
        next = ++this.count
        this.values.push(undefined)
        if (this.count * 2 > this.keys.length) this.grow()
        this.put(node * 256 + byte, next)
      }
      node = next
    }
    const list = this.values[node]
    if (list === undefined) this.values[node] = [value]
    else list.push(value)
  }

  valuesAt(node: number): readonly number[] | undefined {
    return this.values[node]
  }

  /** Child of `node` for `byte`, or -1. */
  step(node: number, byte: number): number {
    const { keys } = this
    const key = node * 256 + byte
    const mask = keys.length - 1
    let slot = Math.imul(key, 0x9e3779b1) >>> 7
    for (;;) {
      slot &= mask
      const found = keys[slot]!
      if (found === key) return this.children[slot]!
      if (found < 0) return -1
      slot++
    }
  }

  private put(key: number, child: number): void {
    const mask = this.keys.length - 1
    let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask
    while (this.keys[slot]! >= 0) slot = (slot + 1) & mask
    this.keys[slot] = key
    this.children[slot] = child
  }

  private grow(): void {
    const keys = this.keys
    const children = this.children
    this.keys = new Float64Array(keys.length * 2).fill(-1)
    this.children = new Int32Array(keys.length * 2)
    for (let i = 0; i < keys.length; i++) if (keys[i]! >= 0) this.put(keys[i]!, children[i]!)
  }
}
