/** What a section's name says, found out once per name and remembered by id. */
import type { Loading } from './loading.ts'

export const NameKind = {
  /** the name was looked at */
  Known: 1,
  /** debugging information, as GNU ld decides it: --strip-debug drops it */
  Debug: 2,
  /** .gnu.linkonce.*: the COMDAT groups of old compilers */
  LinkOnce: 4,
  /** .gnu.warning.NAME: a text for those who refer to NAME */
  Warning: 8,
} as const

const debugPrefixes = ['.debug', '.zdebug', '.gnu.debuglto_.debug_', '.gnu.linkonce.wi.', '.line', '.stab'] as const

/** Bits of NameKind for a section name id. */
export function nameKind(loading: Loading, name: number): number {
  if (name < loading.nameKinds.length && loading.nameKinds[name] !== 0) return loading.nameKinds[name]!
  return lookAt(loading, name)
}

function lookAt(loading: Loading, name: number): number {
  if (name >= loading.nameKinds.length) {
    const larger = new Uint8Array(Math.max(name + 1, loading.nameKinds.length * 2))
    larger.set(loading.nameKinds)
    loading.nameKinds = larger
  }
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
  loading.nameKinds[name] = kind
  return kind
}
