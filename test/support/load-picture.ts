/** What a load found, in a form to compare. */
import { SymbolState } from '../../src/engine/records/tables.ts'
import { type Loaded, problems } from './load.ts'

/** Everything that loading found, by name. */
export function picture(loaded: Loaded): readonly unknown[] {
  const { program } = loaded
  if (program === undefined) return problems(loaded)
  const { sections, sectionNames, symbols, groups, files } = program
  const found: unknown[] = [problems(loaded), sections.count, groups.count]
  for (let id = 0; id < sections.count; id++)
    found.push(
      [
        sectionNames.text(sections.name[id]!),
        ...[
          sections.file,
          sections.type,
          sections.flags,
          sections.offset,
          sections.size,
          sections.align,
          sections.link,
        ],
        ...[sections.info, sections.entsize, sections.relocations, sections.group, sections.state],
      ].map(each => (typeof each === 'string' ? each : each[id])),
    )
  for (let group = 0; group < groups.count; group++)
    found.push([
      groups.section[group],
      symbols.name(groups.signature[group]!),
      groups.comdat[group],
      groups.kept[group],
    ])
  for (let id = 0; id < symbols.names.count; id++)
    if (symbols.state[id] !== SymbolState.Unknown)
      found.push(
        [
          symbols.name(id),
          ...[
            symbols.state,
            symbols.binding,
            symbols.type,
            symbols.other,
            symbols.file,
            symbols.index,
            symbols.section,
          ],
          ...[symbols.value, symbols.size, symbols.flags],
        ].map(each => (typeof each === 'string' ? each : each[id])),
      )
  for (const file of files)
    found.push([
      file.name,
      file.symbolTable,
      file.strings,
      file.extendedIndex,
      [...file.globals].map(id => symbols.name(id)),
    ])
  return found
}
