/** Statements in the body of an output section that say what its header shows, mark places, or order its contents. */
import type { ExtensionStatement } from '../../../grammar/ast.ts'
import type { AssignStatement, HeaderReference } from '../../plan/plan.ts'
import { present } from '../compilation.ts'
import { sectionTypes } from '../elf-names.ts'
import { Arguments } from './arguments.ts'
import { bodyOf, type ExtensionRows, type Site } from './site.ts'

export const sectionPropertyRows: ExtensionRows = {
  always: { places: ['section-body'], lower: lowerAlways },
  show_align: { places: ['section-body'], lower: lowerShownAlignment },
  end_align: { places: ['section-body'], lower: lowerEndAlignment },
  end_pad: { places: ['section-body'], lower: lowerEndPadding },
  entsize: { places: ['section-body'], lower: lowerEntrySize },
  link: { places: ['section-body'], lower: lowerReference },
  info: { places: ['section-body'], lower: lowerReference },
  offset_by_address: { places: ['section-body'], lower: lowerOffsetByAddress },
  not_allocated: { places: ['section-body'], lower: lowerNotAllocated },
  section_names: { places: ['section-body'], lower: lowerSectionNames },
  boundary: { places: ['sections', 'section-body'], lower: lowerBoundary },
}

/** GNU's names of section types, and those of tables for the loader. */
const ownTypes: Readonly<Record<string, bigint>> = { ...sectionTypes, SHT_RELA: 4n, SHT_REL: 9n }

const flagLetters: Readonly<Record<string, number>> = { w: 1, a: 2, x: 4 }

/** `@always [progbits [aw]] [when section];`: type and flags for a section without contents. */
function lowerAlways(statement: ExtensionStatement, site: Site): void {
  const body = bodyOf(site)
  const list = new Arguments(statement, site)
  if (list.next !== undefined && !isKeyword(list, 'when')) {
    const type = 'SHT_' + (list.word() ?? '').toUpperCase()
    if (Object.hasOwn(ownTypes, type)) body.extra.type = Number(ownTypes[type])
    else list.fail('a section type: progbits, nobits, note, …')
  }
  if (list.next !== undefined && !isKeyword(list, 'when')) {
    const letters = list.word() ?? '?'
    if (/^[awx]+$/.test(letters)) body.extra.flags = [...letters].reduce((sum, letter) => sum | flagLetters[letter], 0)
    else list.fail('flags of a, w and x')
  }
  if (list.keyword('when')) body.extra.keepEmptyWith = list.name('the name of a section')
  else body.extra.keepEmpty = true
  list.finish('when section')
}

function isKeyword(list: Arguments, word: string): boolean {
  return list.next?.kind === 'symbol' && list.next.name.text === word
}

/** `@show_align size;` or `@show_align contents;` */
function lowerShownAlignment(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  if (list.keyword('contents')) {
    list.finish()
    bodyOf(site).extra.contentAlign = true
    return
  }
  const align = list.expression('an alignment')
  list.finish()
  if (align !== undefined) bodyOf(site).extra.headerAlign = align
}

function lowerEndAlignment(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const align = list.expression('an alignment')
  list.finish()
  if (align !== undefined) bodyOf(site).extra.endAlign = align
}

function lowerEndPadding(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const size = list.expression('a size')
  list.finish()
  if (size !== undefined) bodyOf(site).extra.endPad = size
}

function lowerEntrySize(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const size = list.constant('the size of an entry')
  list.finish()
  if (size !== undefined) bodyOf(site).extra.entsize = Number(size)
}

/** `@link .dynsym;`, `@info 0;`: what sh_link and sh_info say. */
function lowerReference(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const section = list.word()
  const number = section === undefined ? list.constant('the name of a section, or a number') : undefined
  list.finish()
  const reference: HeaderReference | undefined =
    section !== undefined ? { section } : number === undefined ? undefined : { number: Number(number) }
  if (reference === undefined) return
  if (statement.name === 'link') bodyOf(site).extra.link = reference
  else bodyOf(site).extra.info = reference
}

/** sh_offset of a section without bytes. */
function lowerOffsetByAddress(statement: ExtensionStatement, site: Site): void {
  new Arguments(statement, site).finish()
  bodyOf(site).extra.offsetByAddress = true
}

function lowerNotAllocated(statement: ExtensionStatement, site: Site): void {
  new Arguments(statement, site).finish()
  bodyOf(site).extra.unallocated = true
}

/** The table of section names is the contents of this section, which the engine knows as `.shstrtab`. */
function lowerSectionNames(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  list.finish()
  const body = bodyOf(site)
  if (body.name !== '.shstrtab') {
    list.fail('an output section .shstrtab around it')
    return
  }
  const { span } = statement
  site.compilation.draft.file.namesAreSection = true
  body.items.push({
    kind: 'input',
    id: site.compilation.nextId(),
    span,
    keep: true,
    file: { pattern: '*', literal: false, exclude: [], span },
    sections: [{ pattern: '.shstrtab', exclude: [], sort: [], span }],
  })
}

const symbolTypes: Readonly<Record<string, number>> = { notype: 0, object: 1, function: 2 }

/** `@boundary symbol function|object [whole] [unlisted] [at value];` */
function lowerBoundary(statement: ExtensionStatement, site: Site): void {
  const { span } = statement
  const list = new Arguments(statement, site)
  const symbol = list.name('the name of a symbol')
  const kind = list.word()
  if (symbol === undefined) return
  if (kind === undefined || !Object.hasOwn(symbolTypes, kind)) {
    list.fail('function, object or notype')
    return
  }
  const whole = list.keyword('whole') ? true : undefined
  const unlisted = list.keyword('unlisted') ? true : undefined
  const value = list.keyword('at') ? list.expression('an address behind at') : undefined
  list.finish('whole, unlisted or at')
  const assign: AssignStatement = {
    kind: 'assign',
    id: site.compilation.nextId(),
    span,
    symbol,
    operator: '=',
    value: value ?? { op: 'dot', span },
    provide: true,
    hidden: false,
    boundary: present({ type: symbolTypes[kind], whole, unlisted }),
  }
  if (site.body !== undefined) site.body.items.push(assign)
  else site.sections?.sink.push(assign)
}
