/** @dynamic: how the tables for the dynamic loader are made; what stands in them is the matter of the inputs and options. */
import type { BlockEntry, ExtensionStatement } from '../../../grammar/ast.ts'
import type { DynamicPlan } from '../../plan/plan.ts'
import { dynamicTags } from '../elf-names.ts'
import type { Draft } from '../places.ts'
import { Arguments } from './arguments.ts'
import type { ExtensionRows, Site } from './site.ts'

export const dynamicRows: ExtensionRows = {
  dynamic: { places: ['top'], lower: lowerDynamic },
}

type Table = Draft<DynamicPlan>

/** What one word of an entry does; `list` stands behind the word. */
type Word = (table: Table, list: Arguments) => void

function names(list: Arguments, what: string): string[] {
  const found: string[] = []
  do {
    const name = list.name(what)
    if (name === undefined) break
    found.push(name)
  } while (list.mark(',') || list.next !== undefined)
  return found
}

/** Entries made of words. */
const entryWords: Readonly<Record<string, Readonly<Record<string, Word>>>> = {
  hash: {
    sysv: table => void (table.hashStyle = 'sysv'),
    gnu: table => void (table.hashStyle = 'gnu'),
    both: table => void (table.hashStyle = 'both'),
    buckets_by_bits: table => void (table.bucketsByBits = true),
    oldest_first: table => void (table.chainsByAge = true),
  },
  imports: {
    by_use: table => void (table.importsByUse = true),
    as_mentioned: table => void (table.importsAsMentioned = true),
    as_objects: table => void (table.importsAsObjects = true),
    weak_stay: table => void (table.weakImportsStay = true),
  },
  exports: { plain: table => void (table.plainExports = true) },
  strings: { apart: table => void (table.stringsApart = true) },
  tables: { always: table => void (table.keepEmpty = true) },
  versions: {
    oldest_first: table => void (table.versionsByAge = true),
    plain_when_none: table => void (table.plainVersions = true),
    by_size: (table, list) => {
      const largest = list.constant('the largest alignment behind by_size')
      if (largest !== undefined) table.plainVersionsAlign = Number(largest)
    },
  },
  relocations: {
    as_met: table => void (table.relocationsAsMet = true),
    slots_for_words: table => void (table.slotsForWords = true),
    uncounted: table => void (table.uncountedRelative = true),
  },
  got: {
    from: (table, list) => void (table.gotBase = list.name('the name of a section behind from')),
    empty_first_slot: table => void (table.emptyFirstSlot = true),
    bare: table => void (table.bareGot = true),
  },
  copies: { never: table => void (table.noCopies = true) },
  stubs: {
    lazy_only: table => void (table.lazyStubsOnly = true),
    untold_when_none: table => void (table.stubTagsWhenUsed = true),
  },
  flags: { flags_1_always: table => void (table.alwaysFlags1 = true) },
}

/** Entries that are lists or numbers. */
const entryReaders: Readonly<Record<string, (list: Arguments, table: Table) => void>> = {
  tags: (list, table) => {
    const tags = names(list, 'the name of a tag without DT_')
    const unknown = tags.find(tag => !dynamicTags.includes(tag))
    if (unknown === undefined) table.tags = tags
    else list.fail(`tags among ${dynamicTags.join(', ')}; ${unknown} is none`)
  },
  spare_tags: (list, table) => {
    const count = list.constant('a number of entries')
    if (count !== undefined) table.spareTags = Number(count)
  },
  export_index: (list, table) => {
    const index = list.constant('the number that st_shndx shows')
    if (index === undefined) return
    const sections = names(list, 'the name of a section').map(section => ({ section, index: Number(index) }))
    table.exportIndices = [...(table.exportIndices ?? []), ...sections]
  },
}

/** `@dynamic { hash : sysv buckets_by_bits; tags : NEEDED, HASH; … }`; a later statement adds to an earlier one. */
function lowerDynamic(statement: ExtensionStatement, site: Site): void {
  const outer = new Arguments(statement, site)
  outer.finish()
  if (statement.block?.kind !== 'entries') {
    outer.fail('a block of entries')
    return
  }
  for (const entry of statement.block.entries) readEntry(entry, statement, site)
}

function readEntry(entry: BlockEntry, statement: ExtensionStatement, site: Site): void {
  const table = site.compilation.draft.dynamic
  const key = entry.name.text
  const list = new Arguments({ name: `${statement.name} ${key}`, arguments: entry.arguments, span: entry.span }, site)
  list.mark(':')
  if (Object.hasOwn(entryReaders, key)) entryReaders[key](list, table)
  else if (Object.hasOwn(entryWords, key)) readWords(entryWords[key], list, table)
  else {
    const known = [...Object.keys(entryWords), ...Object.keys(entryReaders)]
    list.fail(`one of ${known.join(', ')} in front of the colon`)
    return
  }
  list.finish()
}

function readWords(words: Readonly<Record<string, Word>>, list: Arguments, table: Table): void {
  do {
    const found = list.next
    const word = list.word()
    if (word === undefined || !Object.hasOwn(words, word)) {
      list.fail(Object.keys(words).join(', '), found)
      return
    }
    words[word](table, list)
    list.mark(',')
  } while (list.next !== undefined)
}
