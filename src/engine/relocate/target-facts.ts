/** Facts about the symbols of relocations, as relaxation asks for them. Scanning and relocating must agree on them. */
import { STT_FUNC, STT_GNU_IFUNC, STT_TLS } from '../../elf/constants.ts'
import { OutputTrait, TargetFact } from '../../target/target.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { SymbolPlace, symbolPlace, symbolType, symbolValue } from './symbol-reader.ts'

/** Bits of OutputTrait for this link. */
export function outputTraits(program: Program, request: LinkRequest): number {
  let traits = 0
  if (request.kind === 'exec') traits |= OutputTrait.Fixed
  if (request.kind !== 'shared') traits |= OutputTrait.Executable
  if (!request.relax) traits |= OutputTrait.KeepGot
  const { attributes } = program
  if (attributes !== undefined) traits |= program.arch.attributes?.traits(attributes.values) ?? 0
  return traits
}

/** Bits of TargetFact for symbol `index` of a file. */
export function targetFacts(program: Program, file: InputFile, index: number): number {
  const first = file.symbolTable.firstGlobal
  return index >= first ? globalFacts(program, file.globals[index - first]!) : localFacts(program, file, index)
}

function localFacts(program: Program, file: InputFile, index: number): number {
  const place = symbolPlace(file, index)
  if (place === SymbolPlace.Undefined) return 0
  let facts: number = TargetFact.Local
  const type = symbolType(file, index)
  if (type === STT_GNU_IFUNC) facts |= TargetFact.Ifunc
  if (type === STT_TLS) facts |= TargetFact.Tls
  if (type === STT_FUNC) facts |= TargetFact.Function
  if (place === SymbolPlace.Absolute) facts |= absoluteFacts(symbolValue(file, index))
  else if (place >= 0 && isLarge(program, place)) facts |= TargetFact.Large
  return facts
}

export function globalFacts(program: Program, id: number): number {
  const { symbols } = program
  if ((symbols.flags[id]! & SymbolFlag.Preemptible) !== 0) return symbols.type[id] === STT_TLS ? TargetFact.Tls : 0
  switch (symbols.state[id]) {
    case SymbolState.UndefinedWeak:
      return TargetFact.UndefinedWeak
    case SymbolState.Script:
      return TargetFact.Local
    case SymbolState.Defined: {
      let facts: number = TargetFact.Local
      const type = symbols.type[id]
      if (type === STT_GNU_IFUNC) facts |= TargetFact.Ifunc
      if (type === STT_TLS) facts |= TargetFact.Tls
      if (type === STT_FUNC) facts |= TargetFact.Function
      const section = symbols.section[id]!
      if (section < 0) facts |= symbols.wide.has(id) ? absoluteFacts(Infinity) : absoluteFacts(symbols.value[id]!)
      else if (isLarge(program, section)) facts |= TargetFact.Large
      return facts
    }
    default:
      return 0
  }
}

function isLarge(program: Program, section: number): boolean {
  return (program.sections.flags[section]! & (program.arch.largeSectionFlag ?? 0)) !== 0
}

function absoluteFacts(value: number): number {
  const fits = value >= -0x8000_0000 && value <= 0x7fff_ffff
  return fits ? TargetFact.Absolute : TargetFact.Absolute | TargetFact.Large
}
