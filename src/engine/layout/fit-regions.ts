/**
 * --enable-non-contiguous-regions: from a placement in which every rule has all that it may have to take, to one in which
 * each section stands once, in the first output section whose region has room for it.
 *
 * Where there is room depends on addresses, so the layout is computed once for this alone (region-fit.ts listens), and
 * everything behind works with the result as with any other placement. A section that fits nowhere stays in the last
 * output section that matches it, whose region then overflows.
 */
import { Report } from '../../diag/report.ts'
import type { Contents, PlacedItem, Placement } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { Content } from './content-flags.ts'
import { solveLayout } from './fixpoint.ts'
import { RegionFit } from './region-fit.ts'

/** Changes nothing it is given. */
export function fitRegions(program: Program, spread: Placement, contents: Contents, request: LinkRequest): Placement {
  const fit = new RegionFit(program, contents.size)
  // What is wrong with this layout is said of the one that is made from the result.
  solveLayout(program, spread, contents, request, new Report(), fit)
  const outputOf = new Int32Array(program.sections.count).fill(-1)
  const eachInput = (use: (output: number, item: number, ids: Int32Array) => void): void => {
    for (const output of spread.outputs)
      output.items.forEach((item, i) => {
        if (item.kind === 'inputs') use(output.index, i, item.ids)
      })
  }
  eachInput((output, item, ids) => {
    for (const id of fit.remaining(output, item, ids)) outputOf[id] = output
  })
  /** by id of a section that fits nowhere: the last output section with it */
  const homeless = new Map<number, number>()
  eachInput((output, _item, ids) => {
    for (const id of ids) if (outputOf[id]! < 0) homeless.set(id, output)
  })
  for (const [id, output] of homeless) outputOf[id] = output
  const outputs = spread.outputs.map(output => ({
    ...output,
    // GNU ld keeps what was not empty while sections looked for a place.
    content: fit.occupied.has(output.index) ? output.content | Content.Keep : output.content,
    items: output.items.flatMap((item, i): PlacedItem[] => {
      if (item.kind !== 'inputs') return [item]
      const left = new Set(fit.remaining(output.index, i, item.ids))
      const ids = item.ids.filter(id => left.has(id) || homeless.get(id) === output.index)
      return ids.length === 0 ? [] : [{ ...item, ids }]
    }),
  }))
  return { ...spread, outputs, outputOf }
}
