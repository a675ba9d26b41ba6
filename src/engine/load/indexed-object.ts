/**
 * An object that has an index (kernels/objects.ts), which is nearly every one: its sections, groups and symbols are entered
 * by a few calls of kernels. What they stop at is carried out here as for any other object.
 */
import { ObjectFact } from '../../kernels/objects.ts'
import { type IndexColumns, NameKind } from '../../kernels/symbols.ts'
import { groupColumns, reserveGroups } from './comdat.ts'
import { judgeName } from './judge-names.ts'
import type { FileDraft } from './load-object.ts'
import { expected, type Loading, type ObjectPlace } from './loading.ts'
import { addCommonSection, Entered, enterSymbol, newIncoming } from './resolve-symbols.ts'
import { kindsFor } from './section-names.ts'

const noGlobals = new Int32Array(0)

/** Enters an object whose facts begin at `row`. Returns its file id, or -1 after an error. */
export function loadIndexed(loading: Loading, at: ObjectPlace, index: IndexColumns, row: number): number {
  const { compute, files } = loading
  const { facts } = index
  const { view } = at.source
  const id = files.length
  const count = facts[row + ObjectFact.Sections]!
  const first = makeRoom(loading, count, facts[row + ObjectFact.NameCount]!, facts[row + ObjectFact.NameBytes]!)
  const symbolCount = facts[row + ObjectFact.SymbolCount]!
  const firstGlobal = facts[row + ObjectFact.FirstGlobal]!
  const groupCount = facts[row + ObjectFact.Groups]!
  const globalCount = symbolCount - firstGlobal
  const file: FileDraft = {
    id,
    name: at.name,
    archive: at.archive,
    kind: 'object',
    bytes: at.source.bytes,
    view,
    littleEndian: true,
    bits: 64,
    start: at.start,
    size: at.size,
    firstSection: first,
    sectionCount: count,
    symbolTable: { offset: facts[row + ObjectFact.Symbols]!, count: symbolCount, firstGlobal },
    strings: { offset: facts[row + ObjectFact.Strings]!, size: facts[row + ObjectFact.StringsSize]! },
    extendedIndex: facts[row + ObjectFact.Extended]!,
    globals: globalCount === 0 ? noGlobals : compute.memory.int32(globalCount),
    source: at.source.symbolSource,
    machineFlags: facts[row + ObjectFact.MachineFlags]! >>> 0,
  }
  enterSections(loading, file, index, row)
  files.push(file)
  loading.progress++
  return globalCount + groupCount === 0 || enterGlobals(loading, file, index, row) ? id : -1
}

/** Room for the sections of an object and their names. Returns the id of the first section. */
function makeRoom(loading: Loading, count: number, nameCount: number, nameBytes: number): number {
  const { sections, sectionNames } = loading
  if (sections.count + count > sections.file.length) sections.reserve(expected(loading, sections.count, count))
  if (!sectionNames.hasRoom(nameCount, nameBytes))
    sectionNames.makeRoom(nameCount, nameBytes, expected(loading, sectionNames.count, nameCount))
  return sections.addUnset(count)
}

/** Section headers, section names, and what follows from names. */
function enterSections(loading: Loading, file: FileDraft, index: IndexColumns, row: number): void {
  const { sections, sectionNames, request, compute } = loading
  const { columns } = sections
  const names = sectionNames.columns
  const kinds = kindsFor(loading)
  const care = NameKind.LinkOnce | NameKind.Warning | (request.strip === 'none' ? 0 : NameKind.Debug)
  const first = file.firstSection
  const end = first + file.sectionCount
  const excludes = request.kind !== 'relocatable'
  let id = compute.kernels.enterSections(
    columns,
    names,
    index,
    row,
    file.view,
    file.start,
    first,
    file.id,
    excludes,
    kinds,
    care,
  )
  while (id < end) {
    judgeName(loading, file, id)
    id = compute.kernels.judgeSections(columns, names, kinds, care, id + 1, end)
  }
}

/** Groups, names of globals, and what each global does to what is known of its name. False after an error. */
function enterGlobals(loading: Loading, file: FileDraft, index: IndexColumns, row: number): boolean {
  const { sections, symbols, groups, compute } = loading
  const { names, wide } = symbols
  const { view, firstSection, globals } = file
  const groupCount = index.facts[row + ObjectFact.Groups]!
  const bytes = index.facts[row + ObjectFact.GlobalBytes]!
  const more = globals.length + groupCount
  if (!names.hasRoom(more, bytes)) names.makeRoom(more, bytes, expected(loading, names.count, globals.length))
  symbols.grow(more)
  reserveGroups(loading, groupCount)
  const kept = loading.arch?.variantCalls?.mask ?? 0
  // Exact values that the columns cannot hold are a matter of TypeScript.
  const next = compute.kernels.enterGlobals(
    symbols.columns,
    sections.columns,
    names.columns,
    groupColumns(loading),
    index,
    row,
    view,
    firstSection,
    groups.count,
    globals,
    file.id,
    wide.size === 0 ? kept : -1,
  )
  groups.count += groupCount
  return next >= globals.length || resolve(loading, file, index, row, next, kept)
}

/** Resolves the globals from number `from` on, which wants care. False after an error. */
function resolve(
  loading: Loading,
  file: FileDraft,
  index: IndexColumns,
  row: number,
  from: number,
  kept: number,
): boolean {
  const { sections, symbols, compute } = loading
  const { resolveSymbols } = compute.kernels
  const { view, firstSection, globals } = file
  const { firstGlobal } = file.symbolTable
  const incoming = newIncoming(file.id)
  let hasCommon = false
  for (let i = from; i < globals.length; i++) {
    const outcome = enterSymbol(loading, file, firstGlobal + i, incoming, false, false)
    if (outcome === Entered.Failed) {
      loading.files.pop()
      return false
    }
    if (outcome === Entered.Common) hasCommon = true
    if (symbols.wide.size !== 0) continue
    const { columns } = symbols
    i = resolveSymbols(columns, sections.columns, index, row, view, firstSection, file.id, globals, kept, i + 1) - 1
  }
  if (hasCommon) addCommonSection(loading, file)
  return true
}
