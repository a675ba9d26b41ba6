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
  // Nearly all names are .text.* and .rodata.*: the second letter rules them out.
  const second = length > 1 ? bytes[at + 1] : 0
  if (second === 0x64 || second === 0x7a || second === 0x67 || second === 0x6c || second === 0x73) {
    const text = names.text(name)
    if (text === '.gdb_index' || debugPrefixes.some(prefix => text.startsWith(prefix))) kind |= NameKind.Debug
    if (text.startsWith('.gnu.linkonce.')) kind |= NameKind.LinkOnce
    if (text.startsWith('.gnu.warning.')) kind |= NameKind.Warning
  }
  loading.nameKinds[name] = kind
  return kind
}
