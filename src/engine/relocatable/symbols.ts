/**
 * The symbol table of a relocatable output: section symbols, locals file by file, then globals by id.
 *
 * Numbers are given first and the bytes written later, because relocations need the numbers and the file its sizes.
 */
import {
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_XINDEX,
  STB_GLOBAL,
  STB_WEAK,
  STT_FILE,
  STT_SECTION,
} from '../../elf/constants.ts'
import type { Layout } from '../records/placement.ts'
import { SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { sectionOf } from '../write/symbol-selection.ts'

export interface SymbolNumbers {
  /** by file id: new index of each local symbol by its index in the file; 0: not written. Undefined: the file has none. */
  readonly locals: readonly (Int32Array | undefined)[]
  /** by global symbol id: new index, 0: not written */
  readonly globals: Int32Array
  readonly firstGlobal: number
  readonly count: number
}

const isObject = (file: InputFile): boolean => file.kind === 'object' || file.kind === 'binary'

/** Gives every symbol of the output its index. `groupIndex`: section header index by section id of a kept group. Section symbols are 1 .. layout.outputs.length in that order. */
export function numberSymbols(
  program: Program,
  layout: Layout,
  groupIndex: ReadonlyMap<number, number>,
  request: LinkRequest,
): SymbolNumbers {
  const { symbols, files } = program
  let next = 1 + layout.outputs.length
  const locals: (Int32Array | undefined)[] = []
  for (const file of files) {
    const { firstGlobal, count } = file.symbolTable
    if (!isObject(file) || count === 0) {
      locals.push(undefined)
      continue
    }
    const numbers = new Int32Array(firstGlobal)
    const needed = request.discardLocals === 'none' ? undefined : neededLocals(program, layout, file)
    for (let i = 1; i < firstGlobal; i++) {
      const type = typeOf(file, i)
      if (type === STT_SECTION) continue
      const section = sectionOf(file, i)
      // the signature of a group may be a symbol in the group section itself
      const id = file.firstSection + section
      if (section >= 0 && layout.outputOf[id]! < 0 && !groupIndex.has(id)) continue
      if (needed !== undefined && needed[i] === 0 && isDiscarded(file, i, type, request)) continue
      numbers[i] = next++
    }
    locals.push(numbers)
  }
  const firstGlobal = next
  const globals = new Int32Array(symbols.names.count)
  for (let id = 0; id < globals.length; id++) {
    const state = symbols.state[id]!
    if (state === SymbolState.Unknown || (symbols.flags[id]! & SymbolFlag.VersionAlias) !== 0) continue
    globals[id] = next++
  }
  // `f` and `f@V` of a definition `f@@V` are that definition
  for (let id = 0; id < globals.length; id++) {
    if ((symbols.flags[id]! & SymbolFlag.VersionAlias) === 0 || symbols.file[id]! < 0) continue
    const file = files[symbols.file[id]!]!
    globals[id] = globals[file.globals[symbols.index[id]! - file.symbolTable.firstGlobal]!]!
  }
  return { locals, globals, firstGlobal, count: next }
}

function typeOf(file: InputFile, index: number): number {
  const wide = file.bits === 64
  return file.view.getUint8(file.symbolTable.offset + index * (wide ? 24 : 16) + (wide ? 4 : 12)) & 15
}

/** -x: all locals but file names; -X: those that begin with .L */
function isDiscarded(file: InputFile, index: number, type: number, request: LinkRequest): boolean {
  if (type === STT_FILE) return false
  if (request.discardLocals === 'all') return true
  const at = file.symbolTable.offset + index * (file.bits === 64 ? 24 : 16)
  const name = file.strings.offset + file.view.getUint32(at, file.littleEndian)
  return file.bytes[name] === 0x2e && file.bytes[name + 1] === 0x4c
}

/** Local symbols that a relocation of the output needs. */
function neededLocals(program: Program, layout: Layout, file: InputFile): Uint8Array {
  const { sections } = program
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const needed = new Uint8Array(file.symbolTable.firstGlobal)
  const end = file.firstSection + file.sectionCount
  for (let id = file.firstSection; id < end; id++) {
    const relocations = sections.relocations[id]!
    if (relocations < 0 || layout.outputOf[id]! < 0) continue
    const start = sections.offset[relocations]!
    const stop = start + sections.size[relocations]!
    for (let at = start; at < stop; at += sections.entsize[relocations]!) {
      const symbol = wide ? view.getUint32(at + (little ? 12 : 8), little) : view.getUint32(at + 4, little) >>> 8
      if (symbol < needed.length) needed[symbol] = 1
    }
  }
  return needed
}

/** Bytes of .symtab, .strtab and, when section numbers need it, .symtab_shndx. */
export interface SymbolBytes {
  readonly table: Uint8Array
  readonly strings: Uint8Array
  readonly extended: Uint8Array | undefined
}

/**
 * @param headerIndex section header index by index in layout.outputs
 * @param groupIndex section header index by section id of a SHT_GROUP section
 */
export function symbolBytes(
  program: Program,
  layout: Layout,
  numbers: SymbolNumbers,
  headerIndex: Int32Array,
  groupIndex: ReadonlyMap<number, number>,
): SymbolBytes {
  const writer = new TableWriter(program, numbers.count, headerIndex)
  for (let i = 0; i < layout.outputs.length; i++)
    writer.row(1 + i, undefined, 0, 0, STT_SECTION, 0, headerIndex[i]!, false, 0, 0)
  program.files.forEach((file, i) => {
    const own = numbers.locals[i]
    if (own !== undefined) for (let index = 1; index < own.length; index++) if (own[index] !== 0) local(file, index)
  })
  function local(file: InputFile, index: number): void {
    const { view, littleEndian: little } = file
    const wide = file.bits === 64
    const at = file.symbolTable.offset + index * (wide ? 24 : 16)
    const name = file.strings.offset + view.getUint32(at, little)
    const info = view.getUint8(at + (wide ? 4 : 12))
    const other = view.getUint8(at + (wide ? 5 : 13))
    let value = wide ? signed(view, at + 8, little) : view.getUint32(at + 4, little)
    const size = wide ? signed(view, at + 16, little) : view.getUint32(at + 8, little)
    const section = sectionOf(file, index)
    let shndx = section === -2 ? 0 : SHN_ABS
    if (section >= 0) {
      const id = file.firstSection + section
      const group = groupIndex.get(id)
      shndx = group ?? headerIndex[layout.outputOf[id]!]!
      if (group === undefined) value += layout.offsetOf[id]!
    }
    const number = numbers.locals[file.id]![index]!
    writer.row(number, file.bytes, name, lengthAt(file.bytes, name), info, other, shndx, section < 0, value, size)
  }
  const { symbols } = program
  const { names } = symbols
  for (let id = 0; id < names.count; id++) {
    if (numbers.globals[id] === 0 || (symbols.flags[id]! & SymbolFlag.VersionAlias) !== 0) continue
    const state = symbols.state[id]!
    let shndx = 0
    let reserved = false
    let value = 0
    let size = 0
    let binding = symbols.binding[id]! || STB_GLOBAL
    let type = symbols.type[id]!
    if (state === SymbolState.Common) {
      shndx = SHN_COMMON
      reserved = true
      value = symbols.value[id]!
      size = symbols.size[id]!
    } else if (state === SymbolState.Defined) {
      const section = symbols.section[id]!
      if (section < 0) {
        shndx = SHN_ABS
        reserved = true
        value = symbols.value[id]!
        size = symbols.size[id]!
      } else if (layout.outputOf[section]! >= 0) {
        shndx = headerIndex[layout.outputOf[section]!]!
        value = layout.offsetOf[section]! + symbols.value[id]!
        size = symbols.size[id]!
      }
    } else if (state === SymbolState.Script) {
      const home = layout.symbolHome[id]!
      if (home !== SymbolHome.Undefined) {
        reserved = home === SymbolHome.Absolute
        shndx = reserved ? SHN_ABS : headerIndex[home]!
        value = layout.symbolValue[id]!
        type = layout.symbolType[id]!
      }
    } else binding = state === SymbolState.UndefinedWeak ? STB_WEAK : STB_GLOBAL
    writer.row(
      numbers.globals[id]!,
      names.bytesOf(id),
      names.offsetOf(id),
      names.lengths[id]!,
      (binding << 4) | type,
      symbols.other[id]!,
      shndx,
      reserved,
      value,
      size,
    )
  }
  return writer.finish()
}

function signed(view: DataView, at: number, little: boolean): number {
  const low = view.getUint32(little ? at : at + 4, little)
  return view.getInt32(little ? at + 4 : at, little) * 0x1_0000_0000 + low
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(0, at)
  return end - at
}

class TableWriter {
  private readonly wide: boolean
  private readonly little: boolean
  private readonly table: Uint8Array
  private readonly view: DataView
  private readonly extended: DataView | undefined
  private strings = new Uint8Array(4096)
  private used = 1

  constructor(program: Program, count: number, headerIndex: Int32Array) {
    this.wide = program.arch.bits === 64
    this.little = program.arch.littleEndian
    this.table = new Uint8Array(count * (this.wide ? 24 : 16))
    this.view = new DataView(this.table.buffer)
    const largest = headerIndex.reduce((a, b) => Math.max(a, b), 0)
    this.extended = largest >= SHN_LORESERVE ? new DataView(new ArrayBuffer(count * 4)) : undefined
  }

  row(
    index: number,
    bytes: Uint8Array | undefined,
    name: number,
    length: number,
    info: number,
    other: number,
    section: number,
    reserved: boolean,
    value: number,
    size: number,
  ): void {
    const { view, little } = this
    const at = index * (this.wide ? 24 : 16)
    view.setUint32(at, bytes === undefined || length <= 0 ? 0 : this.text(bytes, name, length), little)
    const isLarge = !reserved && section >= SHN_LORESERVE
    if (isLarge) this.extended!.setUint32(index * 4, section, little)
    const shndx = isLarge ? SHN_XINDEX : section
    if (this.wide) {
      view.setUint8(at + 4, info)
      view.setUint8(at + 5, other)
      view.setUint16(at + 6, shndx, little)
      this.word(at + 8, value)
      this.word(at + 16, size)
    } else {
      view.setUint32(at + 4, value >>> 0, little)
      view.setUint32(at + 8, size >>> 0, little)
      view.setUint8(at + 12, info)
      view.setUint8(at + 13, other)
      view.setUint16(at + 14, shndx, little)
    }
  }

  finish(): SymbolBytes {
    const extended = this.extended === undefined ? undefined : new Uint8Array(this.extended.buffer)
    return { table: this.table, strings: this.strings.subarray(0, this.used), extended }
  }

  private word(at: number, value: number): void {
    this.view.setUint32(this.little ? at : at + 4, value >>> 0, this.little)
    this.view.setInt32(this.little ? at + 4 : at, Math.floor(value / 0x1_0000_0000), this.little)
  }

  private text(bytes: Uint8Array, at: number, length: number): number {
    if (this.used + length + 1 > this.strings.length) {
      const larger = new Uint8Array(Math.max(this.strings.length * 2, this.used + length + 1))
      larger.set(this.strings)
      this.strings = larger
    }
    const start = this.used
    this.strings.set(bytes.subarray(at, at + length), start)
    this.used += length + 1
    return start
  }
}
