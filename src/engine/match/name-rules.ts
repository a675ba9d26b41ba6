/**
 * From a section name to the units of a list whose pattern fits it, without trying the units one by one.
 *
 * Literal names go into a table by name id; wildcards into a trie over the literal characters at their start or their
 * end, whichever are more. What stands at a node of a trie and above it decides for all names that get that far, unless a
 * pattern has more than one wildcard: so names fall into few kinds (kernels/match.ts).
 */
import { matchesBytes } from '../../base/glob.ts'
import type { NameTable } from '../../base/name-table.ts'
import type { Compute } from '../../kernels/compute.ts'
import { namePiece } from '../../kernels/match.ts'
import { ByteTrie } from './byte-trie.ts'
import type { RuleUnit } from './rules.ts'

/** for so many names it is worth to know where four bytes lead */
const manyNames = 4096
/** with more kinds than that names are looked at one by one */
const mostKinds = 1 << 16

/** Names that the same units fit. */
export interface NameKinds {
  /** by name id: its kind, from 1 on */
  readonly kindOf: Int32Array
  /** kinds are smaller than this */
  readonly count: number
  /** 1 by kind that some name has */
  readonly used: Uint8Array
  /** Numbers of all units that fit names of the kind, ascending; undefined: that depends on the name. */
  candidates(kind: number): readonly number[] | undefined
}

/** What finds the units of a list whose pattern fits a name. */
export interface NameIndex {
  /** Numbers of all units whose section pattern fits the name, ascending. */
  candidates(name: number): readonly number[]
  /** Finds the kinds of all names. Undefined: there would be too many. */
  kinds(compute: Compute): NameKinds | undefined
}

export class NameRules implements NameIndex {
  private readonly units: readonly RuleUnit[]
  private readonly names: NameTable
  private readonly exact = new Map<number, number[]>()
  private readonly starts = new ByteTrie()
  private readonly ends = new ByteTrie()
  /** what the tries have no room for */
  private readonly others: number[] = []
  /** sections of one name often come together */
  private lastName = -1
  private lastFound: readonly number[] = []

  /** @param numbers units of the list, ascending */
  constructor(units: readonly RuleUnit[], numbers: readonly number[], names: NameTable) {
    this.units = units
    this.names = names
    for (let i = 0; i < numbers.length; i++) {
      const index = numbers[i]!
      const { glob } = units[index]!
      if (glob?.literal) {
        const id = names.findText(glob.pattern)
        if (id < 0) continue
        const list = this.exact.get(id)
        if (list === undefined) this.exact.set(id, [index])
        else list.push(index)
        continue
      }
      const isEnd = glob !== undefined && glob.suffix.length > glob.prefix.length
      const text = glob === undefined ? '' : isEnd ? glob.suffix : glob.prefix
      const isIn = isEnd ? this.ends.add(text, true, index) : this.starts.add(text, false, index)
      if (!isIn) this.others.push(index)
    }
  }

  candidates(name: number): readonly number[] {
    if (name !== this.lastName) {
      this.lastFound = this.search(name)
      this.lastName = name
    }
    return this.lastFound
  }

  private search(name: number): readonly number[] {
    const { others, starts, ends } = this
    const bytes = this.names.bytesOf(name)
    const start = this.names.offsetOf(name)
    const end = start + this.names.lengths[name]!
    const exact = this.exact.get(name)
    const found: number[] = exact === undefined ? [] : exact.slice()
    this.pick(others, bytes, start, end, found)
    let node = 0
    for (let at = start; node >= 0; at++) {
      const here = starts.values[node]
      if (here !== undefined) this.pick(here, bytes, start, end, found)
      node = at < end ? starts.step(node, bytes[at]!) : -1
    }
    node = 0
    for (let at = end - 1; node >= 0; at--) {
      const here = ends.values[node]
      if (here !== undefined) this.pick(here, bytes, start, end, found)
      node = at >= start ? ends.step(node, bytes[at]!) : -1
    }
    if (found.length > 1) found.sort(ascending)
    return found
  }

  private pick(from: readonly number[], bytes: Uint8Array, start: number, end: number, found: number[]): void {
    for (let i = 0; i < from.length; i++) {
      const { glob } = this.units[from[i]!]!
      if (glob === undefined || isOpen(glob) || matchesBytes(glob, bytes, start, end)) found.push(from[i]!)
    }
  }

  kinds(compute: Compute): NameKinds | undefined {
    const { names, exact, units } = this
    const { memory } = compute
    if (this.others.length > 0) return undefined
    const starts = markedNodes(this.starts)
    const ends = markedNodes(this.ends)
    const firstExact = starts.marked.length * ends.marked.length + 1
    const count = firstExact + exact.size
    if (count > mostKinds) return undefined
    const kindOf = memory.int32(names.count)
    const used = memory.uint8(count)
    const exactNames = [...exact.keys()]
    for (let i = 0; i < exactNames.length; i++) kindOf[exactNames[i]!] = firstExact + i
    used.fill(1, firstExact)
    const { texts, starts: textStarts, lengths } = names.columns
    const jumps = this.starts.jumps(memory, names.count >= manyNames)
    const record = {
      count: names.count,
      texts,
      starts: textStarts,
      lengths,
      startKeys: column(this.starts.keys),
      startChildren: column(this.starts.children),
      startMask: this.starts.keys.length - 1,
      startMarks: column(starts.marks),
      ...jumps,
      endKeys: column(this.ends.keys),
      endChildren: column(this.ends.children),
      endMask: this.ends.keys.length - 1,
      endMarks: column(ends.marks),
      endCount: ends.marked.length,
      kindOf,
      used,
    }
    const pieces = Math.ceil(names.count / namePiece)
    if (pieces > 1) compute.begin('classifyNames', record, pieces).finish()
    else compute.kernels.classifyNames(record, 0)
    const candidates = (kind: number): readonly number[] | undefined => {
      if (kind >= firstExact) return this.candidates(exactNames[kind - firstExact]!)
      const found: number[] = []
      const combined = kind - 1
      const start = starts.marked[Math.floor(combined / ends.marked.length)]!
      if (!collect(this.starts, start, units, found)) return undefined
      if (!collect(this.ends, ends.marked[combined % ends.marked.length]!, units, found)) return undefined
      return found.sort(ascending)
    }
    return { kindOf, count, used, candidates }

    function column(values: Int32Array): Int32Array {
      const copy = memory.int32(values.length)
      copy.set(values)
      return copy
    }
  }
}

/** `marks`: by node, index in `marked` of the nearest node above or there that has values; 0 stands for none. */
function markedNodes({ values, parents }: ByteTrie): { readonly marks: Int32Array; readonly marked: number[] } {
  const marks = new Int32Array(values.length)
  const marked = [-1]
  for (let node = 0; node < values.length; node++)
    if (values[node] !== undefined) marks[node] = marked.push(node) - 1
    else if (node > 0) marks[node] = marks[parents[node]!]!
  return { marks, marked }
}

/** Adds what stands at the node and above. False: some of it depends on more of a name than that it gets there. */
function collect(trie: ByteTrie, from: number, units: readonly RuleUnit[], found: number[]): boolean {
  for (let node = from; node >= 0; node = trie.parents[node]!) {
    const here = trie.values[node]
    if (here === undefined) continue
    for (let i = 0; i < here.length; i++) {
      const { glob } = units[here[i]!]!
      if (glob !== undefined && !isOpen(glob)) return false
      found.push(here[i]!)
    }
  }
  return true
}

/** The whole pattern is a start or an end. */
function isOpen({ prefixOnly, suffixOnly }: { readonly prefixOnly: boolean; readonly suffixOnly: boolean }): boolean {
  return prefixOnly || suffixOnly
}

function ascending(a: number, b: number): number {
  return a - b
}
