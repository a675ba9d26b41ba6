/** What lies around the segments: order of sections without an address, section headers, name table, symbol table. */
import type { BlockEntry, ExtensionStatement } from '../../../grammar/ast.ts'
import type { SymbolTablePlan } from '../../plan/plan.ts'
import type { Draft } from '../places.ts'
import { nameOrRaw } from '../plan-time.ts'
import { Arguments } from './arguments.ts'
import type { ExtensionRows, Site } from './site.ts'

export const unloadedRows: ExtensionRows = {
  unloaded: { places: ['top', 'sections'], lower: lowerUnloaded },
  section_headers: { places: ['top', 'sections'], lower: lowerSectionHeaders },
  headers_last: { places: ['top', 'sections'], lower: lowerHeadersLast },
  section_name_order: { places: ['top', 'sections'], lower: lowerNameOrder },
  symbol_table: { places: ['top'], lower: lowerSymbolTable },
}

/** Names of the block; a diagnostic when there is no block of names. */
function blockNames(statement: ExtensionStatement, list: Arguments, site: Site): readonly string[] {
  const { block } = statement
  if (block?.kind === 'block' && block.statements.length === 0) return []
  if (block?.kind === 'names') return block.names.map(name => nameOrRaw(name, site.scope, site.compilation))
  list.fail('a block of section names')
  return []
}

/** `@unloaded [align size] [packed] [padded] { names }` */
function lowerUnloaded(statement: ExtensionStatement, site: Site): void {
  const { file } = site.compilation.draft
  const list = new Arguments(statement, site)
  while (list.next !== undefined) {
    if (list.keyword('align')) {
      const align = list.expression('an alignment')
      if (align !== undefined) file.unloadedAlign = align
    } else if (list.keyword('packed')) file.unloadedPacked = true
    else if (list.keyword('padded')) file.unloadedPadded = true
    else {
      list.fail('align, packed or padded')
      return
    }
  }
  file.unloaded = [...(file.unloaded ?? []), ...blockNames(statement, list, site)]
}

/** `@section_headers;` and `@section_headers behind program_headers [else end];`, `@section_headers end;` */
function lowerSectionHeaders(statement: ExtensionStatement, site: Site): void {
  const { file } = site.compilation.draft
  const list = new Arguments(statement, site)
  if (list.keyword('end')) {
    file.sectionHeaders = 'end'
    list.finish()
    return
  }
  if (list.keyword('behind') && !list.keyword('program_headers')) {
    list.fail('program_headers')
    return
  }
  file.sectionHeaders = 'after-program-headers'
  if (list.keyword('else')) {
    if (list.keyword('end')) file.sectionHeadersOverflow = 'end'
    else list.fail('end')
  } else file.sectionHeadersOverflow = 'error'
  list.finish('else end')
}

function lowerHeadersLast(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  list.finish()
  const { file } = site.compilation.draft
  file.headersLast = [...(file.headersLast ?? []), ...blockNames(statement, list, site)]
}

/** `@section_name_order [when section] { names }` */
function lowerNameOrder(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const when = list.keyword('when') ? list.name('the name of a section') : undefined
  list.finish('when section')
  const names = blockNames(statement, list, site)
  const { file } = site.compilation.draft
  file.sectionNames = [...(file.sectionNames ?? []), when === undefined ? { names } : { names, when }]
}

// ----------------------------------------------------------------------------------------------- @symbol_table

function symbolNames(list: Arguments): readonly string[] | undefined {
  const names: string[] = []
  do {
    const name = list.name('the name of a symbol')
    if (name === undefined) return undefined
    names.push(name)
  } while (list.mark(',') || list.next !== undefined)
  return names
}

type EntryReader = (list: Arguments, table: Draft<SymbolTablePlan>) => void

const entryReaders: Readonly<Record<string, EntryReader>> = {
  first: (list, table) => {
    const names = symbolNames(list)
    if (names !== undefined) table.first = names
  },
  oldest: (list, table) => {
    const names = symbolNames(list)
    if (names !== undefined) table.oldest = names
  },
  data: (list, table) => {
    if (list.keyword('newest')) table.data = 'newest'
    else if (list.keyword('oldest')) table.data = 'oldest'
    else list.fail('newest or oldest')
  },
  code: (list, table) => {
    if (list.keyword('first')) table.codeFirst = true
    if (list.keyword('address')) table.codeByAddress = true
    else list.fail('address or first address')
  },
  types: (list, table) => {
    if (list.keyword('plain')) table.plainTypes = true
    else list.fail('plain')
  },
  hidden: (list, table) => {
    if (list.keyword('local')) table.hiddenAsLocal = true
    else list.fail('local')
  },
  containers: (list, table) => {
    if (list.keyword('unless')) table.containersUnless = list.name('the name of a section')
    else list.fail('unless section')
  },
  imports: (list, table) => {
    if (list.keyword('omitted')) table.withoutImports = true
    else list.fail('omitted')
  },
  weak: (list, table) => {
    if (list.keyword('global')) table.weakAsGlobal = true
    else list.fail('global')
  },
}

/** `@symbol_table { first : a, b; data : newest; code : address; types : plain; weak : global; hidden : local; }` */
function lowerSymbolTable(statement: ExtensionStatement, site: Site): void {
  const outer = new Arguments(statement, site)
  outer.finish()
  if (statement.block?.kind !== 'entries') {
    outer.fail('a block of entries')
    return
  }
  const { file } = site.compilation.draft
  const table: Draft<SymbolTablePlan> = { ...file.symbolTable }
  for (const entry of statement.block.entries) readEntry(entry, statement, table, site)
  file.symbolTable = table
}

function readEntry(entry: BlockEntry, statement: ExtensionStatement, table: Draft<SymbolTablePlan>, site: Site): void {
  const key = entry.name.text
  const list = new Arguments({ name: `${statement.name} ${key}`, arguments: entry.arguments, span: entry.span }, site)
  if (!Object.hasOwn(entryReaders, key)) {
    list.fail(`one of ${Object.keys(entryReaders).join(', ')} in front of the colon`)
    return
  }
  list.mark(':')
  entryReaders[key](list, table)
  list.finish()
}
