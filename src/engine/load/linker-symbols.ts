/**
 * Names that only the linker can define, given to those who refer to them: the frame of a section whose name is a C
 * identifier (`__start_NAME`, `__stop_NAME`), `.startof.` and `.sizeof.` of any section, the ELF header, the GOT.
 */
import { STB_GLOBAL, STV_DEFAULT, STV_HIDDEN, STV_PROTECTED } from '../../elf/constants.ts'
import type { LinkerSymbolKind } from '../records/program.ts'
import { SectionState, SymbolState } from '../records/tables.ts'
import type { Loading } from './loading.ts'

const fixed: ReadonlyMap<string, LinkerSymbolKind> = new Map<string, LinkerSymbolKind>([
  ['__ehdr_start', 'ehdr'],
  ['_GLOBAL_OFFSET_TABLE_', 'got'],
  ['_DYNAMIC', 'dynamic'],
  ['_PROCEDURE_LINKAGE_TABLE_', 'plt'],
  ['_TLS_MODULE_BASE_', 'tls-module-base'],
])

const framed: readonly (readonly [string, LinkerSymbolKind])[] = [
  ['__start_', 'start'],
  ['__stop_', 'stop'],
  ['.startof.', 'startof'],
  ['.sizeof.', 'sizeof'],
]

/** Gives SymbolState.Script to each undefined name that the linker makes. */
export function defineLinkerSymbols(loading: Loading): void {
  const { symbols } = loading
  const { state, names } = symbols
  const { count } = names
  for (let id = 0; id < count; id++) {
    if (state[id] !== SymbolState.Undefined && state[id] !== SymbolState.UndefinedWeak) continue
    const first = names.bytesOf(id)[names.offsetOf(id)]
    if (first !== 0x5f && first !== 0x2e) continue // '_' or '.'
    const name = names.text(id)
    const kind = fixed.get(name)
    if (kind !== undefined) {
      if (kind === 'dynamic' && loading.request.isStatic && loading.request.kind === 'exec') continue
      define(loading, id, kind, undefined)
      continue
    }
    for (const [prefix, frame] of framed) {
      if (!name.startsWith(prefix)) continue
      const section = name.slice(prefix.length)
      if (prefix.startsWith('_') && !/^\w+$/.test(section)) break
      if (hasSection(loading, section)) define(loading, id, frame, section)
      break
    }
  }
}

function define(loading: Loading, id: number, kind: LinkerSymbolKind, section: string | undefined): void {
  const { symbols } = loading
  symbols.state[id] = SymbolState.Script
  symbols.file[id] = -1
  symbols.section[id] = -1
  symbols.binding[id] = STB_GLOBAL
  if ((symbols.other[id]! & 3) === STV_DEFAULT)
    symbols.other[id] = symbols.other[id]! | (kind === 'start' || kind === 'stop' ? STV_PROTECTED : STV_HIDDEN)
  loading.linkerSymbols.push({ symbol: id, kind, section })
}

function hasSection(loading: Loading, name: string): boolean {
  const { sections } = loading
  const id = loading.sectionNames.findText(name)
  if (id < 0) return false
  const lost = SectionState.Table | SectionState.ComdatLoser | SectionState.Excluded
  const names = sections.name.subarray(0, sections.count)
  for (let section = names.indexOf(id); section >= 0; section = names.indexOf(id, section + 1))
    if ((sections.state[section]! & lost) === 0) return true
  return false
}
