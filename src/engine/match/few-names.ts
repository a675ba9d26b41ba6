/** As NameRules, for a link with so few names that looking through them costs less than tables of all patterns. */
import { matchesText } from '../../base/glob.ts'
import type { NameTable } from '../../base/name-table.ts'
import type { Compute } from '../../kernels/compute.ts'
import type { NameIndex, NameKinds } from './name-rules.ts'
import type { RuleUnit } from './rules.ts'

/** names that are few */
export const fewNames = 96

export class FewNames implements NameIndex {
  /** by name id */
  private readonly found: number[][] = []

  /** @param numbers units of the list, ascending */
  constructor(units: readonly RuleUnit[], numbers: readonly number[], names: NameTable) {
    const { found } = this
    const ids = new Map<string, number>()
    for (let id = 0; id < names.count; id++) {
      ids.set(names.text(id), id)
      found.push([])
    }
    const texts = [...ids.keys()].sort()
    const listed = texts.map(text => found[ids.get(text)!]!)
    for (let i = 0; i < numbers.length; i++) {
      const index = numbers[i]!
      const { glob } = units[index]!
      if (glob?.literal) {
        const id = ids.get(glob.pattern)
        if (id !== undefined) found[id]!.push(index)
      } else if (glob?.prefixOnly) {
        const { prefix } = glob
        for (let at = firstNotBelow(texts, prefix); at < texts.length && texts[at]!.startsWith(prefix); at++)
          listed[at]!.push(index)
      } else {
        for (let at = 0; at < texts.length; at++)
          if (glob === undefined || matchesText(glob, texts[at]!)) listed[at]!.push(index)
      }
    }
  }

  candidates(name: number): readonly number[] {
    return this.found[name]!
  }

  /** Every name is of a kind of its own. */
  kinds({ memory }: Compute): NameKinds {
    const { found } = this
    const kindOf = memory.int32(found.length)
    for (let name = 0; name < found.length; name++) kindOf[name] = name + 1
    const count = found.length + 1
    return { kindOf, count, used: new Uint8Array(count).fill(1), candidates: kind => found[kind - 1]! }
  }
}

/** Index of the first of the sorted texts that is not less. */
function firstNotBelow(texts: readonly string[], text: string): number {
  let low = 0
  let high = texts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (texts[middle]! < text) low = middle + 1
    else high = middle
  }
  return low
}
