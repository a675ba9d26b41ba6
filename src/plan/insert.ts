/**
 * INSERT AFTER and INSERT BEFORE.
 *
 * In GNU ld all statements from the start of everything read so far up to the INSERT command move, symbol assignments
 * too. The place behind a section is not directly behind it: symbol assignments that follow a section usually belong to
 * it (`_edata = .;`), while an assignment to the location counter usually begins what comes next. So the block goes in
 * front of the next output section, or in front of the last run of statements that begins with `. =`, whichever is first.
 */
import { insertAnchorMissing } from '../diag/catalogue/script-compile.ts'
import { inScript } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import type { Insertion, Statement } from './plan.ts'

/**
 * Moves blocks to their anchors.
 *
 * @param statements the scripts' statements in front, the plan they are inserted into behind
 * @param insertions in script order, counts rising
 */
export function applyInsertions(
  statements: readonly Statement[],
  insertions: readonly Insertion[],
  report: Report,
): readonly Statement[] {
  let list = [...statements]
  let moved = 0
  // Blocks that found their place at the very front stay out of the following ones.
  let front = 0
  for (const insertion of insertions) {
    const end = front + insertion.count - moved
    const block = list.slice(front, end)
    const rest = [...list.slice(0, front), ...list.slice(end)]
    const place = findPlace(rest, insertion)
    if (place === undefined) {
      report.add(insertAnchorMissing({ section: insertion.section }), inScript(insertion.span))
      return list
    }
    list = [...rest.slice(0, place), ...block, ...rest.slice(place)]
    if (place <= front) front += block.length
    moved = insertion.count
  }
  return list
}

function findPlace(statements: readonly Statement[], insertion: Insertion): number | undefined {
  const anchor = statements.findIndex(s => s.kind === 'output-section' && s.name === insertion.section)
  if (anchor < 0) return undefined
  if (insertion.position === 'after') return placeBehind(statements, anchor, false)
  let before = anchor - 1
  while (before >= 0 && statements[before].kind !== 'output-section') before--
  return placeBehind(statements, before, before < 0)
}

/** `start` -1: from the beginning, where the first `. =` sets the address of the whole image and is passed over. */
function placeBehind(statements: readonly Statement[], start: number, passFirst: boolean): number {
  let pass = passFirst
  let dotAssignment: number | undefined
  for (let i = start + 1; i < statements.length; i++) {
    const statement = statements[i]
    if (statement.kind === 'output-section') return dotAssignment ?? i
    if (statement.kind === 'assign' && statement.symbol === '.' && dotAssignment === undefined) {
      if (!pass) dotAssignment = i
      pass = false
    }
  }
  return statements.length
}
