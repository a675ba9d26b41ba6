/**
 * Files that a script names in front of a PROVIDE.
 *
 * GNU ld goes through the statements of a script in order while it loads: INPUT and a pattern without wildcards
 * (`main.o(.text)`) load their file there and then, also one of the command line. A PROVIDE behind it finds what the file
 * defines, and gives way, or what the file wants, and applies for good.
 */
import { SHN_UNDEF } from '../../elf/constants.ts'
import { isFailure } from '../../host.ts'
import { forEachGlobal } from '../../input/defined-symbols.ts'
import { detectKind } from '../../input/detect.ts'
import type { AssignStatement, LayoutPlan } from '../../plan/plan.ts'
import type { Loading } from './loading.ts'

export type EarlyState = 'defined' | 'wanted' | undefined

interface NamedFile {
  readonly name: string
  /** where the script names it, bytes from the start of `script` */
  readonly script: string
  readonly start: number
}

export class EarlyFiles {
  private readonly loading: Loading
  private readonly named: readonly NamedFile[]
  /** global symbols by name, by path; true: defined */
  private readonly symbols = new Map<string, ReadonlyMap<string, boolean>>()

  constructor(loading: Loading) {
    this.loading = loading
    this.named = filesNamed(loading.plan)
  }

  /** What the files that the script names in front of the statement make of its name. */
  stateOf(statement: AssignStatement): EarlyState {
    const { file, start } = statement.span
    let state: EarlyState
    for (const each of this.named) {
      if (each.script !== file || each.start >= start) continue
      const isDefined = this.symbolsOf(each.name).get(statement.symbol)
      if (isDefined === true) return 'defined'
      if (isDefined === false) state = 'wanted'
    }
    return state
  }

  /** None of a file that cannot be read: that is reported when it is loaded. */
  private symbolsOf(path: string): ReadonlyMap<string, boolean> {
    const known = this.symbols.get(path)
    if (known !== undefined) return known
    const found = new Map<string, boolean>()
    this.symbols.set(path, found)
    const bytes = this.loading.host.read(path)
    if (isFailure(bytes) || detectKind(bytes) !== 'elf') return found
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    forEachGlobal(view, 0, bytes.length, (name, limit, section) => {
      found.set(textAt(bytes, name, limit), section !== SHN_UNDEF)
    })
    return found
  }
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

/** The name at `at`, one character a byte. */
function textAt(bytes: Uint8Array, at: number, limit: number): string {
  let text = ''
  for (let i = at; i < limit && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]!)
  return text
}
