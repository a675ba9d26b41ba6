/**
 * From a section to the first rule that claims it, without trying the rules one by one.
 *
 * A script may have 5,000 rules and a link 100,000 sections. Units that speak of a few files are listed with those
 * files; a section meets only the list of its own file. All other units are found by name, and what is found is kept
 * per name id: one number when the first candidate takes the section whatever its file and flags are, else the list of
 * candidates up to the first that does.
 */
import type { NameTable } from '../../base/name-table.ts'
import type { Compute } from '../../kernels/compute.ts'
import { undecided } from '../../kernels/match.ts'
import type { InputFile } from '../records/program.ts'
import { FewNames, fewNames } from './few-names.ts'
import { type FileSet, idsOf, marksOf } from './file-patterns.ts'
import { type NameIndex, type NameKinds, NameRules } from './name-rules.ts'
import type { RuleUnit } from './rules.ts'

/** Values of `answers` beside unit + 1 and, below, -2 - index in `lists`. */
const unknown = 0
const none = -1

export class SectionMatcher {
  private readonly units: readonly RuleUnit[]
  private readonly names: NameTable
  private readonly anywhere: NameIndex
  /** by name id: what is known of units of all files; made when first needed */
  private answers: Int32Array | undefined
  private readonly lists: Int32Array[] = []
  /** by name id: marks + 1, `none` where files count, `unknown` */
  private markAnswers: Int32Array | undefined
  private readonly hasMarks: boolean
  /** by file id: units of that file alone */
  private readonly ofFile: (NameIndex | undefined)[]
  /** by unit: 1 for each file that a unit of many but not all files accepts */
  private readonly accepted: (Uint8Array | undefined)[]

  constructor(units: readonly RuleUnit[], names: NameTable, files: readonly InputFile[]) {
    this.units = units
    this.names = names
    this.accepted = new Array(units.length)
    const general: number[] = []
    const local = new Map<number, number[]>()
    const tables = new Map<FileSet, Uint8Array>()
    const few = Math.max(4, files.length >> 3)
    let hasMarks = false
    for (let index = 0; index < units.length; index++) {
      const { files: set, marks } = units[index]!
      hasMarks ||= marks !== 0
      if (set !== undefined && set.count <= few) {
        for (const id of idsOf(set)) {
          const list = local.get(id)
          if (list === undefined) local.set(id, [index])
          else list.push(index)
        }
        continue
      }
      general.push(index)
      if (set !== undefined) this.accepted[index] = tableOf(set, tables, files.length)
    }
    this.hasMarks = hasMarks
    this.anywhere = indexOf(units, general, names)
    this.ofFile = rulesByFile(units, names, files.length, local)
  }

  /** First unit with number >= `from` that takes a section of this name, file and sh_flags, or -1. */
  find(name: number, file: number, flags: number, from: number): number {
    const found = this.findAnywhere(name, file, flags, from)
    const rules = this.ofFile[file]
    if (rules === undefined) return found
    const candidates = rules.candidates(name)
    for (let i = 0; i < candidates.length; i++) {
      const index = candidates[i]!
      if (found >= 0 && index > found) break
      if (index >= from && takesFlags(this.units[index]!, flags)) return index
    }
    return found
  }

  /** Marks of all units that speak of sections of this name and file. INPUT_SECTION_FLAGS does not count. */
  marks(name: number, file: number): number {
    if (!this.hasMarks) return 0
    this.markAnswers ??= new Int32Array(this.names.count)
    let answer = this.markAnswers[name]!
    if (answer === unknown) {
      const found = this.marksOfKind(this.anywhere.candidates(name))
      answer = this.markAnswers[name] = found === undecided ? none : found + 1
    }
    let marks = answer === none ? this.marksInFile(this.anywhere.candidates(name), file) : answer - 1
    const own = this.ofFile[file]
    if (own !== undefined) marks |= this.marksInFile(own.candidates(name), file)
    return marks
  }

  /** Kinds of names, as far as units of all files go. Undefined: there are too many kinds. */
  kinds(compute: Compute): NameKinds | undefined {
    return this.anywhere.kinds(compute)
  }

  /** Are there units of this file alone? */
  hasOwn(file: number): boolean {
    return this.ofFile[file] !== undefined
  }

  /** The unit that takes every section whose name these units fit, -1 where none does, `undecided` where files or flags count. */
  decideKind(candidates: readonly number[]): number {
    if (candidates.length === 0) return -1
    return this.takesAll(candidates[0]!) ? candidates[0]! : undecided
  }

  /** Marks of all units that speak of sections whose name these units fit; `undecided` where files count. */
  marksOfKind(candidates: readonly number[]): number {
    let marks = 0
    let byFile = 0
    for (let i = 0; i < candidates.length; i++) {
      const index = candidates[i]!
      if (this.accepted[index] === undefined) marks |= this.units[index]!.marks
      else byFile |= this.units[index]!.marks
    }
    return (byFile & ~marks) === 0 ? marks : undecided
  }

  private marksInFile(candidates: readonly number[], file: number): number {
    let marks = 0
    for (let i = 0; i < candidates.length; i++) {
      const accepted = this.accepted[candidates[i]!]
      if (accepted === undefined || accepted[file] === 1) marks |= this.units[candidates[i]!]!.marks
    }
    return marks
  }

  private findAnywhere(name: number, file: number, flags: number, from: number): number {
    this.answers ??= new Int32Array(this.names.count)
    let answer = this.answers[name]!
    if (answer === unknown) answer = this.answers[name] = this.decide(name)
    if (answer === none) return -1
    if (answer > from) return answer - 1
    if (answer > 0) return this.first(this.anywhere.candidates(name), file, flags, from)
    const found = this.first(this.lists[-2 - answer]!, file, flags, from)
    return found >= 0 || from === 0 ? found : this.first(this.anywhere.candidates(name), file, flags, from)
  }

  private decide(name: number): number {
    const candidates = this.anywhere.candidates(name)
    if (candidates.length === 0) return none
    let length = 0
    while (length < candidates.length && !this.takesAll(candidates[length]!)) length++
    if (length === 0) return candidates[0]! + 1
    return -1 - this.lists.push(Int32Array.from(candidates.slice(0, length + 1)))
  }

  private first(list: ArrayLike<number>, file: number, flags: number, from: number): number {
    for (let i = 0; i < list.length; i++) {
      const index = list[i]!
      if (index < from) continue
      const accepted = this.accepted[index]
      if ((accepted === undefined || accepted[file] === 1) && takesFlags(this.units[index]!, flags)) return index
    }
    return -1
  }

  /** True when the unit takes every section of a fitting name. */
  private takesAll(index: number): boolean {
    const unit = this.units[index]!
    return unit.files === undefined && unit.flagsWith === 0 && unit.flagsWithout === 0
  }
}

/** INPUT_SECTION_FLAGS of the unit. */
function takesFlags(unit: RuleUnit, flags: number): boolean {
  return (flags & unit.flagsWith) >>> 0 === unit.flagsWith >>> 0 && (flags & unit.flagsWithout) === 0
}

function tableOf(set: FileSet, tables: Map<FileSet, Uint8Array>, count: number): Uint8Array {
  let table = tables.get(set)
  if (table === undefined) tables.set(set, (table = marksOf(set, count)))
  return table
}

function indexOf(units: readonly RuleUnit[], numbers: readonly number[], names: NameTable): NameIndex {
  return names.count <= fewNames ? new FewNames(units, numbers, names) : new NameRules(units, numbers, names)
}

/** Files with the same units share one record. */
function rulesByFile(
  units: readonly RuleUnit[],
  names: NameTable,
  count: number,
  local: ReadonlyMap<number, readonly number[]>,
): (NameIndex | undefined)[] {
  const rules = new Array<NameIndex | undefined>(count)
  const shared = new Map<string, NameIndex>()
  for (const [file, list] of local) {
    const key = list.join()
    let known = shared.get(key)
    if (known === undefined) shared.set(key, (known = indexOf(units, list, names)))
    rules[file] = known
  }
  return rules
}
