/**
 * Imports as they are mentioned (DynamicPlan.importsAsMentioned): every undefined entry of an object's symbol table is an
 * import of its own, even where two have the same name, as Go's linker keeps them.
 */
import type { Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'

/** Gives second mentions of an import a symbol of their own; `file.globals` leads to it. */
export function separateImports(program: Program): void {
  if (!program.plan.dynamic?.importsAsMentioned) return
  const { symbols } = program
  for (const file of program.files) {
    if (file.kind !== 'object') continue
    const seen = new Set<number>()
    for (let i = 0; i < file.globals.length; i++) {
      const id = file.globals[i]!
      if (symbols.state[id] !== SymbolState.Shared) continue
      if (seen.has(id)) {
        const twin = symbols.names.twin(id)
        symbols.grow()
        symbols.copy(id, twin)
        file.globals[i] = twin
      } else seen.add(id)
    }
  }
}

/** Imports in the order of their mention: file by file, in the order of the symbol tables. */
export function mentionedImports(program: Program): readonly number[] {
  const ids = new Set<number>()
  for (const file of program.files)
    if (file.kind === 'object')
      for (const id of file.globals) if (program.symbols.state[id] === SymbolState.Shared) ids.add(id)
  return [...ids]
}
