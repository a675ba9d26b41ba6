/**
 * `name@VERSION` and `name@@VERSION` in objects (.symver).
 *
 * A definition of `f@@V` is also the definition of `f` and of `f@V`: references by any of the three names mean it. In the
 * tables the other two are names of their own with the same definition, marked so that .symtab shows one of them.
 */
import { SHN_COMMON, SHN_UNDEF } from '../elf/constants.ts'
import type { Loading } from './loading.ts'
import { SymbolFlag, SymbolState } from './records/tables.ts'
import { define, type Incoming } from './resolve-symbols.ts'

/** Called for each symbol of a file whose string table has an '@' somewhere. */
export function enterVersioned(loading: Loading, id: number, from: Incoming, section: number): void {
  if (section === SHN_UNDEF || section === SHN_COMMON) return
  const { symbols } = loading
  const { names } = symbols
  const bytes = names.bytesOf(id)
  const start = names.offsetOf(id)
  const end = start + names.lengths[id]!
  const at = bytes.indexOf(0x40, start)
  if (at < 0 || at + 1 >= end || bytes[at + 1] !== 0x40) return
  const full = names.text(id)
  const plain = full.slice(0, at - start)
  alias(loading, plain, from)
  alias(loading, `${plain}@${full.slice(at - start + 2)}`, from)
}

function alias(loading: Loading, name: string, from: Incoming): void {
  const { symbols } = loading
  const id = symbols.names.internText(name)
  symbols.grow()
  define(loading, id, from)
  if (symbols.state[id] === SymbolState.Defined && symbols.file[id] === from.file && symbols.index[id] === from.index)
    symbols.flags[id]! |= SymbolFlag.VersionAlias
}
