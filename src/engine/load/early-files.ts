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

/** What a file says of a name: the offset in its section of a definition, or what else it is. */
type Said = number | 'common' | 'wanted'

interface NamedFile {
  readonly name: string
  /** where the script names it, bytes from the start of `script` */
  readonly script: string
  readonly start: number
}

export class EarlyFiles {
  private readonly loading: Loading
  /** files not reached so far */
  private named: readonly NamedFile[]
  /** by symbol id: what the files say that were reached */
  private readonly said = new Map<number, Said>()

  /** @param plan whose files are read while its statements are carried out; undefined: none */
  constructor(loading: Loading, plan: LayoutPlan | undefined) {
    this.loading = loading
    this.named = plan === undefined ? [] : filesNamed(plan)
  }

  /** Reads the files that the script names in front of a statement, as far as they are not loaded. */
  reach({ file, start }: AssignStatement['span']): void {
    if (this.named.length === 0) return
    const isReached = (each: NamedFile): boolean => each.script === file && each.start < start
    const reached = this.named.filter(isReached)
    if (reached.length === 0) return
    this.named = this.named.filter(each => !isReached(each))
    for (const { name } of reached) if (!this.loading.files.some(each => each.name === name)) this.read(name)
  }

  /** What the files read so far make of a name. */
  stateOf(id: number): 'defined' | 'wanted' | undefined {
    const said = this.said.get(id)
    return said === undefined || said === 'wanted' ? said : 'defined'
  }

  /** Where in its section a file read so far defines the symbol. */
  valueOf(id: number): bigint | undefined {
    const said = this.said.get(id)
    return typeof said === 'number' ? BigInt(said) : undefined
  }

  /** The script has given a value to a name: when the file is loaded for good, its definition stands behind it. */
  redefine(id: number): void {
    if (this.stateOf(id) === 'defined') this.loading.redefined.add(id)
  }

  /** Nothing comes of a file that cannot be read: that is reported when it is loaded. */
  private read(path: string): void {
    const { early, host, symbols } = this.loading
    const bytes = host.read(path)
    if (isFailure(bytes) || detectKind(bytes) !== 'elf') return
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    forEachGlobal(view, 0, bytes.length, (name, limit, section, value) => {
      const id = symbols.names.internText(textAt(bytes, name, limit))
      symbols.grow()
      const known = this.stateOf(id)
      if (section === SHN_UNDEF) {
        if (known === undefined) this.said.set(id, 'wanted')
      } else if (known !== 'defined') {
        this.said.set(id, section === SHN_COMMON ? 'common' : value)
        early.delete(id)
      }
    })
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
