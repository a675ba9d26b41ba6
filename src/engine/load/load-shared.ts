/**
 * A shared object: its dynamic symbols satisfy references, and its references must find what the output defines.
 *
 * A definition here never overrides one in an object. `f` with the default version V is known as `f` and `f@V`, one with
 * another version only as `f@V`.
 */
import { damagedSymbol, sharedInStatic } from '../../diag/catalogue/input.ts'
import type { Place } from '../../diag/diagnostic.ts'
import {
  SHN_UNDEF,
  STB_GLOBAL,
  STB_GNU_UNIQUE,
  STB_WEAK,
  STT_FUNC,
  STT_GNU_IFUNC,
  VERSYM_HIDDEN,
} from '../../elf/constants.ts'
import type { ElfHeader } from '../../input/elf-file.ts'
import { readSharedTables, type SharedTables } from '../../input/shared-object.ts'
import { SymbolFlag, SymbolState, type SymbolTable } from '../records/tables.ts'
import type { FileDraft } from './load-object.ts'
import { type Loading, placeOf, type Source } from './loading.ts'
import { acceptMachine } from './machine.ts'

/** Loads the shared object at `path`; `place` is what asked for it. */
export function loadShared(loading: Loading, source: Source, header: ElfHeader, asNeeded: boolean, place: Place): void {
  const { report, request, files } = loading
  const path = source.path
  if (request.isStatic || request.kind === 'relocatable') {
    report.add(sharedInStatic({ path }), place)
    return
  }
  if (!acceptMachine(loading, header, { name: path })) return
  const tables = readSharedTables(source.view, header, placeOf({ name: path }), report)
  if (tables === undefined) return
  const soname = tables.soname ?? path.slice(path.lastIndexOf('/') + 1)
  if (loading.shared.some(each => each.soname === soname)) return
  if (asNeeded && !isNeeded(loading, source, header, tables, soname)) return
  const file: FileDraft = {
    id: files.length,
    name: path,
    kind: 'shared',
    bytes: source.bytes,
    view: source.view,
    littleEndian: header.littleEndian,
    bits: header.bits,
    start: 0,
    size: source.bytes.length,
    firstSection: loading.sections.count,
    sectionCount: 0,
    symbolTable: tables.symbols,
    strings: tables.strings,
    extendedIndex: 0,
    globals: new Int32Array(tables.symbols.count - Math.min(tables.symbols.firstGlobal, tables.symbols.count)).fill(-1),
    source: source.symbolSource,
    machineFlags: header.machineFlags,
  }
  files.push(file)
  loading.progress++
  loading.shared.push({
    file: file.id,
    soname,
    asNeeded,
    needed: tables.needed,
    runPaths: tables.runPaths,
    versionTable: tables.versionTable,
    versionNames: tables.versionNames,
  })
  enterDynamicSymbols(loading, file, tables)
}

/**
 * --as-needed: does it define something that is undefined so far? A reference of another shared object counts only when
 * none of those that are loaded names this one as needed: then the loader finds it without our help.
 */
function isNeeded(loading: Loading, source: Source, header: ElfHeader, tables: SharedTables, soname: string): boolean {
  const { symbols, shared } = loading
  const { names } = symbols
  const isNamed = shared.some(each => each.needed.includes(soname))
  const little = header.littleEndian
  const wide = header.bits === 64
  const { offset, count, firstGlobal } = tables.symbols
  const { view } = source
  const limit = tables.strings.offset + tables.strings.size
  for (let index = firstGlobal; index < count; index++) {
    const at = offset + index * (wide ? 24 : 16)
    if (view.getUint16(at + (wide ? 6 : 14), little) === SHN_UNDEF) continue
    const name = view.getUint32(at, little)
    if (name >= tables.strings.size) continue
    names.scan(source.symbolSource, tables.strings.offset + name, limit)
    const id = names.find(source.symbolSource, tables.strings.offset + name, names.scannedLength, names.scannedHash)
    const version = tables.versionTable === 0 ? 1 : view.getUint16(tables.versionTable + index * 2, little)
    if (id >= 0 && (version & VERSYM_HIDDEN) === 0 && isWanted(symbols, id, isNamed)) return true
    const versionName = tables.versionNames[version & ~VERSYM_HIDDEN]
    if (versionName === undefined) continue
    const versioned = names.findText(`${textAt(source.bytes, tables.strings.offset + name)}@${versionName}`)
    if (versioned >= 0 && isWanted(symbols, versioned, isNamed)) return true
  }
  return false
}

function isWanted(symbols: SymbolTable, id: number, isNamed: boolean): boolean {
  if (symbols.state[id] !== SymbolState.Undefined) return false
  return (symbols.flags[id]! & SymbolFlag.Referenced) !== 0 || !isNamed
}

function textAt(bytes: Uint8Array, start: number): string {
  let end = start
  while (end < bytes.length && bytes[end] !== 0) end++
  return String.fromCharCode(...bytes.subarray(start, end))
}

function enterDynamicSymbols(loading: Loading, file: FileDraft, tables: SharedTables): void {
  const { symbols } = loading
  const { names } = symbols
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const step = wide ? 24 : 16
  const { offset, count, firstGlobal } = tables.symbols
  const limit = tables.strings.offset + tables.strings.size
  for (let index = firstGlobal; index < count; index++) {
    const at = offset + index * step
    const info = view.getUint8(at + (wide ? 4 : 12))
    const binding = info >> 4
    if (binding !== STB_GLOBAL && binding !== STB_WEAK && binding !== STB_GNU_UNIQUE) continue
    const name = view.getUint32(at, little)
    if (name >= tables.strings.size) {
      const expected = `an offset in a string table of ${tables.strings.size} bytes`
      loading.report.add(damagedSymbol({ index, field: 'st_name', found: String(name), expected }), placeOf(file))
      return
    }
    names.scan(file.source, tables.strings.offset + name, limit)
    let id = names.intern(file.source, tables.strings.offset + name, names.scannedLength, names.scannedHash)
    if (id >= symbols.state.length) symbols.grow()
    const isUndefined = view.getUint16(at + (wide ? 6 : 14), little) === SHN_UNDEF
    const version = tables.versionTable === 0 ? 1 : view.getUint16(tables.versionTable + index * 2, little)
    const versionName = isUndefined ? undefined : tables.versionNames[version & ~VERSYM_HIDDEN]
    if (versionName !== undefined) {
      const versioned = names.internText(`${names.text(id)}@${versionName}`)
      symbols.grow()
      offer(loading, versioned, file, index, at, info)
      if ((version & VERSYM_HIDDEN) !== 0) id = versioned
    }
    file.globals[index - firstGlobal] = id
    if (isUndefined) ask(loading, id, file, index, binding)
    else offer(loading, id, file, index, at, info)
  }
}

/** The shared object refers to the name: whoever defines it must export it. */
function ask(loading: Loading, id: number, file: FileDraft, index: number, binding: number): void {
  const { symbols } = loading
  symbols.flags[id]! |= SymbolFlag.SharedReference
  if (symbols.state[id] !== SymbolState.Unknown || binding === STB_WEAK) return
  symbols.state[id] = SymbolState.Undefined
  symbols.binding[id] = STB_GLOBAL
  symbols.file[id] = file.id
  symbols.index[id] = index
}

/** The shared object defines the name. */
function offer(loading: Loading, id: number, file: FileDraft, index: number, at: number, info: number): void {
  const { symbols } = loading
  const state = symbols.state[id]!
  if (state !== SymbolState.Unknown && state !== SymbolState.Undefined && state !== SymbolState.UndefinedWeak) {
    symbols.flags[id]! |= SymbolFlag.SharedReference
    return
  }
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  symbols.state[id] = SymbolState.Shared
  if (state === SymbolState.Unknown) symbols.binding[id] = info >> 4
  // Elsewhere the loader calls the resolver: for us it is a function like any other.
  symbols.type[id] = (info & 15) === STT_GNU_IFUNC ? STT_FUNC : info & 15
  symbols.file[id] = file.id
  symbols.index[id] = index
  symbols.section[id] = -1
  symbols.value[id] = wide ? Number(view.getBigInt64(at + 8, little)) : view.getUint32(at + 4, little)
  symbols.size[id] = wide ? Number(view.getBigUint64(at + 16, little)) : view.getUint32(at + 8, little)
}
