/**
 * From a section name to the rules that may claim it, without trying the rules one by one.
 *
 * A script may have 5,000 rules and a link 100,000 sections. Units with a name go into a table by name id, units that
 * start with literal characters into a trie, and only `*`-first patterns stay in a list. What is found for a name is
 * kept per name id: one number when the first candidate takes the section whatever its file and flags are, else the
 * list of candidates up to the first that does.
 */
import { matchesBytes } from '../../base/glob.ts'
import type { NameTable } from '../../base/name-table.ts'
import type { RuleUnit } from './rules.ts'

const unknown = -2
const none = -1

export class SectionMatcher {
  private readonly units: readonly RuleUnit[]
  private readonly names: NameTable
  private readonly exact = new Map<number, number[]>()
  private readonly trie = new PrefixTrie()
  private readonly general: number[] = []
  /** by name id: a unit that always takes the name, `none`, `unknown`, or -3 - index in `lists` */
  private readonly answers: Int32Array
  private readonly lists: Int32Array[] = []

  constructor(units: readonly RuleUnit[], names: NameTable) {
    this.units = units
    this.names = names
    units.forEach((unit, index) => {
      const glob = unit.glob
      if (glob === undefined || (glob.prefix === '' && !glob.literal)) this.general.push(index)
      else if (glob.literal) {
        const id = names.findText(glob.pattern)
        if (id < 0) return
        const list = this.exact.get(id)
        if (list === undefined) this.exact.set(id, [index])
        else list.push(index)
      } else this.trie.add(glob.prefix, index)
    })
    this.answers = new Int32Array(names.count).fill(unknown)
  }

  /** First unit with number >= `from` that takes a section of this name, file and sh_flags, or -1. */
  find(name: number, file: number, flags: number, from: number): number {
    let answer = this.answers[name]!
    if (answer === unknown) answer = this.answers[name] = this.decide(name)
    if (answer === none || answer >= from) return answer
    if (answer >= 0) return this.findAfter(name, file, flags, from)
    const list = this.lists[-3 - answer]!
    for (let i = 0; i < list.length; i++) {
      const index = list[i]!
      if (index >= from && takes(this.units[index]!, file, flags)) return index
    }
    return -1
  }

  private decide(name: number): number {
    const candidates = this.candidates(name)
    if (candidates.length === 0) return none
    if (takesAll(this.units[candidates[0]!]!)) return candidates[0]!
    this.lists.push(Int32Array.from(candidates))
    return -2 - this.lists.length
  }

  private findAfter(name: number, file: number, flags: number, from: number): number {
    for (const index of this.candidates(name)) if (index >= from && takes(this.units[index]!, file, flags)) return index
    return -1
  }

  /** Numbers of all units whose section pattern fits the name, ascending. */
  private candidates(name: number): number[] {
    const bytes = this.names.bytesOf(name)
    const start = this.names.offsetOf(name)
    const end = start + this.names.lengths[name]!
    const found: number[] = []
    const exact = this.exact.get(name)
    if (exact !== undefined) found.push(...exact)
    for (const index of this.general) {
      const glob = this.units[index]!.glob
      if (glob === undefined || matchesBytes(glob, bytes, start, end)) found.push(index)
    }
    let node = 0
    for (let at = start; at < end; at++) {
      node = this.trie.step(node, bytes[at]!)
      if (node < 0) break
      const here = this.trie.values.get(node)
      if (here !== undefined)
        for (const index of here) {
          const glob = this.units[index]!.glob!
          if (glob.prefixOnly || matchesBytes(glob, bytes, start, end)) found.push(index)
        }
    }
    if (found.length > 1) found.sort((a, b) => a - b)
    return found
  }
}

/** True when the unit takes every section of a fitting name. */
function takesAll(unit: RuleUnit): boolean {
  return unit.files === undefined && unit.flagsWith === 0 && unit.flagsWithout === 0
}

function takes(unit: RuleUnit, file: number, flags: number): boolean {
  if (unit.files !== undefined && unit.files[file] !== 1) return false
  return (flags & unit.flagsWith) >>> 0 === unit.flagsWith >>> 0 && (flags & unit.flagsWithout) === 0
}

/** Trie over bytes; children in one open-addressed table keyed by node * 256 + byte. Node 0 is the root. */
class PrefixTrie {
  readonly values = new Map<number, number[]>()
  private keys = new Float64Array(1024).fill(-1)
  private children = new Int32Array(1024)
  private count = 0

  add(prefix: string, value: number): void {
    let node = 0
    for (let i = 0; i < prefix.length; i++) {
      const byte = prefix.charCodeAt(i) & 255
      let next = this.step(node, byte)
      if (next < 0) {
        next = ++this.count
        if (this.count * 2 > this.keys.length) this.grow()
        this.put(node * 256 + byte, next)
      }
      node = next
    }
    const list = this.values.get(node)
    if (list === undefined) this.values.set(node, [value])
    else list.push(value)
  }

  /** Child of `node` for `byte`, or -1. */
  step(node: number, byte: number): number {
    const key = node * 256 + byte
    const mask = this.keys.length - 1
    let slot = Math.imul(key, 0x9e3779b1) >>> 7
    for (;;) {
      slot &= mask
      const found = this.keys[slot]!
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
