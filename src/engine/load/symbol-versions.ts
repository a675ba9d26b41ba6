/**
 * `name@VERSION` and `name@@VERSION` in objects (.symver).
 *
 * A definition of `f@@V` is also the definition of `f` and of `f@V`: references by any of the three names mean it. In the
 * tables the other two are names of their own with the same definition, marked so that .symtab shows one of them.
 */
import type { NameTable } from '../../base/name-table.ts'

/** The other names of `f@@V`: `f` and `f@V`. Empty for any other name. */
export function otherVersionedNames(names: NameTable, id: number): readonly string[] {
  const bytes = names.bytesOf(id)
  const start = names.offsetOf(id)
  const end = start + names.lengths[id]!
  const at = bytes.indexOf(0x40, start)
  if (at < 0 || at + 1 >= end || bytes[at + 1] !== 0x40) return []
  const full = names.text(id)
  const plain = full.slice(0, at - start)
  return [plain, `${plain}@${full.slice(at - start + 2)}`]
}
