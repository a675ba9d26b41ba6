/** What a command line says, before scripts are read: everything of a LinkRequest but the plan, and what the CLI does itself. */

import type { Report } from '../diag/report.ts'
import { type CommandInput, defaultInputState, defaultRequest, type InputState, type LinkRequest } from '../tsld.ts'

type Settled = Omit<LinkRequest, 'plan' | 'compileImplicit' | 'inputs'>

/** A script or a piece of one, in command-line order. */
export type CommandPiece =
  | { readonly kind: 'script'; readonly option: string; readonly path: string }
  /** --defsym: `name=expression` */
  | { readonly kind: 'defsym'; readonly text: string }
  | { readonly kind: 'version-script'; readonly option: string; readonly path: string }
  | { readonly kind: 'dynamic-list'; readonly option: string; readonly path: string }

export type MessageFormat = 'text' | 'gnu' | 'json'
export type When = 'auto' | 'always' | 'never'

export interface CommandLine extends Settled {
  readonly inputs: readonly CommandInput[]
  readonly pieces: readonly CommandPiece[]
  /** --layout; undefined: what the name of the command says */
  readonly layout?: string
  readonly operatingSystem?: string
  /** --build-id=none: not even where the layout has one by default */
  readonly noBuildId?: boolean
  readonly architecture?: string
  readonly dialect: string
  /** -D name=value */
  readonly parameters: ReadonlyMap<string, string>
  /** -dT: used when no -T is given */
  readonly defaultScript?: { readonly option: string; readonly path: string }
  /** -nostdlib: SEARCH_DIR of the layout is not used */
  readonly noStandardPaths: boolean
  /** -z words as given, behind the layout's defaults; `no...` undoes */
  readonly keywords: readonly string[]
  /** words of help and version */
  readonly show: ReadonlySet<'help' | 'version' | 'short-version' | 'emulations' | 'output-format' | 'sysroot'>
  readonly mapFile?: string
  readonly printMap: boolean
  readonly mapLocals: boolean
  readonly mapDiscarded: boolean
  readonly crossReference: boolean
  readonly printMemoryUsage: boolean
  readonly dependencyFile?: string
  readonly verbose: boolean
  readonly stats: boolean
  readonly errorLimit: number
  readonly fatalWarnings: boolean
  readonly noWarnings: boolean
  readonly noInhibitExec: boolean
  readonly color: When
  readonly messageFormat: MessageFormat
  readonly demangle: boolean
  /** positional options in force for the next input */
  readonly state: InputState
  readonly savedStates: readonly InputState[]
}

/** What an option's effect may look at besides the command line so far. */
export interface OptionUse {
  /** as written, for messages */
  readonly option: string
  readonly report: Report
  /** inputs so far, in order; options that name an input put it here */
  readonly inputs: InputList
}

/** Inputs in command-line order, with at most one open group. */
export class InputList {
  readonly all: CommandInput[] = []
  private group: CommandInput[] | undefined

  get groupIsOpen(): boolean {
    return this.group !== undefined
  }

  add(input: CommandInput): void {
    const list = this.group ?? this.all
    list.push(input)
  }

  openGroup(): void {
    this.group = []
  }

  closeGroup(): void {
    if (this.group !== undefined) this.all.push({ kind: 'group', members: this.group })
    this.group = undefined
  }
}

/** A command line on which nothing was said yet; the defaults are GNU ld's. */
export const emptyCommandLine: CommandLine = {
  ...defaultRequest,
  inputs: [],
  pieces: [],
  dialect: 'gnu',
  parameters: new Map(),
  noStandardPaths: false,
  keywords: [],
  show: new Set(),
  printMap: false,
  mapLocals: false,
  mapDiscarded: true,
  crossReference: false,
  printMemoryUsage: false,
  verbose: false,
  stats: false,
  errorLimit: 20,
  fatalWarnings: false,
  noWarnings: false,
  noInhibitExec: false,
  color: 'auto',
  messageFormat: 'text',
  demangle: true,
  state: defaultInputState,
  savedStates: [],
}
