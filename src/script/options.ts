/** What the compile step is told from outside. */
import type { LayoutPlan } from '../plan/plan.ts'

/** One thing on the command line that speaks the script language, in order. */
export type ScriptPiece =
  /** a -T script; `text` is Latin-1 decoded */
  | { readonly kind: 'script'; readonly name: string; readonly text: string }
  /** --defsym */
  | { readonly kind: 'defsym'; readonly text: string }

/** Facts that conditions of a script can ask for. */
export interface TargetFacts {
  readonly arch: string
  readonly os: string
  readonly bits: 32 | 64
  readonly endian: 'little' | 'big'
  readonly output: 'exec' | 'pie' | 'shared' | 'relocatable' | 'binary'
  readonly dynamic: boolean
  readonly strip: 'none' | 'debug' | 'all'
  /** --build-id asks for a note */
  readonly buildId?: boolean
}

/** The parser, given from outside so that compiling a link without scripts loads none. */
export type ScriptParsers = Pick<
  typeof import('../../grammar/index.ts'),
  'parseScript' | 'parseVersionScript' | 'parseDynamicList' | 'parseDefinition'
>

export interface CompileOptions {
  /** the default layout: used when no script replaces it, as the base of INSERT */
  readonly base?: LayoutPlan
  /** -L, in order */
  readonly searchPaths: readonly string[]
  /** -D */
  readonly defines: ReadonlyMap<string, string>
  readonly facts: TargetFacts
  readonly sysroot?: string
  /** scripts that come with the program (Latin-1), by name: included where there is no such file */
  readonly builtIn?: Readonly<Record<string, string>>
  /** --strict-gnu: `@` statements are errors */
  readonly strictGnu?: boolean
  readonly parse: ScriptParsers
}
