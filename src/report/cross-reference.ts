/**
 * `--cref`: for each global symbol the file that defines it, then the files that refer to it, sorted by name.
 */
import { SHN_XINDEX } from '../elf/constants.ts'
import { fileLabel, type Program } from '../engine/records/program.ts'
import { SymbolState } from '../engine/records/tables.ts'

export function crossReference(program: Program): string[] {
  const { symbols } = program
  const users = new Map<number, number[]>()
  for (const file of program.files) {
    const entry = file.bits === 64 ? 24 : 16
    const shndxAt = file.bits === 64 ? 6 : 14
    for (let i = 0; i < file.globals.length; i++) {
      const id = file.globals[i]!
      if (id < 0) continue
      const at = file.symbolTable.offset + (file.symbolTable.firstGlobal + i) * entry
      const shndx = file.view.getUint16(at + shndxAt, file.littleEndian)
      const list = users.get(id)
      if (list === undefined) users.set(id, [file.id])
      else if (shndx !== 0 && shndx !== SHN_XINDEX && symbols.file[id] === file.id) list.unshift(file.id)
      else list.push(file.id)
    }
  }
  const named = [...users.keys()]
    .filter(id => symbols.state[id] !== SymbolState.Unknown)
    .map(id => ({ id, name: symbols.name(id) }))
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const lines = ['', 'Cross Reference Table', '', `${'Symbol'.padEnd(50)}File`]
  for (const { id, name } of named) {
    const files = [...new Set(users.get(id)!)]
    files.forEach((file, i) => {
      const label = fileLabel(program.files[file]!)
      if (i > 0) lines.push(`${''.padEnd(50)}${label}`)
      else if (name.length >= 49) lines.push(name, `${''.padEnd(50)}${label}`)
      else lines.push(`${name.padEnd(50)}${label}`)
    })
  }
  return lines
}
