/**
 * References of shared objects in a program: each must be defined by the program, by a shared object of the link, or by one
 * that those need. GNU ld's --no-allow-shlib-undefined, the default for programs.
 *
 * Only when something is missing are the needed libraries looked for, in -rpath-link, -rpath, the run-time path of those
 * that need them, -L and the layout's search paths. When one cannot be found the check says so and goes no further, since
 * the loader may know more folders.
 */
import { hiddenReferenced, neededNotFound, sharedUndefined } from '../../diag/catalogue/dynamic.ts'
import { inFile } from '../../diag/diagnostic.ts'
import { Report } from '../../diag/report.ts'
import { SHN_UNDEF, STB_GLOBAL, STV_HIDDEN, STV_INTERNAL } from '../../elf/constants.ts'
import { type Host, isFailure } from '../../host.ts'
import { readElfHeader } from '../../input/elf-file.ts'
import { readSharedTables, type SharedTables } from '../../input/shared-object.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolState } from '../records/tables.ts'

export function checkSharedReferences(program: Program, request: LinkRequest, host: Host, report: Report): void {
  if (request.kind !== 'exec' && request.kind !== 'pie') return
  if (request.allowSharedUndefined || request.unresolved !== 'error' || program.shared.length === 0) return
  const { symbols, files } = program
  const missing = new Map<string, InputFile>()
  for (const { file: number } of program.shared) {
    const file = files[number]!
    eachUndefined(file, id => {
      const state = symbols.state[id]!
      if (state === SymbolState.Undefined || state === SymbolState.UndefinedWeak || state === SymbolState.Unknown) {
        if (!missing.has(symbols.name(id))) missing.set(symbols.name(id), file)
        return
      }
      const visibility = symbols.other[id]! & 3
      // A hidden definition is none for others; one of a shared object may be what is meant.
      if (state === SymbolState.Defined && (visibility === STV_HIDDEN || visibility === STV_INTERNAL))
        if (!missing.has(symbols.name(id))) missing.set(symbols.name(id), file)
    })
  }
  if (missing.size === 0) return
  for (const { file: number } of program.shared) removeDefined(program, files[number]!, missing)
  if (missing.size === 0 || !removeFound(program, request, host, report, missing)) return
  for (const [name, file] of missing) {
    const id = symbols.names.findText(name)
    if (symbols.state[id] === SymbolState.Defined)
      report.add(hiddenReferenced({ name, by: file.name }), placeOfDefinition(program, id))
    else report.add(sharedUndefined({ name }), inFile(file.name))
  }
}

/** Takes away what a shared object of the link defines. */
function removeDefined(program: Program, file: InputFile, missing: Map<string, InputFile>): void {
  const wide = file.bits === 64
  const { offset, count, firstGlobal } = file.symbolTable
  for (let index = firstGlobal; index < count && missing.size > 0; index++) {
    const id = file.globals[index - firstGlobal]!
    if (
      id < 0 ||
      file.view.getUint16(offset + index * (wide ? 24 : 16) + (wide ? 6 : 14), file.littleEndian) === SHN_UNDEF
    )
      continue
    missing.delete(program.symbols.name(id))
  }
}

function placeOfDefinition(program: Program, id: number): ReturnType<typeof inFile> {
  const file = program.files[program.symbols.file[id]!]!
  return file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
}

/** Ids of what the shared object refers to and does not define; weak references may stay open. */
function eachUndefined(file: InputFile, visit: (id: number) => void): void {
  const wide = file.bits === 64
  const { view, littleEndian: little } = file
  const { offset, count, firstGlobal } = file.symbolTable
  for (let index = firstGlobal; index < count; index++) {
    const at = offset + index * (wide ? 24 : 16)
    if (view.getUint16(at + (wide ? 6 : 14), little) !== SHN_UNDEF) continue
    if (view.getUint8(at + (wide ? 4 : 12)) >> 4 !== STB_GLOBAL) continue
    const id = file.globals[index - firstGlobal]!
    if (id >= 0) visit(id)
  }
}

/** Takes away what needed libraries define. False: one of them was not found, nothing can be said. */
function removeFound(
  program: Program,
  request: LinkRequest,
  host: Host,
  report: Report,
  missing: Map<string, InputFile>,
): boolean {
  const folders = searchFolders(program, request)
  const known = new Set(program.shared.map(each => each.soname))
  const queue: { name: string; by: string; paths: readonly string[] }[] = []
  const enqueue = (needed: readonly string[], by: string, paths: readonly string[]): void => {
    for (const name of needed) {
      if (known.has(name)) continue
      known.add(name)
      queue.push({ name, by, paths })
    }
  }
  for (const { needed, file, runPaths } of program.shared) {
    const by = program.files[file]!.name
    enqueue(
      needed,
      by,
      (runPaths ?? []).map(path => fromOrigin(path, by)),
    )
  }
  let complete = true
  for (let next = queue.shift(); next !== undefined && missing.size > 0; next = queue.shift()) {
    const found = openLibrary(next.name, [...folders, ...next.paths], host)
    if (found === undefined) {
      report.add(neededNotFound({ name: next.name, by: next.by }), inFile(next.by))
      complete = false
      continue
    }
    const { path, bytes, tables, little, wide } = found
    eachDefined(bytes, tables, little, wide, name => void missing.delete(name))
    enqueue(
      tables.needed,
      path,
      tables.runPaths.map(each => fromOrigin(each, path)),
    )
  }
  return complete
}

function searchFolders(program: Program, request: LinkRequest): string[] {
  const folders = [...(request.rpathLink ?? []), ...request.rpath].flatMap(each => each.split(':'))
  folders.push(...request.searchPaths)
  for (const each of program.plan.inputs) {
    if (each.kind !== 'search-dir') continue
    folders.push(each.path.startsWith('=') ? request.sysroot.replace(/\/$/, '') + each.path.slice(1) : each.path)
  }
  return folders
}

function fromOrigin(path: string, library: string): string {
  const slash = library.lastIndexOf('/')
  return path.replace(/\$ORIGIN|\$\{ORIGIN\}/g, slash < 0 ? '.' : library.slice(0, slash))
}

interface Opened {
  readonly path: string
  readonly bytes: Uint8Array
  readonly tables: SharedTables
  readonly little: boolean
  readonly wide: boolean
}

/** The first file of that name that is a shared object. */
function openLibrary(name: string, folders: readonly string[], host: Host): Opened | undefined {
  for (const folder of name.includes('/') ? [''] : folders) {
    const path = folder === '' ? name : `${folder}/${name}`
    const bytes = host.read(path)
    if (isFailure(bytes)) continue
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // What is wrong with a library that nobody named is no matter of this link.
    const quiet = new Report()
    const header = readElfHeader(view, 0, bytes.length, inFile(path), quiet)
    const tables = header === undefined ? undefined : readSharedTables(view, header, inFile(path), quiet)
    if (header === undefined || tables === undefined) continue
    return { path, bytes, tables, little: header.littleEndian, wide: header.bits === 64 }
  }
  return undefined
}

function eachDefined(
  bytes: Uint8Array,
  tables: SharedTables,
  little: boolean,
  wide: boolean,
  visit: (name: string) => void,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { offset, count, firstGlobal } = tables.symbols
  const end = tables.strings.offset + tables.strings.size
  for (let index = firstGlobal; index < count; index++) {
    const at = offset + index * (wide ? 24 : 16)
    if (view.getUint16(at + (wide ? 6 : 14), little) === SHN_UNDEF) continue
    const start = tables.strings.offset + view.getUint32(at, little)
    let stop = start
    while (stop < end && bytes[stop] !== 0) stop++
    visit(String.fromCharCode(...bytes.subarray(start, stop)))
  }
}
