/** Local symbols of what the linker makes itself: veneers, and marks that say which kind of code stands where. */
import { type DynamicNeeds, hasPrefix, stubOffset } from '../records/needs.ts'
import type { Layout } from '../records/placement.ts'
import type { SymbolSelection } from './symbol-selection.ts'

export interface MadeSymbol {
  readonly name: string
  /** STT_ */
  readonly type: number
  /** id of a section of the linker */
  readonly section: number
  /** bytes from its start; what is more than a place (the bit of Thumb code) is in it too */
  readonly value: number
  readonly size: number
}

/** The selection with these symbols behind the locals of the inputs. */
export function withMadeSymbols(
  selection: SymbolSelection | undefined,
  symbols: readonly MadeSymbol[],
  layout: Layout,
): SymbolSelection | undefined {
  const made = symbols.filter(({ section }) => layout.outputOf[section]! >= 0)
  if (selection === undefined || made.length === 0) return selection
  return {
    ...selection,
    made,
    count: selection.count + made.length,
    firstGlobal: selection.firstGlobal + made.length,
    stringSize: selection.stringSize + made.reduce((sum, { name }) => sum + name.length + 1, 0),
  }
}

/** Marks in .plt, where the architecture has such. */
export function stubMarks(needs: DynamicNeeds | undefined, section: number): MadeSymbol[] {
  const marks = needs?.plt.marks
  if (needs === undefined || marks === undefined || needs.stubs.length === 0) return []
  const mark = (name: string, value: number): MadeSymbol => ({ name, type: 0, section, value, size: 0 })
  const made = marks.header.map(([offset, name]) => mark(name, offset))
  needs.stubs.forEach((_, i) => {
    const at = stubOffset(needs, i)
    const isPrefixed = needs.plt.prefix !== undefined && hasPrefix(needs, i)
    if (isPrefixed) made.push(mark(marks.prefix, at - needs.plt.prefix.size))
    if (isPrefixed || i === 0) made.push(mark(marks.entry, at))
  })
  return made
}
