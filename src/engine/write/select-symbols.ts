/**
 * Which symbols .symtab shows.
 *
 * Locals come first, file by file in link order, then the globals by id (order of first appearance), so the table is the
 * same for the same inputs. As GNU ld does: no section symbols, a STT_FILE symbol only when a local of its file follows,
 * temporary labels (.L) dropped in mergeable sections or everywhere as the option says.
 */
import { SHF_MERGE, STT_FILE, STT_SECTION } from '../../elf/constants.ts'
import { held } from '../../kernels/compute.ts'
import type { LocalSymbols } from '../../kernels/symbol-selection.ts'
import type { Contents, Layout, Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { containerName, containersOf } from './container-symbols.ts'
import { type FileSymbols, fileSymbols } from './file-symbols.ts'
import { orderedSymbols, unlistedSymbols } from './symbol-order.ts'
import { type SymbolSelection, sectionOf, withSectionSymbols } from './symbol-selection.ts'

/** ids that a kernel looks at in one call */
const idBlock = 8192
/** files that a kernel goes through in one call */
const fileBlock = 256

/** Chooses the symbols. `undefined`: --strip-all. */
export function selectSymbols(
  program: Program,
  live: Live,
  contents: Contents,
  layout: Layout,
  request: LinkRequest,
): SymbolSelection | undefined {
  if (request.strip === 'all') return undefined
  const files = fileSymbols(program)
  const locals = selectLocals(program, files, live, contents, layout, request)
  const chosen = selectGlobals(program, layout)
  const localCount = locals.localFiles.length
  const globalCount = chosen.globals.length
  const selection: SymbolSelection = {
    files,
    localFiles: locals.localFiles,
    localIndices: locals.localIndices,
    localLengths: locals.localLengths,
    localCount,
    globals: chosen.globals,
    globalCount,
    forcedLocalCount: chosen.forcedCount,
    count: 1 + localCount + globalCount,
    firstGlobal: 1 + localCount + chosen.forcedCount,
    stringSize: 1 + locals.nameBytes + chosen.nameBytes,
    extended: layout.outputs.length >= 0xfeff,
  }
  const wishes = program.plan.file?.symbolTable
  if (wishes === undefined)
    return program.arch.sectionSymbols === true ? withSectionSymbols(selection, layout) : selection
  return orderedSymbols(selection, wishes, program, contents, layout)
}

/** Bytes that .symtab and .strtab may need, were all globals written; locals are few beside them. */
export function symbolTableRoom({ arch, symbols }: Program): number {
  return symbols.names.count * (arch.bits === 64 ? 24 : 16) + symbols.names.textSize
}

interface SelectedLocals {
  readonly localFiles: Int32Array
  readonly localIndices: Int32Array
  readonly localLengths: Uint32Array
  /** with the end of each */
  readonly nameBytes: number
}

function selectLocals(
  program: Program,
  files: FileSymbols,
  live: Live,
  contents: Contents,
  layout: Layout,
  request: LinkRequest,
): SelectedLocals {
  const { compute } = program
  const { memory } = compute
  const fileCount = program.files.length
  const room = memory.int32(fileCount)
  let capacity = 0
  for (let file = 0; file < fileCount; file++) {
    room[file] = capacity
    capacity += files.localEnd[file]!
  }
  const isDropped = program.arch.dropsTemporaryLabels === true && request.keepTemporaryLabels !== true
  const record: LocalSymbols = {
    ...files,
    live: held(memory, live),
    flags: program.sections.flags,
    kind: held(memory, contents.kind),
    outputOf: held(memory, layout.outputOf),
    dropsTemporary: isDropped || request.discardLocals === 'temporary',
    keepsFiles: program.plan.file?.symbolTable?.plainTypes !== true,
    room,
    chosen: memory.int32(capacity),
    lengths: memory.uint32(capacity),
    count: memory.int32(fileCount),
    next: memory.int32(fileCount).fill(1),
    pending: memory.int32(fileCount).fill(-1),
    doubts: memory.int32(fileCount),
  }
  if (request.discardLocals !== 'all') {
    compute.begin('selectFileLocals', record, fileCount).finish()
    for (let file = 0; file < fileCount; file++) {
      if (record.doubts[file]! > 0) settleDoubts(record, program.files[file]!, contents, layout)
      if (record.next[file]! < files.localEnd[file]!)
        selectRest(record, program, program.files[file]!, contents, layout)
    }
  }
  return gatherLocals(record, program, live, contents, layout)
}

/** Looks after symbols of edited sections. If bytes that one names are gone, the file is begun anew. */
function settleDoubts(record: LocalSymbols, file: InputFile, contents: Contents, layout: Layout): void {
  const { chosen, room, count } = record
  const first = room[file.id]!
  const end = first + count[file.id]!
  for (let at = first; at < end; at++) {
    if (chosen[at]! > 0) continue
    chosen[at] = -chosen[at]!
    const entry = file.symbolTable.offset + chosen[at]! * 24
    const id = file.firstSection + file.view.getUint16(entry + 6, true)
    if (contents.move(id, file.view.getUint32(entry + 8, true)) && layout.outputOf[contents.movedSection]! >= 0)
      continue
    count[file.id] = 0
    record.next[file.id] = 1
    record.pending[file.id] = -1
    return
  }
}

/** Goes on where the kernel stopped. */
function selectRest(record: LocalSymbols, program: Program, file: InputFile, contents: Contents, layout: Layout): void {
  const { id } = file
  const { view, bytes } = file
  const entry = file.bits === 64 ? 24 : 16
  const infoAt = file.bits === 64 ? 4 : 12
  const little = file.littleEndian
  const stringEnd = file.strings.offset + file.strings.size
  let to = record.room[id]! + record.count[id]!
  const choose = (index: number): void => {
    record.chosen[to] = index
    record.lengths[to++] = nameLength(file, index)
  }
  let pending = record.pending[id]!
  for (let index = record.next[id]!; index < file.symbolTable.firstGlobal; index++) {
    const at = file.symbolTable.offset + index * entry
    const type = view.getUint8(at + infoAt) & 15
    if (type === STT_SECTION) continue
    if (type === STT_FILE) {
      if (record.keepsFiles) pending = index
      continue
    }
    const section = sectionOf(file, index)
    if (section === -2) continue // undefined local: meaningless
    if (section >= 0) {
      if (section >= file.sectionCount) continue
      const id = file.firstSection + section
      if (record.live[id] !== 1) continue
      const name = file.strings.offset + view.getUint32(at, little)
      if (name + 1 < stringEnd && bytes[name] === 0x2e && bytes[name + 1] === 0x4c) {
        if (record.dropsTemporary) continue
        if ((program.sections.flags[id]! & SHF_MERGE) !== 0) continue
      }
      const valueAt = file.bits === 32 ? at + 4 : little ? at + 8 : at + 12
      const value = view.getUint32(valueAt, little)
      if (!contents.move(id, value) || layout.outputOf[contents.movedSection]! < 0) continue
    }
    if (pending >= 0) choose(pending)
    pending = -1
    choose(index)
  }
  record.count[id] = to - record.room[id]!
}

function nameLength(file: InputFile, index: number): number {
  const at = file.symbolTable.offset + index * (file.bits === 64 ? 24 : 16)
  const start = file.strings.offset + file.view.getUint32(at, file.littleEndian)
  const end = file.strings.offset + file.strings.size
  const { bytes } = file
  let stop = start
  while (stop < end && bytes[stop] !== 0) stop++
  return stop > start ? stop - start : 0
}

/** The locals of all files, in front of those of each file its containers. */
function gatherLocals(
  record: LocalSymbols,
  program: Program,
  live: Live,
  contents: Contents,
  layout: Layout,
): SelectedLocals {
  const { compute, files } = program
  const { memory } = compute
  const { room, count, chosen, lengths } = record
  const hasContainers = program.plan.file?.symbolTable?.containersUnless !== undefined
  const containers = hasContainers ? files.map(file => containersIn(program, file, live, contents, layout)) : []
  const start = memory.int32(files.length)
  let rows = 0
  for (let file = 0; file < files.length; file++) {
    if (hasContainers) rows += containers[file]!.length
    start[file] = rows
    rows += count[file]!
  }
  const rowFile = memory.int32(rows)
  const rowIndex = memory.int32(rows)
  const rowLength = memory.uint32(rows)
  const gathered = { room, count, chosen, lengths, start, rowFile, rowIndex, rowLength }
  let nameBytes = rows
  for (let file = 0; file < files.length; file += fileBlock)
    nameBytes += compute.kernels.gatherLocals(gathered, file, Math.min(files.length, file + fileBlock))
  for (let file = 0; file < containers.length; file++) {
    const own = containers[file]!
    for (let i = 0; i < own.length; i++) {
      const row = start[file]! - own.length + i
      rowFile[row] = file
      rowIndex[row] = -own[i]!
      rowLength[row] = containerName(program, files[file]!, own[i]!).length
      nameBytes += rowLength[row]!
    }
  }
  return { localFiles: rowFile, localIndices: rowIndex, localLengths: rowLength, nameBytes }
}

function containersIn(
  program: Program,
  file: InputFile,
  live: Live,
  contents: Contents,
  layout: Layout,
): readonly number[] {
  const hasSymbols = (file.kind === 'object' || file.kind === 'binary') && file.symbolTable.count > 0
  return hasSymbols ? containersOf(program, file, live, contents, layout) : []
}

interface SelectedGlobals {
  readonly globals: Int32Array
  /** the first ones are written as locals */
  readonly forcedCount: number
  /** with the end of each */
  readonly nameBytes: number
}

function selectGlobals(program: Program, layout: Layout): SelectedGlobals {
  const { symbols, compute } = program
  const { memory } = compute
  const { names } = symbols
  const wishes = program.plan.file?.symbolTable
  const record = {
    state: symbols.state,
    other: symbols.other,
    flags: symbols.flags,
    home: held(memory, layout.symbolHome),
    nameLengths: names.lengths,
    hiddenAsLocal: wishes?.hiddenAsLocal === true,
    keepsImports: wishes?.withoutImports !== true,
    forced: memory.int32(names.count),
    others: memory.int32(names.count),
    counts: memory.int32(2),
    nameBytes: memory.float64(1),
  }
  const { counts } = record
  for (let id = 0; id < names.count; id += idBlock)
    compute.kernels.selectGlobalSymbols(record, id, Math.min(names.count, id + idBlock))
  let nameBytes = record.nameBytes[0]!
  let forced = record.forced.subarray(0, counts[0]!)
  let others = record.others.subarray(0, counts[1]!)
  const unlisted = unlistedSymbols(program)
  if (unlisted.size > 0) {
    const before = [...forced, ...others]
    for (const id of before) if (unlisted.has(id)) nameBytes -= names.lengths[id]! + 1
    forced = forced.filter(id => !unlisted.has(id))
    others = others.filter(id => !unlisted.has(id))
  }
  // Those that are written as locals are few, or there are none.
  if (forced.length === 0 && others.length > 0) return { globals: others, forcedCount: 0, nameBytes }
  const globals = memory.int32(forced.length + others.length)
  globals.set(forced)
  globals.set(others, forced.length)
  return { globals, forcedCount: forced.length, nameBytes }
}
