/**
 * .symtab and .strtab of the output.
 *
 * Locals come first, file by file in link order, then the globals by id (order of first appearance), so the table is the
 * same for the same inputs. As GNU ld does: no section symbols, a STT_FILE symbol only when a local of its file follows,
 * temporary labels (.L) dropped in mergeable sections or everywhere as the option says.
 *
 * Names are copied from the input's string table once each; nothing becomes a JS string.
 */
import {
  SHF_MERGE,
  SHF_TLS,
  SHN_ABS,
  SHN_XINDEX,
  STB_GLOBAL,
  STB_WEAK,
  STT_FILE,
  STT_NOTYPE,
  STT_OBJECT,
  STT_SECTION,
  STT_TLS,
  STV_HIDDEN,
  STV_PROTECTED,
} from '../../elf/constants.ts'
import { ContentKind, type Contents, type Layout, type Live, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState, type SymbolTable } from '../records/tables.ts'
import { containerName, containersOf } from './container-symbols.ts'
import { orderedSymbols, SymbolLook, unlistedSymbols } from './symbol-order.ts'
import { type SymbolSelection, sectionOf } from './symbol-selection.ts'

/** Chooses the symbols. `undefined`: --strip-all. */
export function selectSymbols(
  program: Program,
  live: Live,
  contents: Contents,
  layout: Layout,
  request: LinkRequest,
): SymbolSelection | undefined {
  if (request.strip === 'all') return undefined
  let localFiles = new Int32Array(4096)
  let localIndices = new Int32Array(4096)
  let localCount = 0
  let stringSize = 1
  for (const file of program.files) {
    if (file.kind !== 'object' && file.kind !== 'binary') continue
    if (file.symbolTable.count === 0) continue
    const containers = containersOf(program, file, live, contents, layout)
    const first = file.symbolTable.firstGlobal + containers.length
    if (localCount + first > localFiles.length) {
      const capacity = Math.max(localFiles.length * 2, localCount + first)
      const files = new Int32Array(capacity)
      files.set(localFiles)
      localFiles = files
      const indices = new Int32Array(capacity)
      indices.set(localIndices)
      localIndices = indices
    }
    for (const section of containers) {
      localFiles[localCount] = file.id
      localIndices[localCount++] = -section
      stringSize += containerName(program, file, section).length + 1
    }
    const before = localCount
    localCount = selectLocals(program, file, live, contents, layout, request, localFiles, localIndices, localCount)
    for (let at = before; at < localCount; at++) stringSize += nameLength(file, localIndices[at]!) + 1
  }
  const { symbols } = program
  const hiddenAsLocal = program.plan.file?.symbolTable?.hiddenAsLocal === true
  const unlisted = unlistedSymbols(program)
  const globals = new Int32Array(symbols.names.count)
  let globalCount = 0
  let forcedLocalCount = 0
  for (let pass = 0; pass < 2; pass++) {
    for (let id = 0; id < symbols.names.count; id++) {
      const isHidden = hiddenAsLocal && (symbols.other[id]! & 3) !== 0 && (symbols.other[id]! & 3) !== STV_PROTECTED
      const forced = (symbols.flags[id]! & SymbolFlag.ForcedLocal) !== 0 || isHidden || isHiddenByScript(symbols, id)
      if (forced !== (pass === 0)) continue
      if (!isWritten(program, layout, id) || unlisted.has(id)) continue
      globals[globalCount++] = id
      stringSize += symbols.names.lengths[id]! + 1
    }
    if (pass === 0) forcedLocalCount = globalCount
  }
  const selection: SymbolSelection = {
    localFiles,
    localIndices,
    localCount,
    globals,
    globalCount,
    forcedLocalCount,
    count: 1 + localCount + globalCount,
    firstGlobal: 1 + localCount + forcedLocalCount,
    stringSize,
    extended: layout.outputs.length >= 0xfeff,
  }
  const wishes = program.plan.file?.symbolTable
  if (wishes === undefined)
    return program.arch.sectionSymbols === true ? withSectionSymbols(selection, layout) : selection
  return orderedSymbols(selection, wishes, program, contents, layout)
}

/** A symbol for each section stands in front of all others. */
export function withSectionSymbols(selection: SymbolSelection, layout: Layout): SymbolSelection {
  if (selection.sectionSymbols !== undefined) return selection
  const sectionSymbols = layout.outputs.length
  return {
    ...selection,
    sectionSymbols,
    count: selection.count + sectionSymbols,
    firstGlobal: selection.firstGlobal + sectionSymbols,
  }
}

/** HIDDEN and PROVIDE_HIDDEN make a local symbol; STV_HIDDEN in an object does not. */
function isHiddenByScript(symbols: SymbolTable, id: number): boolean {
  return symbols.state[id]! >= SymbolState.Defined && (symbols.flags[id]! & SymbolFlag.ScriptHidden) !== 0
}

function isWritten(program: Program, layout: Layout, id: number): boolean {
  const { symbols } = program
  const state = symbols.state[id]!
  if (state === SymbolState.Unknown) return false
  const home = layout.symbolHome[id]!
  if (home !== SymbolHome.Undefined) return home !== SymbolHome.Unlisted
  if (state === SymbolState.Defined || state === SymbolState.Script) return false // its section was dropped
  if (program.plan.file?.symbolTable?.withoutImports) return false
  return (symbols.flags[id]! & SymbolFlag.Referenced) !== 0
}

function selectLocals(
  program: Program,
  file: InputFile,
  live: Live,
  contents: Contents,
  layout: Layout,
  request: LinkRequest,
  outFiles: Int32Array,
  outIndices: Int32Array,
  start: number,
): number {
  if (request.discardLocals === 'all') return start
  const { view, bytes } = file
  const entry = file.bits === 64 ? 24 : 16
  const infoAt = file.bits === 64 ? 4 : 12
  const little = file.littleEndian
  const stringEnd = file.strings.offset + file.strings.size
  const withoutFiles = program.plan.file?.symbolTable?.plainTypes === true
  const isDropped = program.arch.dropsTemporaryLabels === true && request.keepTemporaryLabels !== true
  const dropsTemporary = isDropped || request.discardLocals === 'temporary'
  let count = start
  let pendingFile = -1
  for (let index = 1; index < file.symbolTable.firstGlobal; index++) {
    const at = file.symbolTable.offset + index * entry
    const type = view.getUint8(at + infoAt) & 15
    if (type === STT_SECTION) continue
    if (type === STT_FILE) {
      if (!withoutFiles) pendingFile = index
      continue
    }
    const section = sectionOf(file, index)
    if (section === -2) continue // undefined local: meaningless
    if (section >= 0) {
      if (section >= file.sectionCount) continue
      const id = file.firstSection + section
      if (live[id] !== 1) continue
      const name = file.strings.offset + view.getUint32(at, little)
      if (name + 1 < stringEnd && bytes[name] === 0x2e && bytes[name + 1] === 0x4c) {
        if (dropsTemporary) continue
        if ((program.sections.flags[id]! & SHF_MERGE) !== 0) continue
      }
      const value = file.bits === 64 ? view.getUint32(at + 8, little) : view.getUint32(at + 4, little)
      if (!contents.move(id, value) || layout.outputOf[contents.movedSection]! < 0) continue
    }
    if (pendingFile >= 0) {
      outFiles[count] = file.id
      outIndices[count++] = pendingFile
      pendingFile = -1
    }
    outFiles[count] = file.id
    outIndices[count++] = index
  }
  return count
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

/** Where the tables go in the image, in bytes from the start of the file. */
export interface SymbolTablePlace {
  readonly symbols: number
  readonly strings: number
  /** .symtab_shndx, or 0 */
  readonly extended: number
}

/**
 * Writes the chosen symbols.
 * @param headerIndex section header index by index in layout.outputs
 */
export function writeSymbols(
  image: Uint8Array,
  place: SymbolTablePlace,
  selection: SymbolSelection,
  program: Program,
  contents: Contents,
  layout: Layout,
  headerIndex: Int32Array,
): void {
  const { arch, symbols } = program
  const writer = new SymbolWriter(image, place, arch.bits, arch.littleEndian)
  const look = new SymbolLook(program, layout)
  writer.next(0, 0, 0, 0, 0, 0, 0)
  for (let i = 0; i < (selection.sectionSymbols ?? 0); i++)
    writer.next(0, STT_SECTION, 0, headerIndex[i]!, 0, Number(BigInt.asIntN(64, layout.outputs[i]!.address)), 0)
  const tlsBase = tlsStart(layout)
  for (let at = 0; at < selection.localCount; at++) {
    const file = program.files[selection.localFiles[at]!]!
    if (selection.localIndices[at]! < 0) {
      writeContainer(writer, program, file, -selection.localIndices[at]!, contents, layout, headerIndex)
      continue
    }
    writeLocal(writer, file, selection.localIndices[at]!, contents, layout, headerIndex, tlsBase, look)
  }
  for (const { name, type, section, value, size } of selection.made ?? []) {
    const text = Uint8Array.from(name, character => character.charCodeAt(0) & 0xff)
    const at = writer.name(new DataView(text.buffer), 0, text.length)
    writer.next(at, type, 0, headerIndex[layout.outputOf[section]!]!, 0, layout.addressOf[section]! + value, size)
  }
  const { names } = symbols
  const hasWide = layout.wideSymbols.size > 0
  const hiddenAsLocal = program.plan.file?.symbolTable?.hiddenAsLocal === true
  for (let at = 0; at < selection.globalCount; at++) {
    const id = selection.globals[at]!
    const name = writer.name(names.viewOf(id), names.offsetOf(id), names.lengths[id]!)
    const state = symbols.state[id]!
    const home = layout.symbolHome[id]!
    let shndx = 0
    let value = 0
    let type = symbols.type[id]!
    let size = symbols.size[id]!
    let other = symbols.other[id]!
    let binding = symbols.binding[id]! === STB_WEAK ? STB_WEAK : symbols.binding[id]! || STB_GLOBAL
    if (home !== SymbolHome.Undefined) {
      value = layout.symbolValue[id]!
      shndx = home === SymbolHome.Absolute ? SHN_ABS : headerIndex[home]!
      if (state === SymbolState.Script) {
        const boundary = look.boundary(id)
        type = boundary?.type ?? layout.symbolType[id] ?? STT_NOTYPE
        size = boundary?.size ?? ((symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0 ? size : 0)
        binding = STB_GLOBAL
        if ((symbols.flags[id]! & SymbolFlag.ScriptHidden) !== 0) other = STV_HIDDEN
      }
      if (type === STT_TLS) value -= tlsBase
      if (state === SymbolState.Defined && symbols.section[id]! >= 0) {
        const section = symbols.section[id]!
        if (contents.kind[section] === ContentKind.Shortened)
          size = movedSize(contents, section, symbols.value[id]!, size)
      }
    } else {
      if (state === SymbolState.UndefinedWeak) binding = STB_WEAK
      size = 0
    }
    if (at < selection.forcedLocalCount) {
      binding = 0
      if (!hiddenAsLocal) other &= ~3
    }
    if (state !== SymbolState.Script || look.boundary(id) === undefined) type = look.type(type, home)
    binding = look.binding(binding)
    const wide = hasWide ? layout.wideSymbols.get(id) : undefined
    writer.next(name, (binding << 4) | type, other, shndx, home === SymbolHome.Absolute ? 1 : 0, value, size, wide)
  }
}

/** Values of thread-local symbols count from the first such section, whether or not a script gives it a TLS segment. */
function tlsStart(layout: Layout): number {
  const first = layout.outputs.find(each => (each.flags & SHF_TLS) !== 0)
  return first === undefined ? 0 : Number(BigInt.asIntN(64, first.address))
}

/** The symbol of a data section. */
function writeContainer(
  writer: SymbolWriter,
  program: Program,
  file: InputFile,
  section: number,
  contents: Contents,
  layout: Layout,
  headerIndex: Int32Array,
): void {
  const id = file.firstSection + section
  const text = containerName(program, file, section)
  const bytes = new DataView(new ArrayBuffer(text.length))
  for (let i = 0; i < text.length; i++) bytes.setUint8(i, text.charCodeAt(i))
  const name = writer.name(bytes, 0, text.length)
  const shndx = headerIndex[layout.outputOf[id]!]!
  writer.next(name, STT_OBJECT, 0, shndx, 0, layout.addressOf[id]!, contents.size[id]!)
}

function writeLocal(
  writer: SymbolWriter,
  file: InputFile,
  index: number,
  contents: Contents,
  layout: Layout,
  headerIndex: Int32Array,
  tlsBase: number,
  look: SymbolLook,
): void {
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const at = file.symbolTable.offset + index * (wide ? 24 : 16)
  const start = file.strings.offset + view.getUint32(at, little)
  const name = writer.name(file.view, start, nameLength(file, index))
  const info = view.getUint8(at + (wide ? 4 : 12))
  const other = view.getUint8(at + (wide ? 5 : 13)) | (look.hidesLocals(file) ? STV_HIDDEN : 0)
  let size = wide
    ? view.getUint32(at + 16, little) + view.getInt32(at + 20, little) * 0x1_0000_0000
    : view.getUint32(at + 8, little)
  let value = wide
    ? view.getUint32(at + 8, little) + view.getInt32(at + 12, little) * 0x1_0000_0000
    : view.getUint32(at + 4, little)
  const section = sectionOf(file, index)
  let shndx = SHN_ABS
  let home = -1
  if (section >= 0) {
    const id = file.firstSection + section
    if (contents.kind[id] === ContentKind.Shortened) size = movedSize(contents, id, value, size)
    contents.move(id, value)
    const target = contents.movedSection
    value = layout.addressOf[target]! + contents.movedOffset
    if ((info & 15) === STT_TLS) value -= tlsBase
    home = layout.outputOf[target]!
    shndx = headerIndex[home]!
  }
  const shown = (info & 0xf0) | look.type(info & 15, home)
  writer.next(name, shown, other, shndx, section < 0 ? 1 : 0, value, size)
}

/** Bytes of what a symbol names in a section that bytes are deleted from. */
function movedSize(contents: Contents, section: number, value: number, size: number): number {
  contents.move(section, value + size)
  const end = contents.movedOffset
  contents.move(section, value)
  return end - contents.movedOffset
}

/** Appends symbols and names at running offsets. */
class SymbolWriter {
  private readonly view: DataView
  private readonly place: SymbolTablePlace
  private readonly bits: 32 | 64
  private readonly little: boolean
  private at: number
  private count = 0
  private nameEnd = 1

  constructor(image: Uint8Array, place: SymbolTablePlace, bits: 32 | 64, little: boolean) {
    this.view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    this.place = place
    this.bits = bits
    this.little = little
    this.at = place.symbols
  }

  /** Copies a name, four bytes at a time; returns its offset in .strtab. */
  name(from: DataView, offset: number, length: number): number {
    if (length === 0) return 0
    const start = this.nameEnd
    const { view } = this
    let to = this.place.strings + start
    const end = offset + length
    let at = offset
    for (; at <= end - 4; at += 4, to += 4) view.setInt32(to, from.getInt32(at, true), true)
    for (; at < end; at++, to++) view.setUint8(to, from.getUint8(at))
    this.nameEnd = start + length + 1
    return start
  }

  /** `special`: the index is a reserved one such as SHN_ABS and never extended. */
  next(
    name: number,
    info: number,
    other: number,
    shndx: number,
    special: number,
    value: number,
    size: number,
    wide?: bigint,
  ): void {
    const { view, at, little } = this
    let index = shndx
    if (special === 0 && shndx >= 0xff00) {
      index = SHN_XINDEX
      if (this.place.extended !== 0) view.setUint32(this.place.extended + 4 * this.count, shndx, little)
    }
    view.setUint32(at, name, little)
    if (this.bits === 64) {
      view.setUint8(at + 4, info)
      view.setUint8(at + 5, other)
      view.setUint16(at + 6, index, little)
      if (wide === undefined) {
        // Below 2^53 a division by a power of two is exact; `%` would be a call.
        const high = Math.floor(value / 0x1_0000_0000)
        view.setUint32(at + (little ? 8 : 12), value - high * 0x1_0000_0000, little)
        view.setInt32(at + (little ? 12 : 8), high, little)
      } else view.setBigUint64(at + 8, wide, little)
      const highSize = Math.floor(size / 0x1_0000_0000)
      view.setUint32(at + (little ? 16 : 20), size - highSize * 0x1_0000_0000, little)
      view.setUint32(at + (little ? 20 : 16), highSize, little)
      this.at += 24
    } else {
      view.setUint32(at + 4, value, little)
      view.setUint32(at + 8, size, little)
      view.setUint8(at + 12, info)
      view.setUint8(at + 13, other)
      view.setUint16(at + 14, index, little)
      this.at += 16
    }
    this.count++
  }
}
