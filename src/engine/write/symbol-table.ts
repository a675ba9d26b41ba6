/**
 * .symtab and .strtab of the output.
 *
 * Names are copied from the input's string table once each; nothing becomes a JS string. In an output of 64 bits,
 * little-endian, kernels (kernels/symbol-table.ts) write the rows in blocks, on any thread, and leave the few that are not
 * plain to the code here; other outputs are written here altogether.
 */
import {
  SHF_EXECINSTR,
  SHN_ABS,
  SHN_XINDEX,
  STB_GLOBAL,
  STB_WEAK,
  STT_NOTYPE,
  STT_OBJECT,
  STT_SECTION,
  STT_TLS,
  STV_HIDDEN,
} from '../../elf/constants.ts'
import { held, type Work } from '../../kernels/compute.ts'
import { type SymbolRows, symbolBlock } from '../../kernels/symbol-table.ts'
import { ContentKind, type Contents, type Layout, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { containerName } from './container-symbols.ts'
import { SymbolLook } from './symbol-order.ts'
import { type SymbolSelection, sectionOf } from './symbol-selection.ts'

/** Where the tables go in the image, in bytes from the start of the file. */
export interface SymbolTablePlace {
  readonly symbols: number
  readonly strings: number
  /** .symtab_shndx, or 0 */
  readonly extended: number
}

/**
 * Begins to write the chosen symbols; `finish` returns when they are written.
 * @param headerIndex section header index by index in layout.outputs
 */
export function beginSymbols(
  image: Uint8Array,
  place: SymbolTablePlace,
  selection: SymbolSelection,
  program: Program,
  contents: Contents,
  layout: Layout,
  headerIndex: Int32Array,
): Work {
  const writer = new SymbolTableWriter(image, place, selection, program, contents, layout, headerIndex)
  const { arch } = program
  if (arch.bits === 64 && arch.littleEndian && !selection.extended) return writer.beginBlocks()
  return { finish: () => writer.writeAll() }
}

class SymbolTableWriter {
  private readonly image: Uint8Array
  private readonly view: DataView
  private readonly place: SymbolTablePlace
  private readonly selection: SymbolSelection
  private readonly program: Program
  private readonly contents: Contents
  private readonly layout: Layout
  private readonly headerIndex: Int32Array
  private readonly look: SymbolLook
  private readonly threadBase: number
  private readonly wide: boolean
  private readonly little: boolean
  /** numbers of the first rows of locals, made symbols and globals */
  private readonly firstLocal: number
  private readonly firstMade: number
  private readonly firstGlobal: number

  constructor(
    image: Uint8Array,
    place: SymbolTablePlace,
    selection: SymbolSelection,
    program: Program,
    contents: Contents,
    layout: Layout,
    headerIndex: Int32Array,
  ) {
    this.image = image
    this.view = new DataView(image.buffer, image.byteOffset, image.byteLength)
    this.place = place
    this.selection = selection
    this.program = program
    this.contents = contents
    this.layout = layout
    this.headerIndex = headerIndex
    this.look = new SymbolLook(program, layout)
    // Values of thread-local symbols count from the first such section, whether or not a script gives it a TLS segment.
    this.threadBase = signed(layout.threadStart ?? 0n)
    this.wide = program.arch.bits === 64
    this.little = program.arch.littleEndian
    this.firstLocal = 1 + (selection.sectionSymbols ?? 0)
    this.firstMade = this.firstLocal + selection.localCount
    this.firstGlobal = this.firstMade + (selection.made?.length ?? 0)
  }

  /** Has kernels write the rows of the inputs. */
  beginBlocks(): Work {
    const { selection } = this
    const { compute } = this.program
    const localBlocks = Math.ceil(selection.localCount / symbolBlock)
    const blocks = localBlocks + Math.ceil(selection.globalCount / symbolBlock)
    const record = this.rows(blocks)
    const { nameStart, rare } = record
    nameStart[0] = 1
    for (let block = 0; block < localBlocks; block++) compute.kernels.placeBlockNames(record, block)
    const madeNames = nameStart[localBlocks]!
    for (const { name } of selection.made ?? []) nameStart[localBlocks]! += name.length === 0 ? 0 : name.length + 1
    for (let block = localBlocks; block < blocks; block++) compute.kernels.placeBlockNames(record, block)
    const work = compute.begin('writeSymbolBlock', record, blocks)
    return {
      finish: () => {
        work.finish()
        this.writeSectionSymbols()
        this.writeMade(madeNames)
        for (let row = rare.indexOf(1); row >= 0; row = rare.indexOf(1, row + 1)) this.writeRare(row)
      },
    }
  }

  private rows(blocks: number): SymbolRows {
    const { selection, program, contents, layout, place } = this
    const { memory } = program.compute
    const { symbols } = program
    const { files } = selection
    const { names } = symbols
    const wishes = program.plan.file?.symbolTable
    const outputs = layout.outputs.length
    const headerIndex = memory.int32(outputs)
    const isCode = memory.uint8(outputs)
    for (let output = 0; output < outputs; output++) {
      headerIndex[output] = this.headerIndex[output]!
      if ((layout.outputs[output]!.flags & SHF_EXECINSTR) !== 0) isCode[output] = 1
    }
    const special = this.special()
    const hides = this.hides()
    return {
      image: this.view,
      localsAt: place.symbols + this.firstLocal * 24,
      globalsAt: place.symbols + this.firstGlobal * 24,
      stringsAt: place.strings,
      localCount: selection.localCount,
      rowFile: selection.localFiles,
      rowIndex: selection.localIndices,
      rowLength: selection.localLengths,
      globalCount: selection.globalCount,
      forcedCount: selection.forcedLocalCount,
      globals: selection.globals,
      views: files.views,
      isPlain: files.isPlain,
      symbolStart: files.symbolStart,
      fileStringsAt: files.stringsAt,
      hasExtended: files.hasExtended,
      firstSection: files.firstSection,
      sectionCount: files.sectionCount,
      kind: held(memory, contents.kind),
      outputOf: held(memory, layout.outputOf),
      addressOf: held(memory, layout.addressOf),
      headerIndex,
      isCode,
      state: symbols.state,
      binding: symbols.binding,
      type: symbols.type,
      other: symbols.other,
      flags: symbols.flags,
      section: symbols.section,
      size: symbols.size,
      home: held(memory, layout.symbolHome),
      value: held(memory, layout.symbolValue),
      scriptType: held(memory, layout.symbolType),
      nameLengths: names.lengths,
      nameWords: names.columns.starts,
      nameTexts: names.columns.texts,
      special: special ?? memory.uint8(0),
      hasSpecial: special !== undefined,
      threadBase: this.threadBase,
      plainTypes: wishes?.plainTypes === true,
      weakAsGlobal: wishes?.weakAsGlobal === true,
      hiddenAsLocal: wishes?.hiddenAsLocal === true,
      hides: hides ?? memory.uint8(0),
      hasHidden: hides !== undefined,
      nameStart: memory.float64(blocks + 1),
      rare: memory.uint8(selection.localCount + selection.globalCount),
    }
  }

  /** By symbol id: 1 where the kernel knows too little. */
  private special(): Uint8Array | undefined {
    const ids = [...this.layout.wideSymbols.keys(), ...this.look.boundaryIds()]
    if (ids.length === 0) return undefined
    const { compute, symbols } = this.program
    const special = compute.memory.uint8(symbols.names.count)
    for (const id of ids) special[id] = 1
    return special
  }

  private hides(): Uint8Array | undefined {
    const { program, look } = this
    if (program.plan.file?.symbolTable?.containersUnless === undefined) return undefined
    const hides = program.compute.memory.uint8(program.files.length)
    for (const file of program.files) hides[file.id] = look.hidesLocals(file) ? 1 : 0
    return hides
  }

  /** A row that a kernel left, which has its st_name. */
  private writeRare(row: number): void {
    const { localCount } = this.selection
    const isLocal = row < localCount
    const number = isLocal ? this.firstLocal + row : this.firstGlobal + row - localCount
    const name = this.view.getUint32(this.place.symbols + number * 24, true)
    if (isLocal) this.writeLocal(row, name)
    else this.writeGlobal(row - localCount, name)
  }

  /** Everything, without kernels. */
  writeAll(): void {
    const { selection } = this
    const { lengths } = this.program.symbols.names
    let name = 1
    const next = (length: number): number => {
      const at = name
      if (length === 0) return 0
      name += length + 1
      return at
    }
    this.writeSectionSymbols()
    for (let row = 0; row < selection.localCount; row++) this.writeLocal(row, next(selection.localLengths[row]!))
    name = this.writeMade(name)
    for (let row = 0; row < selection.globalCount; row++) this.writeGlobal(row, next(lengths[selection.globals[row]!]!))
  }

  private writeSectionSymbols(): void {
    const { outputs } = this.layout
    for (let i = 0; i < (this.selection.sectionSymbols ?? 0); i++)
      this.write(1 + i, 0, STT_SECTION, 0, this.headerIndex[i]!, 0, signed(outputs[i]!.address), 0)
  }

  /** Symbols of what the linker makes; their names begin at `names` of .strtab. Returns where they end. */
  private writeMade(names: number): number {
    const { layout, headerIndex } = this
    let end = names
    let row = this.firstMade
    for (const { name, type, section, value, size } of this.selection.made ?? []) {
      const shndx = headerIndex[layout.outputOf[section]!]!
      this.writeText(end, name)
      this.write(row++, name.length === 0 ? 0 : end, type, 0, shndx, 0, layout.addressOf[section]! + value, size)
      if (name.length > 0) end += name.length + 1
    }
    return end
  }

  private writeLocal(row: number, name: number): void {
    const { program, selection, contents, layout, look } = this
    const file = program.files[selection.localFiles[row]!]!
    const index = selection.localIndices[row]!
    if (index < 0) {
      this.writeContainer(row, name, file, -index)
      return
    }
    const { view, littleEndian: little } = file
    const wide = file.bits === 64
    const at = file.symbolTable.offset + index * (wide ? 24 : 16)
    this.writeBytes(name, file.bytes, file.strings.offset + view.getUint32(at, little), selection.localLengths[row]!)
    const info = view.getUint8(at + (wide ? 4 : 12))
    const other = view.getUint8(at + (wide ? 5 : 13)) | (look.hidesLocals(file) ? STV_HIDDEN : 0)
    const sizeAt = at + (wide ? 16 : 8)
    const valueAt = at + (wide ? 8 : 4)
    let size = wide ? signedWord(view, sizeAt, little) : view.getUint32(sizeAt, little)
    let value = wide ? signedWord(view, valueAt, little) : view.getUint32(valueAt, little)
    const section = sectionOf(file, index)
    let shndx = SHN_ABS
    let home = -1
    if (section >= 0) {
      const id = file.firstSection + section
      if (contents.kind[id] === ContentKind.Shortened) size = movedSize(contents, id, value, size)
      contents.move(id, value)
      const target = contents.movedSection
      value = layout.addressOf[target]! + contents.movedOffset
      if ((info & 15) === STT_TLS) value -= this.threadBase
      home = layout.outputOf[target]!
      shndx = this.headerIndex[home]!
    }
    const shown = (info & 0xf0) | look.type(info & 15, home)
    this.write(this.firstLocal + row, name, shown, other, shndx, section < 0 ? 1 : 0, value, size)
  }

  /** The symbol of a data section. */
  private writeContainer(row: number, name: number, file: InputFile, section: number): void {
    const { program, contents, layout } = this
    const id = file.firstSection + section
    this.writeText(name, containerName(program, file, section))
    const shndx = this.headerIndex[layout.outputOf[id]!]!
    this.write(this.firstLocal + row, name, STT_OBJECT, 0, shndx, 0, layout.addressOf[id]!, contents.size[id]!)
  }

  private writeGlobal(row: number, name: number): void {
    const { program, selection, contents, layout, look } = this
    const { symbols } = program
    const { names } = symbols
    const hiddenAsLocal = program.plan.file?.symbolTable?.hiddenAsLocal === true
    const id = selection.globals[row]!
    this.writeBytes(name, names.bytesOf(id), names.offsetOf(id), names.lengths[id]!)
    const state = symbols.state[id]!
    const home = layout.symbolHome[id]!
    let shndx = 0
    let value = 0
    let type = symbols.type[id]!
    let size = symbols.size[id]!
    let other = symbols.other[id]!
    let binding = symbols.binding[id]! || STB_GLOBAL
    if (home !== SymbolHome.Undefined) {
      value = layout.symbolValue[id]!
      shndx = home === SymbolHome.Absolute ? SHN_ABS : this.headerIndex[home]!
      if (state === SymbolState.Script) {
        const boundary = look.boundary(id)
        type = boundary?.type ?? layout.symbolType[id] ?? STT_NOTYPE
        size = boundary?.size ?? ((symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0 ? size : 0)
        binding = STB_GLOBAL
        if ((symbols.flags[id]! & SymbolFlag.ScriptHidden) !== 0) other = STV_HIDDEN
      }
      if (type === STT_TLS) value -= this.threadBase
      if (state === SymbolState.Defined && symbols.section[id]! >= 0) {
        const section = symbols.section[id]!
        if (contents.kind[section] === ContentKind.Shortened)
          size = movedSize(contents, section, symbols.value[id]!, size)
      }
    } else {
      if (state === SymbolState.UndefinedWeak) binding = STB_WEAK
      size = 0
    }
    if (row < selection.forcedLocalCount) {
      binding = 0
      if (!hiddenAsLocal) other &= ~3
    }
    if (state !== SymbolState.Script || look.boundary(id) === undefined) type = look.type(type, home)
    binding = look.binding(binding)
    const special = home === SymbolHome.Absolute ? 1 : 0
    const wide = layout.wideSymbols.get(id)
    this.write(this.firstGlobal + row, name, (binding << 4) | type, other, shndx, special, value, size, wide)
  }

  private writeBytes(name: number, bytes: Uint8Array, from: number, length: number): void {
    if (name !== 0) this.image.set(bytes.subarray(from, from + length), this.place.strings + name)
  }

  private writeText(name: number, text: string): void {
    const at = this.place.strings + name
    for (let i = 0; i < text.length; i++) this.image[at + i] = text.charCodeAt(i) & 0xff
  }

  /**
   * Writes an entry.
   * @param row its number in the table
   * @param special 1: the index is a reserved one such as SHN_ABS and never extended
   */
  private write(
    row: number,
    name: number,
    info: number,
    other: number,
    shndx: number,
    special: number,
    value: number,
    size: number,
    exact?: bigint,
  ): void {
    const { view, little, place } = this
    let index = shndx
    if (special === 0 && shndx >= 0xff00) {
      index = SHN_XINDEX
      if (place.extended !== 0) view.setUint32(place.extended + 4 * row, shndx, little)
    }
    const at = place.symbols + row * (this.wide ? 24 : 16)
    view.setUint32(at, name, little)
    if (this.wide) {
      view.setUint8(at + 4, info)
      view.setUint8(at + 5, other)
      view.setUint16(at + 6, index, little)
      if (exact === undefined) {
        // Below 2^53 a division by a power of two is exact; `%` would be a call.
        const high = Math.floor(value / 0x1_0000_0000)
        view.setUint32(at + (little ? 8 : 12), value - high * 0x1_0000_0000, little)
        view.setInt32(at + (little ? 12 : 8), high, little)
      } else view.setBigUint64(at + 8, exact, little)
      const highSize = Math.floor(size / 0x1_0000_0000)
      view.setUint32(at + (little ? 16 : 20), size - highSize * 0x1_0000_0000, little)
      view.setUint32(at + (little ? 20 : 16), highSize, little)
    } else {
      view.setUint32(at + 4, value, little)
      view.setUint32(at + 8, size, little)
      view.setUint8(at + 12, info)
      view.setUint8(at + 13, other)
      view.setUint16(at + 14, index, little)
    }
  }
}

function signed(address: bigint): number {
  return Number(BigInt.asIntN(64, address))
}

/** Eight bytes of an input as a signed double. */
function signedWord(view: DataView, at: number, little: boolean): number {
  const low = view.getUint32(little ? at : at + 4, little)
  return low + view.getInt32(little ? at + 4 : at, little) * 0x1_0000_0000
}

/** Bytes of what a symbol names in a section that bytes are deleted from. */
function movedSize(contents: Contents, section: number, value: number, size: number): number {
  contents.move(section, value + size)
  const end = contents.movedOffset
  contents.move(section, value)
  return end - contents.movedOffset
}
