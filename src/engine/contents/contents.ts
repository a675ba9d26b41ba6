/**
 * What each input section contributes: copied bytes, merged strings, an edited .eh_frame, or nothing.
 * After this the size of everything that comes from an input is final.
 */

import { damagedEhFrame } from '../../diag/catalogue/relocation.ts'
import { inFile, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHT_PROGBITS } from '../../elf/constants.ts'
import { held } from '../../kernels/compute.ts'
import { sectionBatch } from '../../kernels/contents.ts'
import type { LayoutPlan } from '../../plan/plan.ts'
import { Claim, ContentKind, type Contents, type Live, type Matches } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { EhFrames } from './eh-frame.ts'
import { fileBytes } from './file-bytes.ts'
import { FunctionTables } from './function-tables.ts'
import { MergedContents } from './merge-strings.ts'
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

/** Decides kind and size of every live section; merges what may be merged. */
export function makeContents(
  program: Program,
  matches: Matches,
  live: Live,
  _request: LinkRequest,
  report: Report,
): EditedContents {
  const contents = new ContentColumns(program)
  const outputs = new OutputNames(program, matches)
  const seen = held(program.compute.memory, live)
  const files = fileBytes(program)
  const frames: number[] = []
  const merged: number[] = []
  for (const id of editedSections(contents, program, seen))
    if (contents.kind[id] === ContentKind.Merged) merged.push(id)
    else frames.push(id)
  // Frames are cut into records by all threads, while strings are collected; ends of strings are looked for by all threads
  // while records get their places.
  contents.frames.begin(
    inOrder(frames, id => outputs.rank(id)),
    seen,
    files,
  )
  contents.merged.enter(merged, files, id => outputs.of(id))
  contents.merged.beginFolding()
  finishFrames(contents, program, outputs, report)
  contents.merged.place()
  for (const id of merged) contents.size[id] = contents.merged.sizeOf(id)
  return contents
}

/** Gives every section its kind and size; those that are not simply copied are in the result, in order. */
function editedSections(contents: ContentColumns, program: Program, live: Live): number[] {
  const { sections, files, compute } = program
  const { state, name, type, flags, size, entsize, align, relocations } = sections
  const { memory } = compute
  const pieces = Math.ceil(sections.count / sectionBatch)
  const record = {
    ...{ live, state, name, type, flags, size, entsize, align, relocations },
    count: sections.count,
    frameName: program.sectionNames.findText('.eh_frame'),
    frameType: program.arch.unwindSectionType ?? SHT_PROGBITS,
    kind: contents.kind,
    contentSize: contents.size,
    edited: memory.int32(sections.count),
    editedCount: memory.int32(pieces),
  }
  compute.begin('classifySections', record, pieces).finish()
  const ids: number[] = []
  for (let piece = 0; piece < pieces; piece++) {
    const first = piece * sectionBatch
    const end = first + record.editedCount[piece]!
    for (let i = first; i < end; i++) {
      const id = record.edited[i]!
      if (sections.offset[id]! + size[id]! <= files[sections.file[id]!]!.bytes.length) ids.push(id)
      else contents.kind[id] = ContentKind.Copy
    }
  }
  return ids
}

/** Sections in the order of the output: rules of the plan first, link order within a rule. */
function inOrder(ids: number[], rankOf: (section: number) => number): number[] {
  const ranks = new Map<number, number>()
  let isOrdered = true
  let before = -Infinity
  for (const id of ids) {
    const rank = rankOf(id)
    ranks.set(id, rank)
    isOrdered &&= rank >= before
    before = rank
  }
  return isOrdered ? ids : ids.sort((a, b) => ranks.get(a)! - ranks.get(b)! || a - b)
}

function finishFrames(contents: ContentColumns, program: Program, outputs: OutputNames, report: Report): void {
  const { frames } = contents
  frames.finish(id => outputs.of(id))
  for (const id of frames.damaged) {
    contents.kind[id] = ContentKind.Copy
    report.add(damagedEhFrame({}), placeOf(program, id))
  }
  for (const id of frames.sections) contents.size[id] = frames.sizeOf(id)
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
    const { memory } = program.compute
    this.kind = memory.uint8(program.sections.count)
    this.size = memory.float64(program.sections.count)
    this.merged = new MergedContents(program)
    this.frames = new EhFrames(program)
    this.shortened = new ShortenedSections(program)
    this.functionTables = new FunctionTables(program)
  }

  move(section: number, offset: number): boolean {
    if (this.merged.rowOf[section]! >= 0) {
      this.merged.move(section, offset)
      this.movedSection = this.merged.movedSection
      this.movedOffset = this.merged.movedOffset
      return true
    }
    this.movedSection = section
    this.movedOffset = offset
    if (this.frames.rowOf[section]! < 0) {
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
