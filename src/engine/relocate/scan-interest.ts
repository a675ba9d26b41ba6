/** Whether an input defines an indirect function at all: some architectures then have more sections. */
import { STT_GNU_IFUNC } from '../../elf/constants.ts'
import type { Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'

/** Is there an indirect function (STT_GNU_IFUNC) among the globals, or a local one in some file? */
export function hasIndirectFunctions(program: Program): boolean {
  const { type, state, names } = program.symbols
  for (let id = 0; id < names.count; id++)
    if (type[id] === STT_GNU_IFUNC && state[id] === SymbolState.Defined) return true
  const wide = program.arch.bits === 64
  const step = wide ? 24 : 16
  for (const { symbolTable, bytes } of program.files) {
    if (symbolTable.count === 0) continue
    const end = symbolTable.offset + symbolTable.firstGlobal * step
    for (let at = symbolTable.offset + (wide ? 4 : 12); at < end; at += step)
      if ((bytes[at]! & 15) === STT_GNU_IFUNC) return true
  }
  return false
}
