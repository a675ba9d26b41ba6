/** Where the bytes of a segment end in the file, and the order of the section headers apart from that of the contents. */
import type { ExtensionStatement } from '../../../grammar/ast.ts'
import { argumentExpected } from '../../diag/catalogue/script-compile.ts'
import { nameOrRaw } from '../plan-time.ts'
import { Arguments } from './arguments.ts'
import { type ExtensionRows, type Site, sectionsOf } from './site.ts'

export const fileExtentRows: ExtensionRows = {
  file_ends_at: { places: ['sections'], lower: lowerFileEnd },
  section_header_order: { places: ['top', 'sections'], lower: lowerHeaderOrder },
}

/** `@file_ends_at .bss;` in a @segment: p_filesz counts the zeros between the last contents and that section. */
function lowerFileEnd(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  const section = list.name('the name of a section')
  list.finish()
  const { segment } = sectionsOf(site)
  if (segment === undefined) {
    const wording = argumentExpected({ statement: statement.name, expected: 'an @segment around it', found: 'none' })
    site.compilation.add(wording, statement.span)
  } else if (section !== undefined) segment.extra = { ...segment.extra, fileEndsAt: section }
}

/** `@section_header_order { * .shstrtab .symtab }` */
function lowerHeaderOrder(statement: ExtensionStatement, site: Site): void {
  const list = new Arguments(statement, site)
  list.finish()
  const { block } = statement
  if (block?.kind !== 'names') {
    list.fail('a block of section names')
    return
  }
  const names = block.names.map(name => nameOrRaw(name, site.scope, site.compilation))
  site.compilation.draft.file.headerOrder = names
}
