/** Bytes of the dynamic tables, once every address is known (gABI, chapter 5; GNU symbol versioning). */
import {
  DF_1_NOW,
  DF_1_PIE,
  DF_BIND_NOW,
  DF_SYMBOLIC,
  DT_DEBUG,
  DT_FINI,
  DT_FINI_ARRAY,
  DT_FINI_ARRAYSZ,
  DT_FLAGS,
  DT_FLAGS_1,
  DT_GNU_HASH,
  DT_HASH,
  DT_INIT,
  DT_INIT_ARRAY,
  DT_INIT_ARRAYSZ,
  DT_RPATH,
  DT_RUNPATH,
  DT_SONAME,
  DT_STRSZ,
  DT_STRTAB,
  DT_SYMENT,
  DT_SYMTAB,
  DT_VERDEF,
  DT_VERDEFNUM,
  DT_VERSYM,
  SHN_ABS,
  STB_WEAK,
  STT_TLS,
  VER_FLG_BASE,
} from '../../elf/constants.ts'
import { encodeGnuHash, encodeSysvHash, sysvHash } from '../../elf/hash-tables.ts'
import type { FileTables } from '../file-tables.ts'
import { type Layout, SymbolHome } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolState } from '../records/tables.ts'
import type { DynamicTables } from './select.ts'

/** Writes the tables, and what their section headers say of them (sh_info) into `files.headers`. */
export function writeDynamic(
  image: Uint8Array,
  program: Program,
  tables: DynamicTables,
  layout: Layout,
  request: LinkRequest,
  files: FileTables,
): void {
  const { sections } = tables
  const { headerIndex } = files
  setInfo(files, layout, sections.symbols, 1)
  setInfo(files, layout, sections.definitions, tables.definitions.length + 1)
  const little = program.arch.littleEndian
  const put = (id: number, bytes: () => Uint8Array): void => {
    const at = placeOf(layout, id)
    if (at >= 0) image.set(bytes(), at)
  }
  put(sections.symbols, () => symbolBytes(program, tables, layout, headerIndex))
  put(sections.strings, () => {
    const bytes = new Uint8Array(tables.strings.size)
    tables.strings.write(bytes, 0)
    return bytes
  })
  put(sections.hash, () => encodeSysvHash(tables.names, tables.buckets, little))
  put(sections.gnuHash, () =>
    encodeGnuHash(
      tables.names.slice(tables.firstExport),
      tables.firstExport,
      tables.hashShape,
      program.arch.bits,
      little,
    ),
  )
  put(sections.versions, () => {
    const bytes = new Uint8Array(2 * tables.versionOf.length)
    const view = new DataView(bytes.buffer)
    tables.versionOf.forEach((version, index) => void view.setUint16(2 * index, version, little))
    return bytes
  })
  put(sections.definitions, () => definitionBytes(program, tables))
  put(sections.dynamic, () => tagBytes(program, tables, layout, request))
}

/** sh_info: first global symbol, or the number of version definitions. */
function setInfo(files: FileTables, layout: Layout, id: number, info: number): void {
  const output = id < 0 ? -1 : layout.outputOf[id]!
  if (output >= 0) files.headers[files.headerIndex[output]!]!.info = info
}

/** File offset of an input section's part of the output, or -1. */
function placeOf(layout: Layout, id: number): number {
  const output = id < 0 ? -1 : layout.outputOf[id]!
  return output < 0 ? -1 : layout.outputs[output]!.fileOffset + layout.offsetOf[id]!
}

function symbolBytes(program: Program, tables: DynamicTables, layout: Layout, headerIndex: Int32Array): Uint8Array {
  const { arch, symbols } = program
  const wide = arch.bits === 64
  const little = arch.littleEndian
  const entry = wide ? 24 : 16
  const bytes = new Uint8Array(entry * tables.symbols.length)
  const view = new DataView(bytes.buffer)
  const tls = layout.segments.find(each => each.type === 7)
  const tlsBase = tls === undefined ? 0 : Number(BigInt.asIntN(64, tls.address))
  for (let index = 1; index < tables.symbols.length; index++) {
    const id = tables.symbols[index]!
    const at = index * entry
    const home = layout.symbolHome[id]!
    const isScript = symbols.state[id] === SymbolState.Script
    const type = isScript ? layout.symbolType[id]! : symbols.type[id]!
    const isWeak = symbols.binding[id] === STB_WEAK || symbols.state[id] === SymbolState.UndefinedWeak
    let value = 0
    let shndx = 0
    let size = 0
    if (home !== SymbolHome.Undefined) {
      value = layout.symbolValue[id]! - (type === STT_TLS ? tlsBase : 0)
      shndx = home === SymbolHome.Absolute ? SHN_ABS : headerIndex[home]!
      size = isScript ? 0 : symbols.size[id]!
    }
    view.setUint32(at, tables.strings.add(tables.names[index]!), little)
    const info = ((isWeak ? 2 : symbols.binding[id]! || 1) << 4) | type
    const infoAt = at + (wide ? 4 : 12)
    view.setUint8(infoAt, info)
    view.setUint8(infoAt + 1, symbols.other[id]!)
    view.setUint16(infoAt + 2, shndx, little)
    if (wide) {
      view.setBigUint64(at + 8, BigInt.asUintN(64, BigInt(value)), little)
      view.setBigUint64(at + 16, BigInt(size), little)
    } else {
      view.setUint32(at + 4, value, little)
      view.setUint32(at + 8, size, little)
    }
  }
  return bytes
}

/** .gnu.version_d: the base definition, then the nodes, each with itself and its parents as auxiliary names. */
function definitionBytes(program: Program, tables: DynamicTables): Uint8Array {
  const nodes = program.plan.symbols.versions
  const rows = [
    { flags: VER_FLG_BASE, names: [tables.baseName] },
    ...tables.definitions.map(index => ({ flags: 0, names: [nodes[index]!.name, ...nodes[index]!.parents] })),
  ]
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + 20 + 8 * row.names.length, 0))
  const view = new DataView(bytes.buffer)
  const little = program.arch.littleEndian
  let at = 0
  rows.forEach((row, position) => {
    const length = 20 + 8 * row.names.length
    view.setUint16(at, 1, little)
    view.setUint16(at + 2, row.flags, little)
    view.setUint16(at + 4, position + 1, little)
    view.setUint16(at + 6, row.names.length, little)
    view.setUint32(at + 8, sysvHash(row.names[0]!), little)
    view.setUint32(at + 12, 20, little)
    view.setUint32(at + 16, position + 1 === rows.length ? 0 : length, little)
    row.names.forEach((name, i) => {
      view.setUint32(at + 20 + 8 * i, tables.strings.add(name), little)
      view.setUint32(at + 24 + 8 * i, i + 1 === row.names.length ? 0 : 8, little)
    })
    at += length
  })
  return bytes
}

function tagBytes(program: Program, tables: DynamicTables, layout: Layout, request: LinkRequest): Uint8Array {
  const { arch, symbols } = program
  const wide = arch.bits === 64
  const tags: [number, bigint][] = []
  const { sections } = tables
  const addressOf = (id: number): bigint => {
    const output = id < 0 ? -1 : layout.outputOf[id]!
    return output < 0 ? 0n : layout.outputs[output]!.address + BigInt(layout.offsetOf[id]!)
  }
  const sectionTags = (name: string, address: number, size: number): void => {
    const output = layout.outputs.find(each => each.name === name)
    if (output !== undefined) tags.push([address, output.address], [size, BigInt(output.size)])
  }
  const symbolTag = (name: string, tag: number): void => {
    const id = symbols.names.findText(name)
    if (id >= 0 && layout.symbolHome[id] !== SymbolHome.Undefined && symbols.state[id] === SymbolState.Defined)
      tags.push([tag, BigInt.asUintN(64, BigInt(layout.symbolValue[id]!))])
  }
  if (request.soname !== undefined) tags.push([DT_SONAME, BigInt(tables.strings.add(request.soname))])
  if (request.rpath.length > 0)
    tags.push([request.newDtags ? DT_RUNPATH : DT_RPATH, BigInt(tables.strings.add(request.rpath.join(':')))])
  symbolTag('_init', DT_INIT)
  symbolTag('_fini', DT_FINI)
  sectionTags('.init_array', DT_INIT_ARRAY, DT_INIT_ARRAYSZ)
  sectionTags('.fini_array', DT_FINI_ARRAY, DT_FINI_ARRAYSZ)
  if (sections.hash >= 0) tags.push([DT_HASH, addressOf(sections.hash)])
  if (sections.gnuHash >= 0) tags.push([DT_GNU_HASH, addressOf(sections.gnuHash)])
  tags.push([DT_STRTAB, addressOf(sections.strings)], [DT_SYMTAB, addressOf(sections.symbols)])
  tags.push([DT_STRSZ, BigInt(tables.strings.size)], [DT_SYMENT, wide ? 24n : 16n])
  if (request.kind !== 'shared') tags.push([DT_DEBUG, 0n])
  let flags = request.symbolic === 'all' ? DF_SYMBOLIC : 0
  let flags1 = request.kind === 'pie' ? DF_1_PIE : 0
  if (request.z.has('now')) {
    flags |= DF_BIND_NOW
    flags1 |= DF_1_NOW
  }
  if (flags !== 0) tags.push([DT_FLAGS, BigInt(flags)])
  if (flags1 !== 0) tags.push([DT_FLAGS_1, BigInt(flags1)])
  if (tables.definitions.length > 0) {
    tags.push([DT_VERDEF, addressOf(sections.definitions)], [DT_VERDEFNUM, BigInt(tables.definitions.length + 1)])
    tags.push([DT_VERSYM, addressOf(sections.versions)])
  }
  const bytes = new Uint8Array((tags.length + 1) * (wide ? 16 : 8))
  const view = new DataView(bytes.buffer)
  tags.forEach(([tag, value], i) => {
    if (wide) {
      view.setBigUint64(16 * i, BigInt(tag >>> 0), arch.littleEndian)
      view.setBigUint64(16 * i + 8, BigInt.asUintN(64, value), arch.littleEndian)
    } else {
      view.setUint32(8 * i, tag >>> 0, arch.littleEndian)
      view.setUint32(8 * i + 4, Number(BigInt.asUintN(32, value)), arch.littleEndian)
    }
  })
  return bytes
}
