/**
 * What a script does while files are read, in the order of its text: GNU ld carries out assignments where they stand, reads
 * the files of INPUT and GROUP where they stand, and so the file that a pattern names without wildcards (`main.o(.text)`).
 */
import type { AssignStatement, InputRequest, LayoutPlan } from '../../plan/plan.ts'
import type { CommandInput, InputState } from '../records/request.ts'

export interface ScriptVisitor {
  /** an assignment to a symbol */
  assign(statement: AssignStatement): void
  /** INPUT, GROUP, SEARCH_DIR */
  request(request: InputRequest): void
  /** a pattern that names a file */
  file(name: string, span: InputRequest['span']): void
}

export function inScriptOrder(plan: LayoutPlan, visitor: ScriptVisitor): void {
  const requests = plan.inputs.filter(each => each.kind !== 'startup')
  let next = 0
  /** The requests in front of a statement of the same script. */
  const requestsBefore = ({ file, start }: InputRequest['span']): void => {
    for (; next < requests.length; next++) {
      const { span } = requests[next]!
      if (span.file !== file || span.start > start) return
      visitor.request(requests[next]!)
    }
  }
  const assign = (statement: AssignStatement): void => {
    if (statement.symbol === '.') return
    if (next < requests.length) requestsBefore(statement.span)
    visitor.assign(statement)
  }
  for (const statement of plan.statements) {
    if (statement.kind === 'assign') assign(statement)
    else if (statement.kind === 'output-section')
      for (const item of statement.items) {
        if (item.kind === 'assign') assign(item)
        else if (item.kind === 'input' && item.file.literal && item.file.archive === undefined) {
          const { pattern, span } = item.file
          if (next < requests.length) requestsBefore(span)
          if (pattern !== '') visitor.file(pattern, span)
        }
      }
  }
  for (; next < requests.length; next++) visitor.request(requests[next]!)
}

/** How the command line gives a file of that name; undefined: it does not. */
export function givenFile(inputs: readonly CommandInput[], name: string): InputState | undefined {
  for (const each of inputs) {
    if (each.kind === 'file' && each.path === name) return each.state
    const inside = each.kind === 'group' ? givenFile(each.members, name) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}
