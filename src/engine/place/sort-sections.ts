/**
 * Order of the input sections that one rule claims.
 *
 * Without sorting: input order (files as linked, sections as in the file), whatever pattern claimed them. With sorting,
 * GNU ld grows a binary tree: each section is compared with the keys of *its own* pattern against those already there,
 * and an unsorted one goes to the far right. When every pattern of a rule has the same keys that is a stable sort.
 */
import type { InputMatch, SectionPattern, SortKey } from '../../plan/plan.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'

/** Sorts the section ids of a rule in place. `pattern` is Matches.pattern. */
export function sortClaims(
  program: Program,
  request: LinkRequest,
  rule: InputMatch,
  ids: Int32Array,
  pattern: Uint16Array,
): void {
  const byFile = rule.file.sort === 'name'
  const orders = rule.sections.map(section => orderOf(section, request))
  if (!byFile && orders.every(order => order.keys.length === 0)) return
  if (ids.length < 2) return
  const keys = new SortKeys(program)
  const compareIn = (order: Order, a: number, b: number): number => {
    if (byFile) {
      const files = keys.compareFiles(a, b)
      if (files !== 0) return rule.file.reverse ? -files : files
    }
    return keys.compare(order, a, b)
  }
  const first = orders[0] ?? { keys: [], reversed: false }
  if (orders.every(order => sameOrder(order, first))) {
    ids.sort((a, b) => compareIn(first, a, b))
    return
  }
  growTree(ids, id => orders[pattern[id]!] ?? first, compareIn, byFile)
}

interface Order {
  readonly keys: readonly (SortKey | 'size')[]
  readonly reversed: boolean
}

function orderOf(section: SectionPattern, request: LinkRequest): Order {
  if (section.order !== undefined && section.order.length > 0)
    return { keys: section.order, reversed: section.reverse ?? false }
  const own: SortKey[] = []
  for (const key of section.sort) if (key !== 'none' && !own.includes(key)) own.push(key)
  // Sorted by one key, --sort-section gives the second one (GNU ld manual, Input Section Wildcards).
  const second = isUnsorted(section) ? undefined : request.sortSection
  if (second !== undefined && own.length === 1 && (own[0] === 'name' || own[0] === 'alignment') && own[0] !== second)
    own.push(second)
  if (section.sort.length > 0 || section.reverse)
    return { keys: own.length === 0 && section.reverse ? ['name'] : own, reversed: section.reverse ?? false }
  return { keys: second === undefined ? [] : [second], reversed: false }
}

/** --sort-section leaves the code of .init and .fini alone: each piece falls through into the next. */
function isUnsorted({ pattern }: SectionPattern): boolean {
  return pattern === '.init' || pattern === '.fini'
}

function sameOrder(a: Order, b: Order): boolean {
  return a.reversed === b.reversed && a.keys.length === b.keys.length && a.keys.every((key, i) => key === b.keys[i])
}

/** Insertion into an unbalanced binary tree, as sections of several differently sorted patterns come. */
function growTree(
  ids: Int32Array,
  order: (id: number) => Order,
  compareIn: (order: Order, a: number, b: number) => number,
  byFile: boolean,
): void {
  const left = new Int32Array(ids.length).fill(-1)
  const right = new Int32Array(ids.length).fill(-1)
  const source = ids.slice()
  for (let i = 1; i < source.length; i++) {
    const own = order(source[i]!)
    const unsorted = own.keys.length === 0 && !byFile
    let node = 0
    for (;;) {
      const goLeft = !unsorted && compareIn(own, source[i]!, source[node]!) < 0
      const children = goLeft ? left : right
      if (children[node]! < 0) {
        children[node] = i
        break
      }
      node = children[node]!
    }
  }
  let at = 0
  const stack: number[] = []
  let node = 0
  while (node >= 0 || stack.length > 0) {
    while (node >= 0) {
      stack.push(node)
      node = left[node]!
    }
    node = stack.pop()!
    ids[at++] = source[node]!
    node = right[node]!
  }
}

/** Comparisons of sections by id. Names are made into strings once each. */
class SortKeys {
  private readonly program: Program
  private readonly names = new Map<number, string>()
  private readonly priorities = new Map<number, number>()

  constructor(program: Program) {
    this.program = program
  }

  /** REVERSE turns names and priorities around, alignments never. */
  compare({ keys, reversed }: Order, a: number, b: number): number {
    const { sections } = this.program
    for (const key of keys) {
      let order = 0
      if (key === 'name') order = compareText(this.name(a), this.name(b))
      else if (key === 'alignment') order = sections.align[b]! - sections.align[a]!
      else if (key === 'init-priority') order = this.byPriority(a, b)
      else if (key === 'size') order = sections.size[a]! - sections.size[b]!
      if (order !== 0) return reversed && key !== 'alignment' ? -order : order
    }
    return 0
  }

  compareFiles(a: number, b: number): number {
    const { sections, files } = this.program
    const left = this.ownerOf(files[sections.file[a]!]!)
    const right = this.ownerOf(files[sections.file[b]!]!)
    const order = compareText(left.archive ?? left.name, right.archive ?? right.name)
    if (order !== 0 || (left.archive === undefined && right.archive === undefined)) return order
    return compareText(left.name, right.name)
  }

  /** What the linker makes counts as part of the first object. */
  private ownerOf(file: InputFile): InputFile {
    if (file.kind !== 'linker') return file
    return this.program.files.find(each => each.kind === 'object') ?? file
  }

  private byPriority(a: number, b: number): number {
    const left = this.priority(a)
    const right = this.priority(b)
    if (left >= 0 && right >= 0 && left !== right) return left - right
    return compareText(this.name(a), this.name(b))
  }

  private name(id: number): string {
    const name = this.program.sections.name[id]!
    let text = this.names.get(name)
    if (text === undefined) this.names.set(name, (text = this.program.sectionNames.text(name)))
    return text
  }

  /** Number behind the last dot of the name; .ctors.N and .dtors.N count down from 65535. -1: none. */
  private priority(id: number): number {
    const name = this.program.sections.name[id]!
    const known = this.priorities.get(name)
    if (known !== undefined) return known
    const text = this.name(id)
    const digits = /\.(\d+)$/.exec(text)
    let value = digits === null ? -1 : Number(digits[1])
    if (value >= 0 && (text.startsWith('.ctors.') || text.startsWith('.dtors.'))) value = 65535 - value
    this.priorities.set(name, value)
    return value
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
