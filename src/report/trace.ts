/** -t and -y: which files take part in a link, and which of them mention a symbol. Readers of the resolved program. */
import { SHN_COMMON, SHN_UNDEF } from '../elf/constants.ts'
import { fileLabel, type Program } from '../engine/records/program.ts'

/** -t: names of the files in link order, an archive once. */
export function traceFiles(program: Program): string[] {
  const names = new Set<string>()
  for (const file of program.files) if (file.kind !== 'linker') names.add(file.archive ?? file.name)
  return [...names]
}

/** -y: a line for each file that defines or mentions one of `names`. */
export function traceSymbols(program: Program, names: readonly string[]): string[] {
  const wanted = new Set(names)
  const lines: string[] = []
  for (const file of program.files) {
    const entry = file.bits === 64 ? 24 : 16
    const sectionAt = file.bits === 64 ? 6 : 14
    for (let i = 0; i < file.globals.length; i++) {
      const id = file.globals[i]!
      if (id < 0 || !wanted.has(program.symbols.name(id))) continue
      const at = file.symbolTable.offset + (file.symbolTable.firstGlobal + i) * entry
      const section = file.view.getUint16(at + sectionAt, file.littleEndian)
      const what = section === SHN_UNDEF ? 'reference to' : section === SHN_COMMON ? 'common of' : 'definition of'
      lines.push(`${fileLabel(file)}: ${what} ${program.symbols.name(id)}`)
    }
  }
  return lines
}
