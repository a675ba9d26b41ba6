/**
 * Files that a script names in front of a PROVIDE.
 *
 * GNU ld goes through the statements of a script in order while it loads: INPUT and a pattern without wildcards
 * (`main.o(.text)`) load their file there and then, also one of the command line. A PROVIDE behind it finds what the file
 * defines, and gives way, or what the file wants, and applies for good.
 */
import { SHN_COMMON, SHN_UNDEF } from '../../elf/constants.ts'
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
  /** global symbols by name, by path: offset in the section of the definition */
  private readonly symbols = new Map<string, ReadonlyMap<string, number | 'common' | 'wanted'>>()

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
      const found = this.symbolsOf(each.name).get(statement.symbol)
      if (found === 'wanted') state = 'wanted'
      else if (found !== undefined) return 'defined'
    }
    return state
  }

  /** Where in its section a file that the script names in front of the statement defines the symbol. */
  valueOf({ span }: AssignStatement, symbol: string): bigint | undefined {
    for (const each of this.named) {
      if (each.script !== span.file || each.start >= span.start) continue
      const found = this.symbolsOf(each.name).get(symbol)
      if (typeof found === 'number') return BigInt(found)
    }
    return undefined
  }

  /** None of a file that cannot be read: that is reported when it is loaded. */
  private symbolsOf(path: string): ReadonlyMap<string, number | 'common' | 'wanted'> {
    const known = this.symbols.get(path)
    if (known !== undefined) return known
    const found = new Map<string, number | 'common' | 'wanted'>()
    this.symbols.set(path, found)
    const bytes = this.loading.host.read(path)
    if (isFailure(bytes) || detectKind(bytes) !== 'elf') return found
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    forEachGlobal(view, 0, bytes.length, (name, limit, section, value) => {
      const state = section === SHN_UNDEF ? 'wanted' : section === SHN_COMMON ? 'common' : value
      found.set(textAt(bytes, name, limit), state)
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
