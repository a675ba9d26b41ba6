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
import { addCommonSection, Entered, enterSymbol, type Incoming, newIncoming } from './resolve-symbols.ts'
import { kindsFor } from './section-names.ts'

const noGlobals = new Int32Array(0)

/** Enters an object whose facts begin at `row`. Returns its file id, or -1 after an error. */
export function loadIndexed(loading: Loading, at: ObjectPlace, index: IndexColumns, row: number): number {
  const { sections, symbols, groups, compute, files } = loading
  const { names } = symbols
  const { kernels } = compute
  const { facts } = index
  const { view } = at.source
  const id = files.length
  const first = enterSections(loading, at, index, row, id)
  const sectionCount = facts[row + ObjectFact.Sections]!
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
    sectionCount,
    symbolTable: { offset: facts[row + ObjectFact.Symbols]!, count: symbolCount, firstGlobal },
    strings: { offset: facts[row + ObjectFact.Strings]!, size: facts[row + ObjectFact.StringsSize]! },
    extendedIndex: facts[row + ObjectFact.Extended]!,
    globals: globalCount === 0 ? noGlobals : compute.memory.int32(globalCount),
    source: at.source.symbolSource,
    machineFlags: facts[row + ObjectFact.MachineFlags]! >>> 0,
  }
  judgeNames(loading, file)
  files.push(file)
  loading.progress++
  if (globalCount + groupCount === 0) return id

  const bytes = facts[row + ObjectFact.GlobalBytes]!
  if (!names.hasRoom(globalCount + groupCount, bytes)) {
    const more = globalCount + groupCount
    names.makeRoom(more, bytes, expected(loading, names.count, globalCount))
  }
  reserveGroups(loading, groupCount)
  kernels.enterNames(
    sections.columns,
    names.columns,
    groupColumns(loading),
    index,
    row,
    view,
    first,
    groups.count,
    file.globals,
  )
  groups.count += groupCount
  symbols.grow()
  return resolve(loading, file, index, row) ? id : -1
}

/** Section headers and section names. Returns the id of the first. */
function enterSections(loading: Loading, at: ObjectPlace, index: IndexColumns, row: number, id: number): number {
  const { sections, sectionNames, request, compute } = loading
  const count = index.facts[row + ObjectFact.Sections]!
  const nameCount = index.facts[row + ObjectFact.NameCount]!
  const nameBytes = index.facts[row + ObjectFact.NameBytes]!
  if (sections.count + count > sections.file.length) sections.reserve(expected(loading, sections.count, count))
  if (!sectionNames.hasRoom(nameCount, nameBytes))
    sectionNames.makeRoom(nameCount, nameBytes, expected(loading, sectionNames.count, nameCount))
  const first = sections.addUnset(count)
  compute.kernels.enterSections(
    sections.columns,
    sectionNames.columns,
    index,
    row,
    at.source.view,
    at.start,
    first,
    id,
    request.kind !== 'relocatable',
  )
  return first
}

function judgeNames(loading: Loading, file: FileDraft): void {
  const { sections, sectionNames, request, compute } = loading
  const { judgeSections } = compute.kernels
  const kinds = kindsFor(loading)
  const care = NameKind.LinkOnce | NameKind.Warning | (request.strip === 'none' ? 0 : NameKind.Debug)
  const end = file.firstSection + file.sectionCount
  const { columns } = sections
  const names = sectionNames.columns
  let id = judgeSections(columns, names, kinds, care, file.firstSection, end)
  while (id < end) {
    judgeName(loading, file, id)
    id = judgeSections(columns, names, kinds, care, id + 1, end)
  }
}

/** Resolves the globals. False after an error. */
function resolve(loading: Loading, file: FileDraft, index: IndexColumns, row: number): boolean {
  const { sections, symbols, compute } = loading
  const { resolveSymbols } = compute.kernels
  const { view, firstSection, globals } = file
  const { firstGlobal } = file.symbolTable
  const kept = loading.arch?.variantCalls?.mask ?? 0
  let incoming: Incoming | undefined
  let hasCommon = false
  for (let i = 0; ; i++) {
    // Exact values that the columns cannot hold are a matter of TypeScript.
    if (symbols.wide.size === 0)
      i = resolveSymbols(symbols.columns, sections.columns, index, row, view, firstSection, file.id, globals, kept, i)
    if (i >= globals.length) break
    incoming ??= newIncoming(file.id)
    const outcome = enterSymbol(loading, file, firstGlobal + i, incoming, false, false)
    if (outcome === Entered.Failed) {
      loading.files.pop()
      return false
    }
    if (outcome === Entered.Common) hasCommon = true
  }
  if (hasCommon) addCommonSection(loading, file)
  return true
}
