/** References to names that nothing defines: each name once, with the places that refer to it. */
import { hiddenUndefined } from '../../diag/catalogue/dynamic.ts'
import { symbolWarning, undefinedIgnored, undefinedReference } from '../../diag/catalogue/symbols.ts'
import type { Note, Place } from '../../diag/diagnostic.ts'
import { inFile, nowhere } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { STT_FUNC, STT_OBJECT } from '../../elf/constants.ts'
import { held } from '../../kernels/compute.ts'
import { missingBatch, type ReferenceRecord, Wanted } from '../../kernels/reach.ts'
import { formulaCodes } from '../../target/target.ts'
import { fileColumns } from '../records/file-columns.ts'
import type { Live } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'

/** places shown for one name; further ones are counted */
const shownPlaces = 4
/** names longer than this, or more candidates than this, get no "did you mean" */
const nearLength = 60
const nearCandidates = 200_000

/**
 * Reports every undefined name that a live section refers to, and the warnings of .gnu.warning.NAME. Weak references are 0
 * and fine. With -r and for shared objects undefined names are left to a later link or to the loader.
 */
export function reportUndefined(program: Program, live: Live, request: LinkRequest, report: Report): void {
  const { symbols, compute } = program
  const wanted = compute.memory.uint8(symbols.names.count)
  const texts = program.symbolWarnings.length > 0 ? wantWarned(program, wanted) : new Map<number, string>()
  const isLeft = request.kind === 'relocatable' || request.unresolved === 'ignore'
  const isChecked = !isLeft && (request.kind !== 'shared' || request.z.has('defs'))
  let missing = 0
  for (let id = 0; isChecked && id < wanted.length; id += missingBatch)
    missing += compute.kernels.findMissing(
      held(compute.memory, symbols.state),
      held(compute.memory, symbols.file),
      wanted,
      id,
      Math.min(id + missingBatch, wanted.length),
    )
  const places =
    texts.size + missing === 0 ? undefined : collectPlaces(program, live, wanted, request.kind !== 'shared')
  for (const [symbol, found] of places?.warned ?? [])
    report.add(symbolWarning({ text: texts.get(symbol)! }), found.shown[0] ?? nowhere)
  if (request.kind === 'shared' && !isLeft) reportHidden(program, report)
  const entry = request.unresolved === 'warn' ? undefinedIgnored : undefinedReference
  for (const [id, found] of places?.missing ?? []) {
    const name = symbols.name(id)
    const notes: Note[] = found.shown.slice(1).map(at => ({ text: `also referred to here`, at }))
    if (found.count > found.shown.length)
      notes.push({ text: `and ${found.count - found.shown.length} more references to \`${name}'` })
    const near = nearName(program, name)
    if (near !== undefined) notes.push({ text: `did you mean \`${near}'?` })
    report.add(entry({ name }), found.shown[0] ?? nowhere, notes)
  }
}

/** What only this output could define and does not: the loader never looks for hidden names. */
function reportHidden(program: Program, report: Report): void {
  const { symbols, files } = program
  for (let id = 0; id < symbols.names.count; id++) {
    if (symbols.state[id] !== SymbolState.Undefined || (symbols.other[id]! & 3) === 0) continue
    if ((symbols.flags[id]! & SymbolFlag.Referenced) === 0) continue
    const file = files[symbols.file[id]!]
    report.add(hiddenUndefined({ name: symbols.name(id) }), file === undefined ? nowhere : inFile(file.name))
  }
}

/** The texts of .gnu.warning.NAME by symbol id, each name once. */
function wantWarned(program: Program, wanted: Uint8Array): ReadonlyMap<number, string> {
  const texts = new Map<number, string>()
  for (const { symbol, text } of program.symbolWarnings) {
    if (texts.has(symbol) || (program.symbols.flags[symbol]! & SymbolFlag.Referenced) === 0) continue
    texts.set(symbol, text)
    wanted[symbol] = Wanted.Warned
  }
  return texts
}

interface Places {
  count: number
  readonly shown: Place[]
}

/** By symbol id, in link order. */
interface WantedPlaces {
  readonly warned: Map<number, Places>
  readonly missing: Map<number, Places>
}

/**
 * Places of the wanted symbols.
 * @param wanted bits of Wanted by symbol id
 * @param rewritesTls calls of the TLS resolver go when a program is linked: they are no references to what is missing
 */
function collectPlaces(program: Program, live: Live, wanted: Uint8Array, rewritesTls: boolean): WantedPlaces {
  const places: WantedPlaces = { warned: new Map(), missing: new Map() }
  const { sections } = program
  const swallows = resolverOpenings(program, rewritesTls && program.arch.relaxation !== undefined)
  const refers = referringFiles(program, live, wanted, swallows)
  for (const file of program.files) {
    if (refers[file.id] !== 1) continue
    const end = file.firstSection + file.sectionCount
    for (let section = file.firstSection; section < end; section++) {
      const relocations = sections.relocations[section]!
      if (relocations < 0 || live[section] !== 1) continue
      scanSection(program, file, section, relocations, wanted, places, swallows)
    }
  }
  return places
}

/** 1 by relocation type: of thread-local sequences that are rewritten, the next row calls the resolver. */
function resolverOpenings({ arch, compute }: Program, areRewritten: boolean): Uint8Array {
  const { formula } = arch.relocationColumns
  const opens = compute.memory.uint8(formula.length)
  if (!areRewritten) return opens
  formula.forEach((code, type) => {
    const isOpening =
      code === formulaCodes['GOT+tls-gd+A-P'] ||
      code === formulaCodes['GOT+tls-ld+A-P'] ||
      code === formulaCodes['tls-gd+A'] ||
      code === formulaCodes['tls-ld+A']
    if (isOpening) opens[type] = 1
  })
  return opens
}

/** 1 by file id: a live section may refer to something wanted. */
function referringFiles(program: Program, live: Live, wanted: Uint8Array, swallows: Uint8Array): Uint8Array {
  const { files, sections, compute } = program
  const refers = compute.memory.uint8(files.length)
  const record: ReferenceRecord = {
    ...fileColumns(program),
    refers,
    live: held(compute.memory, live),
    relocations: sections.relocations,
    sectionType: sections.type,
    offset: sections.offset,
    size: sections.size,
    wanted,
    swallows,
    typeCount: swallows.length,
  }
  compute.begin('findReferring', record, files.length).finish()
  for (const { id, globals } of files)
    if (record.isUsual[id] === 0 && globals.some(symbol => (wanted[symbol] ?? 0) !== 0)) refers[id] = 1
  return refers
}

function scanSection(
  program: Program,
  file: InputFile,
  section: number,
  relocations: number,
  wanted: Uint8Array,
  places: WantedPlaces,
  swallows: Uint8Array,
): void {
  const { sections } = program
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const step = sections.entsize[relocations]!
  const start = sections.offset[relocations]!
  const end = start + sections.size[relocations]!
  const { firstGlobal, count } = file.symbolTable
  let isResolverCall = false
  for (let at = start; at < end; at += step) {
    const type = wide ? view.getUint32(at + (little ? 8 : 12), little) : view.getUint8(at + (little ? 4 : 7))
    const skip = isResolverCall
    isResolverCall = swallows[type] === 1
    const symbol = wide ? view.getUint32(at + (little ? 12 : 8), little) : view.getUint32(at + 4, little) >>> 8
    if (symbol < firstGlobal || symbol >= count) continue
    const id = file.globals[symbol - firstGlobal]!
    const reasons = skip ? wanted[id]! & Wanted.Warned : wanted[id]!
    if (reasons === 0) continue
    const offset = wide ? view.getUint32(at + (little ? 0 : 4), little) : view.getUint32(at, little)
    const place = { program, file, section, offset }
    if ((reasons & Wanted.Warned) !== 0) addPlace(places.warned, id, place)
    if ((reasons & Wanted.Missing) !== 0) addPlace(places.missing, id, place)
  }
}

function addPlace(
  places: Map<number, Places>,
  id: number,
  at: { program: Program; file: InputFile; section: number; offset: number },
): void {
  let found = places.get(id)
  if (found === undefined) places.set(id, (found = { count: 0, shown: [] }))
  found.count++
  if (found.shown.length < shownPlaces) found.shown.push(referencePlace(at.program, at.file, at.section, at.offset))
}

/** File, section, offset and the function around it. */
export function referencePlace(program: Program, file: InputFile, section: number, offset: number): Place {
  const place = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
  if (place.kind !== 'object') return place
  const name = program.sectionNames.text(program.sections.name[section]!)
  return { ...place, section: name, offset, symbol: functionAround(file, section, offset) }
}

/** Name of the function or object that holds byte `offset` of a section; undefined when no symbol says. */
function functionAround(file: InputFile, section: number, offset: number): string | undefined {
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const step = wide ? 24 : 16
  const index = section - file.firstSection
  let best = -1
  let bestValue = -1
  for (let i = 1; i < file.symbolTable.count; i++) {
    const at = file.symbolTable.offset + i * step
    const type = view.getUint8(at + (wide ? 4 : 12)) & 15
    if (type !== STT_FUNC && type !== STT_OBJECT) continue
    if (view.getUint16(at + (wide ? 6 : 14), little) !== (index < 0xff00 ? index : 0xffff)) continue
    if (index >= 0xff00 && view.getUint32(file.extendedIndex + i * 4, little) !== index) continue
    const value = wide ? view.getUint32(at + (little ? 8 : 12), little) : view.getUint32(at + 4, little)
    if (value > offset || value <= bestValue) continue
    best = at
    bestValue = value
  }
  if (best < 0) return undefined
  const start = file.strings.offset + view.getUint32(best, little)
  const end = file.bytes.indexOf(0, start)
  return String.fromCharCode(...file.bytes.subarray(start, Math.min(end, start + 500)))
}

/** A defined name that differs by one letter or only in case or leading underscores. */
function nearName(program: Program, name: string): string | undefined {
  const { symbols } = program
  if (name.length < 3 || name.length > nearLength || symbols.names.count > nearCandidates) return undefined
  const bare = bareName(name)
  for (let id = 0; id < symbols.names.count; id++) {
    const state = symbols.state[id]!
    if (state !== SymbolState.Defined && state !== SymbolState.Script && state !== SymbolState.Shared) continue
    if ((symbols.flags[id]! & SymbolFlag.VersionAlias) !== 0) continue
    if (Math.abs(symbols.names.lengths[id]! - name.length) > 2) continue
    const other = symbols.name(id)
    if (bareName(other) === bare || isOneEdit(name, other)) return other
  }
  return undefined
}

function bareName(name: string): string {
  return name.replace(/^_+/, '').toLowerCase()
}

/** One letter changed, added, left out, or two neighbours swapped. */
function isOneEdit(a: string, b: string): boolean {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let endA = a.length
  let endB = b.length
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--
    endB--
  }
  const leftA = endA - start
  const leftB = endB - start
  if (leftA + leftB === 1 || (leftA === 1 && leftB === 1)) return true
  return leftA === 2 && leftB === 2 && a[start] === b[start + 1] && a[start + 1] === b[start]
}
