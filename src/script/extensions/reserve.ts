/**
 * @reserve size { sections }: an area of fixed size in front of the first contents of a segment, with headers growing
 * from its start and sections packed against its end.
 *
 * The sections are listed from the lowest address to the highest. Where each begins depends on the sizes of those behind
 * it, so each gets an address: the end of the area, minus its own size and those behind, rounded down to its ALIGN. The
 * start of the area is the address that the location counter was set to just before; an expression of it is repeated in
 * each address, because the location counter itself moves on. An ASSERT says when headers and sections do not fit.
 *
 * With the word `padded` a section is as much longer as its start was rounded down: no bytes between it and the next one.
 */
import type { ExtensionStatement } from '../../../grammar/ast.ts'
import { reserveNeedsStart } from '../../diag/catalogue/script-compile.ts'
import { foldConstant, namesUsed } from '../../plan/expression.ts'
import type { BinaryOperator, Expression, OutputSectionPlan, Statement } from '../../plan/plan.ts'
import { numberExpression } from '../compilation.ts'
import { showSize } from '../scope.ts'
import { Arguments } from './arguments.ts'
import { setDot } from './segments.ts'
import { type ExtensionRows, type Site, sectionsOf } from './site.ts'

export const reserveRows: ExtensionRows = {
  reserve: { places: ['sections'], lower: lowerReserve },
}

function lowerReserve(statement: ExtensionStatement, site: Site): void {
  const c = site.compilation
  const place = sectionsOf(site)
  const { span } = statement
  const list = new Arguments(statement, site)
  const size = list.expression('the size of the area')
  const isPadded = list.keyword('padded')
  list.finish('padded')
  const start = startOfArea(place.sink)
  if (start === undefined) {
    c.add(reserveNeedsStart({}), span)
    return
  }
  if (size === undefined) return
  if (statement.block?.kind !== 'block') {
    list.fail('a block of sections')
    return
  }
  const inner: Statement[] = []
  c.levels.sections(statement.block.statements, { ...place, sink: inner }, site.scope)
  const binary = (operator: BinaryOperator, left: Expression, right: Expression): Expression => ({
    op: 'binary',
    operator,
    left,
    right,
    span,
  })
  const end = binary('+', start, size)
  let top = end
  const packed = inner.toReversed().map((each): Statement => {
    if (each.kind !== 'output-section') return each
    const past = isPadded && each.align !== undefined ? binary('%', top, each.align) : undefined
    const below = binary('-', top, { op: 'sizeof', section: each.name, span: each.span })
    const alignment = each.align && foldConstant(each.align)
    if (alignment === undefined || alignment <= 1n || past !== undefined) top = below
    else top = binary('&', below, numberExpression(-alignment, each.span))
    const placed = withAddress(each, top)
    return past === undefined ? placed : { ...placed, extra: { ...placed.extra, endPad: past } }
  })
  place.sink.push(...packed.toReversed(), setDot(end, statement, c))
  const bytes = foldConstant(size)
  place.sink.push({
    kind: 'assert',
    id: c.nextId(),
    span,
    value: binary('>=', top, binary('+', start, { op: 'sizeof-headers', span })),
    message: `the headers and the sections behind them do not fit into the reserved ${bytes === undefined ? 'area' : showSize(bytes)}`,
  })
}

/** Its ALIGN is in the address by now. */
function withAddress(section: OutputSectionPlan, address: Expression): OutputSectionPlan {
  return { ...section, address }
}

/** The last value of the location counter, when nothing has been placed since and it does not depend on itself. */
function startOfArea(sink: readonly Statement[]): Expression | undefined {
  const last = sink.findLast(s => s.kind === 'output-section' || (s.kind === 'assign' && s.symbol === '.'))
  if (last?.kind !== 'assign' || last.operator !== '=') return undefined
  return namesUsed(last.value).dot ? undefined : last.value
}
