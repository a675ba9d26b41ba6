/** Which symbols make a relocation by address worth a look when relocations are scanned: most rows are passed over. */
import { STT_FILE, STT_GNU_IFUNC } from '../../elf/constants.ts'
import type { Program } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { SymbolPlace, symbolPlace, symbolType } from './symbol-reader.ts'

/** Marks indirect functions among the globals and the files that have local ones. False: there are none at all. */
export function findIndirectFunctions(program: Program, indirectOf: Uint8Array, localIndirect: Uint8Array): boolean {
  const { type, state, names } = program.symbols
  let found = false
  for (let id = 0; id < names.count; id++)
    if (type[id] === STT_GNU_IFUNC && state[id] === SymbolState.Defined) {
      indirectOf[id] = 1
      found = true
    }
  const wide = program.arch.bits === 64
  const step = wide ? 24 : 16
  for (const file of program.files) {
    if (file.symbolTable.count === 0) continue
    const { bytes } = file
    const end = file.symbolTable.offset + file.symbolTable.firstGlobal * step
    for (let at = file.symbolTable.offset + (wide ? 4 : 12); at < end; at += step)
      if ((bytes[at]! & 15) === STT_GNU_IFUNC) {
        localIndirect[file.id] = 1
        found = true
        break
      }
  }
  return found
}

/**
 * Marks, beside the indirect functions, what the loader decides about and, in an output that may be loaded anywhere,
 * numbers that do not move with it. True: there are some.
 */
export function markOthers(
  program: Program,
  isPositionIndependent: boolean,
  marks: Uint8Array,
  localMarks: Uint8Array,
): boolean {
  const { state, section, flags, names } = program.symbols
  let found = false
  for (let id = 0; id < names.count; id++) {
    const isNumber =
      isPositionIndependent &&
      (state[id] === SymbolState.UndefinedWeak || (state[id] === SymbolState.Defined && section[id]! < 0))
    if ((flags[id]! & SymbolFlag.Preemptible) === 0 && !isNumber) continue
    marks[id] = 1
    found = true
  }
  if (!isPositionIndependent) return found
  for (const file of program.files)
    for (let index = 1; index < file.symbolTable.firstGlobal; index++) {
      if (symbolPlace(file, index) !== SymbolPlace.Absolute || symbolType(file, index) === STT_FILE) continue
      localMarks[file.id] = 1
      found = true
      break
    }
  return found
}
