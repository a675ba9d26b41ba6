/** What the output is as a whole: @osabi, @machine_flags, @entry, @page_size. */
import type { ExtensionStatement } from '../../../grammar/ast.ts'
import { osAbis } from '../elf-names.ts'
import { Arguments } from './arguments.ts'
import type { ExtensionRows, Site } from './site.ts'

export const targetRows: ExtensionRows = {
  osabi: { places: ['top'], lower: lowerOsAbi },
  machine_flags: { places: ['top'], lower: lowerMachineFlags },
  entry: { places: ['top', 'sections'], lower: lowerEntry },
  page_size: { places: ['top'], lower: lowerPageSize },
  build_id_by_default: { places: ['top'], lower: lowerBuildId },
}

/** `@osabi freebsd;` or a number. */
function lowerOsAbi(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const argument = list.next
  const name = argument?.kind === 'symbol' ? argument.name.text : undefined
  if (name !== undefined && Object.hasOwn(osAbis, name)) {
    list.word()
    site.compilation.draft.target.osabi = osAbis[name]
  } else {
    const value = list.constant(`an OSABI: ${Object.keys(osAbis).join(', ')} or a number`)
    if (value !== undefined) site.compilation.draft.target.osabi = Number(value & 0xffn)
  }
  list.finish()
}

function lowerMachineFlags(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const value = list.constant('a number')
  if (value !== undefined) site.compilation.draft.target.machineFlags = Number(value & 0xffff_ffffn)
  list.finish()
}

/** `@build_id_by_default;` */
function lowerBuildId(statement: ExtensionStatement, site: Site): void {
  new Arguments(statement, site).finish()
  site.compilation.draft.target.buildId = true
}

/** `@entry first else second else third;` */
function lowerEntry(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const names: string[] = []
  do {
    const name = list.name('the name of a symbol')
    if (name === undefined) return
    names.push(name)
  } while (list.keyword('else'))
  list.finish('else')
  const { target } = site.compilation.draft
  target.entry = { symbol: names[0], span: statement.span }
  if (names.length > 1) target.entryAlternatives = names.slice(1)
  else delete target.entryAlternatives
}

function lowerPageSize(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const value = list.constant('a power of two')
  list.finish()
  if (value === undefined) return
  if (value === 0n || (value & (value - 1n)) !== 0n || value > 1n << 40n) list.fail('a power of two')
  else site.compilation.draft.target.pageSize = Number(value)
}
