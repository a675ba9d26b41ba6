/**
 * What each input section contributes: copied bytes, merged strings, an edited .eh_frame, or nothing.
 * After this the size of everything that comes from an input is final.
 */

import { damagedEhFrame } from '../../diag/catalogue/relocation.ts'
import { inFile, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHT_PROGBITS } from '../../elf/constants.ts'
import { held, type Work } from '../../kernels/compute.ts'
import { sectionBatch } from '../../kernels/contents.ts'
import type { RuleOutputs } from '../../kernels/edited-rows.ts'
import { ContentKind, type Contents, type Layout, type Live, type Matches } from '../records/placement.ts'
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
  const outputs = ruleOutputs(program, matches)
  const seen = held(program.compute.memory, live)
  const files = fileBytes(program)
  const { merged, frames, frameOutput } = editedSections(contents, program, seen, outputs)
  // Other threads cut sections into strings and records, and look for ends of strings, while this one does what has an
  // order: it prepares frames, enters strings, gives records their places.
  contents.merged.begin(merged, files, outputs)
  contents.merged.cut()
  contents.frames.begin(frames, frameOutput, seen, files)
  contents.merged.enter()
  contents.merged.beginFolding()
  contents.frames.finish(contents.size)
  for (const id of contents.frames.damaged) {
    contents.kind[id] = ContentKind.Copy
    report.add(damagedEhFrame({}), placeOf(program, id))
  }
  contents.merged.place()
  contents.merged.storeSizes(contents.size)
  return contents
}

interface EditedSections {
  /** in the order of the link */
  readonly merged: Int32Array
  /** in the order of the output: rules of the plan first, link order within a rule */
  readonly frames: Int32Array
  /** by place in `frames`: tells output sections apart */
  readonly frameOutput: Int32Array
}

/** Gives every section its kind and size, and lists those that are not simply copied. */
function editedSections(contents: ContentColumns, program: Program, live: Live, outputs: RuleOutputs): EditedSections {
  const { sections, compute } = program
  const { state, name, type, flags, size, entsize, align, relocations } = sections
  const { memory, kernels } = compute
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
  let count = 0
  for (let piece = 0; piece < pieces; piece++) count += record.editedCount[piece]!
  const rows = {
    ...outputs,
    ...{ kind: contents.kind, edited: record.edited, editedCount: record.editedCount },
    merged: memory.int32(count),
    frames: memory.int32(count),
    frameOutput: memory.int32(count),
    frameRank: memory.int32(count),
    counts: memory.int32(3),
  }
  if (count > 0) kernels.listEdited(rows, pieces)
  const [mergedCount, frameCount, isMixed] = rows.counts
  const merged = rows.merged.subarray(0, mergedCount)
  const frames = rows.frames.subarray(0, frameCount)
  const frameOutput = rows.frameOutput.subarray(0, frameCount)
  if (isMixed === 1) sortByRank(frames, frameOutput, rows.frameRank)
  return { merged, frames, frameOutput }
}

/** Sections come in link order; where rules of the plan change that, they are sorted. */
function sortByRank(frames: Int32Array, frameOutput: Int32Array, frameRank: Int32Array): void {
  const order = [...frames.keys()].sort((a, b) => frameRank[a]! - frameRank[b]! || a - b)
  frames.set(order.map(row => frames[row]!))
  frameOutput.set(order.map(row => frameOutput[row]!))
}

function placeOf(program: Program, section: number): Place {
  const file = program.files[program.sections.file[section]!]!
  const at = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
  return at.kind === 'object' ? { ...at, section: program.sectionNames.text(program.sections.name[section]!) } : at
}

/** Which output section the rules of the plan stand for, and in which order they come. */
function ruleOutputs({ plan, sections, compute }: Program, matches: Matches): RuleOutputs {
  const { memory } = compute
  const numbers = new Map<string, number>()
  const found: { readonly id: number; readonly output: number; readonly rank: number }[] = []
  for (const statement of plan.statements) {
    if (statement.kind !== 'output-section') continue
    let output = numbers.get(statement.name)
    if (output === undefined) {
      output = numbers.size
      numbers.set(statement.name, output)
    }
    for (const item of statement.items)
      if (item.kind === 'input') found.push({ id: item.id, output, rank: found.length })
  }
  found.sort((a, b) => a.id - b.id)
  const ruleIds = memory.int32(found.length)
  const ruleOutput = memory.int32(found.length)
  const ruleRank = memory.int32(found.length)
  found.forEach(({ id, output, rank }, index) => {
    ruleIds[index] = id
    ruleOutput[index] = output
    ruleRank[index] = rank
  })
  const ruleCount = found.length
  return { rule: held(memory, matches.rule), name: sections.name, ruleCount, ruleIds, ruleOutput, ruleRank }
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

  beginFrames(image: Uint8Array, layout: Layout): Work {
    return this.frames.beginWriting(image, layout)
  }

  write(section: number, out: Uint8Array, at: number): void {
    if (this.kind[section] === ContentKind.Merged) this.merged.write(section, out, at)
    else if (this.kind[section] === ContentKind.Shortened) this.shortened.write(section, out, at)
    else if (this.kind[section] === ContentKind.FunctionTable) this.functionTables.write(section, out, at)
  }
}
