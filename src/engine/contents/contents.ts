/**
 * What each input section contributes: copied bytes, merged strings, an edited .eh_frame, or nothing.
 * After this the size of everything that comes from an input is final.
 */

import { damagedEhFrame } from '../../diag/catalogue/relocation.ts'
import { inFile, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHT_NOBITS, SHT_PROGBITS } from '../../elf/constants.ts'
import type { Helper } from '../../host.ts'
import type { LayoutPlan } from '../../plan/plan.ts'
import { Claim, ContentKind, type Contents, type Live, type Matches } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState } from '../records/tables.ts'
import { EhFrames } from './eh-frame.ts'
import { FunctionTables } from './function-tables.ts'
import { isMergeable, MergedContents } from './merge-strings.ts'
import { ShortenedSections } from './shortened-sections.ts'

/** Contents with the editors, which relocation and .eh_frame_hdr need too. */
export interface EditedContents extends Contents {
  readonly merged: MergedContents
  readonly frames: EhFrames
  readonly shortened: ShortenedSections
  readonly functionTables: FunctionTables
  /** As `move`, for what a relocation refers to: the start of a section of frames stays one when its first record goes. */
  moveTarget(section: number, offset: number): boolean
}

/**
 * Decides kind and size of every live section; merges what may be merged.
 * @param helper finds ends of strings while frames are edited here
 */
export function makeContents(
  program: Program,
  matches: Matches,
  live: Live,
  _request: LinkRequest,
  report: Report,
  helper?: Helper,
): EditedContents {
  const { sections } = program
  const contents = new ContentColumns(program)
  const outputs = new OutputNames(program, matches)
  const frameName = program.sectionNames.findText('.eh_frame')
  const frameSections: number[] = []
  const sets = new Map<string, number>()
  for (let id = 0; id < sections.count; id++) {
    if (live[id] !== 1) continue
    const state = sections.state[id]!
    if ((state & (SectionState.Table | SectionState.JustSymbols)) !== 0) continue
    contents.size[id] = sections.size[id]!
    if ((state & SectionState.Synthetic) !== 0) {
      contents.kind[id] = ContentKind.Synthetic
    } else if (sections.type[id] === SHT_NOBITS || (state & SectionState.Common) !== 0) {
      contents.kind[id] = ContentKind.NoBits
    } else if (sections.name[id] === frameName && isFrameType(program, sections.type[id]!) && sections.size[id]! > 0) {
      contents.kind[id] = ContentKind.Copy
      frameSections.push(id)
    } else if (isMergeable(sections, id)) {
      contents.kind[id] = ContentKind.Merged
      const key = `${outputs.of(id)} ${sections.flags[id]! & 0x30} ${sections.entsize[id]} ${sections.align[id]}`
      let set = sets.get(key)
      if (set === undefined) {
        set = contents.merged.newSet(id)
        sets.set(key, set)
      }
      contents.merged.add(set, id)
    } else contents.kind[id] = ContentKind.Copy
  }
  if (helper !== undefined) contents.merged.beginFolding(helper)
  editFrames(contents, program, live, outputs, frameSections, report)
  contents.merged.place()
  finishMerged(contents, program)
  return contents
}

function isFrameType(program: Program, type: number): boolean {
  return type === SHT_PROGBITS || type === program.arch.unwindSectionType
}

/** Sections whose pieces all stand elsewhere keep no size: they vanish, but `move` still knows where their bytes went. */
function finishMerged(contents: ContentColumns, program: Program): void {
  for (let id = 0; id < program.sections.count; id++)
    if (contents.kind[id] === ContentKind.Merged) contents.size[id] = contents.merged.sizeOf(id)
}

function editFrames(
  contents: ContentColumns,
  program: Program,
  live: Live,
  outputs: OutputNames,
  ids: readonly number[],
  report: Report,
): void {
  const { frames } = contents
  // The order of the output: rules of the plan first, link order within a rule.
  const ordered = [...ids].sort((a, b) => outputs.rank(a) - outputs.rank(b) || a - b)
  for (const id of ordered) if (!frames.add(id)) report.add(damagedEhFrame({}), placeOf(program, id))
  frames.chooseAndPlace(live, id => outputs.of(id))
  for (const id of frames.sections) {
    contents.kind[id] = ContentKind.EhFrame
    contents.size[id] = frames.sizeOf(id)
  }
}

function placeOf(program: Program, section: number): Place {
  const file = program.files[program.sections.file[section]!]!
  const at = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
  return at.kind === 'object' ? { ...at, section: program.sectionNames.text(program.sections.name[section]!) } : at
}

/** Which output section an input section will go to, as far as merging has to know. */
class OutputNames {
  private readonly program: Program
  private readonly matches: Matches
  /** by plan id of an InputMatch: number of the output section's name, and place in the plan */
  private readonly ofRule = new Map<number, { name: number; rank: number }>()
  private readonly numbers = new Map<string, number>()

  constructor(program: Program, matches: Matches) {
    this.program = program
    this.matches = matches
    this.readPlan(program.plan)
  }

  private readPlan(plan: LayoutPlan): void {
    let rank = 0
    for (const statement of plan.statements) {
      if (statement.kind !== 'output-section') continue
      const name = this.numberOf(statement.name)
      for (const item of statement.items) if (item.kind === 'input') this.ofRule.set(item.id, { name, rank: rank++ })
    }
  }

  private numberOf(name: string): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    this.numbers.set(name, this.numbers.size)
    return this.numbers.size - 1
  }

  /** A number per output section; orphans of one name share one. */
  of(section: number): number {
    const rule = this.matches.rule[section]!
    if (rule !== Claim.Orphan) return this.ofRule.get(rule)?.name ?? -1
    return -2 - this.program.sections.name[section]!
  }

  rank(section: number): number {
    return this.ofRule.get(this.matches.rule[section]!)?.rank ?? Number.MAX_SAFE_INTEGER
  }
}

class ContentColumns implements EditedContents {
  readonly kind: Uint8Array
  readonly size: Float64Array
  readonly merged: MergedContents
  readonly frames: EhFrames
  readonly shortened: ShortenedSections
  readonly functionTables: FunctionTables
  movedSection = 0
  movedOffset = 0

  constructor(program: Program) {
    this.kind = new Uint8Array(program.sections.count)
    this.size = new Float64Array(program.sections.count)
    this.merged = new MergedContents(program)
    this.frames = new EhFrames(program)
    this.shortened = new ShortenedSections(program)
    this.functionTables = new FunctionTables(program)
  }

  move(section: number, offset: number): boolean {
    if (this.merged.setOf[section]! >= 0) {
      this.merged.move(section, offset)
      this.movedSection = this.merged.movedSection
      this.movedOffset = this.merged.movedOffset
      return true
    }
    this.movedSection = section
    this.movedOffset = offset
    if (this.frames.firstRecord[section]! < 0) {
      if (this.kind[section] === ContentKind.FunctionTable) {
        if (!this.functionTables.move(section, offset)) return false
        this.movedOffset = this.functionTables.movedOffset
        return true
      }
      if (this.kind[section] !== ContentKind.Shortened) return true
      this.shortened.move(section, offset)
      this.movedOffset = this.shortened.movedOffset
      return true
    }
    if (!this.frames.move(section, offset)) return false
    this.movedOffset = this.frames.movedOffset
    return true
  }

  moveTarget(section: number, offset: number): boolean {
    if (this.move(section, offset)) return true
    if (!this.frames.follow(section, offset)) return false
    this.movedOffset = this.frames.movedOffset
    return true
  }

  write(section: number, out: Uint8Array, at: number): void {
    if (this.kind[section] === ContentKind.Merged) this.merged.write(section, out, at)
    else if (this.kind[section] === ContentKind.EhFrame) this.frames.write(section, out, at)
    else if (this.kind[section] === ContentKind.Shortened) this.shortened.write(section, out, at)
    else if (this.kind[section] === ContentKind.FunctionTable) this.functionTables.write(section, out, at)
  }
}
