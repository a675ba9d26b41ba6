/** Which words of the GOT the loader has to fill or move, and how. */
import { type Needs, SlotKind } from '../records/needs.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { SymbolPlace, symbolPlace } from '../relocate/symbol-reader.ts'

/** True when the word gets a relocation in .rela.dyn of an output with a dynamic section. */
export function slotNeedsLoader(program: Program, slot: Needs['slots'][number], request: LinkRequest): boolean {
  const { symbol, kind } = slot
  const isPreemptible = symbol >= 0 && (program.symbols.flags[symbol]! & SymbolFlag.Preemptible) !== 0
  switch (kind) {
    case SlotKind.Import:
      program.symbols.flags[symbol]! |= SymbolFlag.Imported
      return true
    case SlotKind.Address:
      return request.kind !== 'exec' && !isNumber(program, symbol)
    case SlotKind.Stub:
      return request.kind !== 'exec'
    case SlotKind.ThreadOffset:
    case SlotKind.ModuleOffset:
      if (isPreemptible) program.symbols.flags[symbol]! |= SymbolFlag.Imported
      return isPreemptible || (kind === SlotKind.ThreadOffset && request.kind === 'shared')
    case SlotKind.Indirect:
      return true
    case SlotKind.Module:
    case SlotKind.OwnModule:
      // The program itself is module 1.
      return request.kind !== 'exec' || (kind === SlotKind.Module && isPreemptible)
    case SlotKind.Descriptor:
      if (isPreemptible) program.symbols.flags[symbol]! |= SymbolFlag.Imported
      return true
    default:
      return false
  }
}

/** The symbol's value does not move with the output. Locals (negative keys) are taken to move: their slots are rare. */
function isNumber(program: Program, symbol: number): boolean {
  if (symbol < 0) return isLocalNumber(program, symbol)
  const { symbols } = program
  const state = symbols.state[symbol]
  if (state === SymbolState.Defined) return symbols.section[symbol]! < 0
  return state !== SymbolState.Script
}

function isLocalNumber(program: Program, key: number): boolean {
  let index = -1 - key
  for (const file of program.files) {
    if (index < file.symbolTable.firstGlobal) return symbolPlace(file, index) === SymbolPlace.Absolute
    index -= file.symbolTable.firstGlobal
  }
  return false
}
