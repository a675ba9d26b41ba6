/**
 * Files that a script names in front of a PROVIDE.
 *
 * GNU ld goes through the statements of a script in order while it loads: INPUT and a pattern without wildcards
 * (`main.o(.text)`) load their file there and then, also one of the command line. A PROVIDE behind it finds what the file
 * defines and gives way; a PROVIDE in front of it, of a name that is wanted already, does not.
 */
import { isFailure } from '../../host.ts'
import { forEachDefined } from '../../input/defined-symbols.ts'
import { detectKind } from '../../input/detect.ts'
import type { AssignStatement, LayoutPlan } from '../../plan/plan.ts'
import type { Loading } from './loading.ts'

interface NamedFile {
  readonly name: string
  /** where the script names it, bytes from the start of `script` */
  readonly script: string
  readonly start: number
}

/** True when a file that the script names in front of the statement defines the statement's name. */
export function definedInFront(loading: Loading, statement: AssignStatement): boolean {
  const { file, start } = statement.span
  return filesNamed(loading.plan).some(
    each => each.script === file && each.start < start && defines(loading, each.name, statement.symbol),
  )
}

function filesNamed(plan: LayoutPlan): readonly NamedFile[] {
  const named: NamedFile[] = []
  const add = (name: string, { file, start }: AssignStatement['span']): void => {
    named.push({ name, script: file, start })
  }
  for (const input of plan.inputs) if (input.kind === 'file') add(input.name, input.span)
  for (const statement of plan.statements) {
    if (statement.kind !== 'output-section') continue
    for (const item of statement.items)
      if (item.kind === 'input' && item.file.literal && item.file.archive === undefined && item.file.pattern !== '')
        add(item.file.pattern, item.file.span)
  }
  return named
}

/** A file that cannot be read is reported when it is loaded. */
function defines(loading: Loading, path: string, symbol: string): boolean {
  const bytes = loading.host.read(path)
  if (isFailure(bytes) || detectKind(bytes) !== 'elf') return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let found = false
  forEachDefined(view, 0, bytes.length, (name, limit) => {
    found ||= isName(bytes, name, limit, symbol)
  })
  return found
}

function isName(bytes: Uint8Array, at: number, limit: number, name: string): boolean {
  const end = at + name.length
  if (end >= limit || bytes[end] !== 0) return false
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name.charCodeAt(i)) return false
  return true
}
