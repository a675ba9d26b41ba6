/** What a section's name says, found out once per name and remembered by id. */
import { extended } from '../../base/name-table.ts'
import { NameKind } from '../../kernels/symbols.ts'
import type { Loading } from './loading.ts'

const debugPrefixes = ['.debug', '.zdebug', '.gnu.debuglto_.debug_', '.gnu.linkonce.wi.', '.line', '.stab'] as const

/** Bits of NameKind for a section name id. */
export function nameKind(loading: Loading, name: number): number {
  if (name < loading.nameKinds.length && loading.nameKinds[name] !== 0) return loading.nameKinds[name]!
  return lookAt(loading, name)
}

/** By name id: bits of NameKind, for as many names as there is room for; 0 where the name was not looked at yet. */
export function kindsFor(loading: Loading): Uint8Array {
  const { capacity } = loading.sectionNames
  if (loading.nameKinds.length < capacity)
    loading.nameKinds = extended(loading.nameKinds, loading.compute.memory.uint8(capacity))
  return loading.nameKinds
}

function lookAt(loading: Loading, name: number): number {
  const kinds = kindsFor(loading)
  let kind: number = NameKind.Known
  const names = loading.sectionNames
  const bytes = names.bytesOf(name)
  const at = names.offsetOf(name)
  const length = names.lengths[name]!
  // .de .zd .gn .gd .li .st: two letters rule out nearly all names, and no string is made for them
  const start = length > 2 ? (bytes[at + 1]! << 8) | bytes[at + 2]! : 0
  if (
    start === 0x6465 ||
    start === 0x7a64 ||
    start === 0x676e ||
    start === 0x6764 ||
    start === 0x6c69 ||
    start === 0x7374
  ) {
    const text = names.text(name)
    if (text === '.gdb_index' || debugPrefixes.some(prefix => text.startsWith(prefix))) kind |= NameKind.Debug
    if (text.startsWith('.gnu.linkonce.')) kind |= NameKind.LinkOnce
    if (text.startsWith('.gnu.warning.')) kind |= NameKind.Warning
  }
  kinds[name] = kind
  return kind
}
