/**
 * From script text to the layout plan.
 *
 * Scripts are read in command-line order into one draft, as GNU ld reads several -T. Where an INSERT turns a script into
 * an addition, or where there is no script, the default layout follows behind. What comes out is plain data: includes,
 * aliases, overlays, conditions and INSERT are gone by then.
 */
import type { Statement as Syntax } from '../../grammar/ast.ts'
import type { Span, SyntaxProblem } from '../../grammar/span.ts'
import { definitionMalformed, languageVersionUnknown, parameterUnknown } from '../diag/catalogue/script-compile.ts'
import type { Report } from '../diag/report.ts'
import type { Host } from '../host.ts'
import { lastId, mergeInFront } from '../plan/merge.ts'
import { emptyPlan, type LayoutPlan, type MemoryRegion, type VersionNode } from '../plan/plan.ts'
import { lowerAssignment } from './assignments.ts'
import { lowerScript } from './commands.ts'
import { Compilation, present } from './compilation.ts'
import { latin1, parse } from './includes.ts'
import { nearestName } from './nearest.ts'
import type { CompileOptions, ScriptPiece } from './options.ts'
import type { Levels } from './places.ts'
import { evaluateNumber } from './plan-time.ts'
import { Scope } from './scope.ts'
import { lowerBody } from './section-body.ts'
import { lowerSections } from './sections.ts'
import { attachMembers } from './segment-members.ts'
import { dynamicListNode, lowerVersions } from './versions.ts'

export type { CompileOptions, ScriptParsers, ScriptPiece, TargetFacts } from './options.ts'

/**
 * The plan of all scripts and --defsym of a command line. Mistakes are in `report`; the plan is then incomplete.
 *
 * @example
 * compileScripts([{ kind: 'script', name: 'a.ld', text: 'SECTIONS { .text : { *(.text) } }' }], options, host, report)
 */
export function compileScripts(
  pieces: readonly ScriptPiece[],
  options: CompileOptions,
  host: Host,
  report: Report,
): LayoutPlan {
  const base = options.base ?? emptyPlan
  const c = new Compilation(options, host, report, lastId(base), levels)
  // GNU ld keeps one script as "the" script: each -T takes the place of the one before, an INSERT gives it back.
  let replacing: ScriptPiece | undefined
  for (const piece of pieces) {
    if (piece.kind === 'defsym') {
      lowerDefinition(piece.text, c)
      continue
    }
    const before = replacing
    const insertions = c.draft.insertions.length
    replacing = piece
    readScript(piece.name, piece.text, c)
    if (c.draft.insertions.length > insertions) replacing = before
  }
  checkDefines(pieces, c)
  const plan = finish(c)
  // INSERT looks for its anchor in whatever follows, so it is carried out even where nothing does.
  return mergeInFront(plan, replacing === undefined ? base : emptyPlan, report)
}

/**
 * A script among the inputs (libc.so): a fragment for `mergeFragment`. Undefined after an error.
 *
 * @param bytes whole content of the file
 */
export function compileImplicitScript(
  name: string,
  bytes: Uint8Array,
  options: CompileOptions,
  host: Host,
  report: Report,
): LayoutPlan | undefined {
  const errors = report.errors
  const c = new Compilation(options, host, report, 0, levels)
  readScript(name, latin1(bytes), c)
  return report.errors > errors ? undefined : finish(c)
}

/** The text of --version-script as nodes. Mistakes are in `report`. */
export function parseVersions(
  text: string,
  name: string,
  options: CompileOptions,
  host: Host,
  report: Report,
): readonly VersionNode[] {
  const c = new Compilation(options, host, report, 0, levels)
  const { tree, problems } = options.parse.parseVersionScript(text, name)
  addProblems(problems, report)
  c.open.push({ name, canonical: host.canonical?.(name) ?? name })
  lowerVersions(tree.nodes, new Scope(), c)
  return c.draft.versions
}

/** The text of --dynamic-list, --export-dynamic-symbol-list: one node without a name for each list. */
export function parseDynamicLists(
  text: string,
  name: string,
  options: CompileOptions,
  host: Host,
  report: Report,
): readonly VersionNode[] {
  const c = new Compilation(options, host, report, 0, levels)
  const { tree, problems } = options.parse.parseDynamicList(text, name)
  addProblems(problems, report)
  return tree.map(list => dynamicListNode(list, new Scope(), c))
}

const levels = (c: Compilation): Levels => ({
  sections: (statements, place, scope) => lowerSections(statements, place, scope, c),
  body: (statements, body, scope) => lowerBody(statements, body, scope, c),
})

function addProblems(problems: readonly SyntaxProblem[], report: Report): void {
  for (const { code, severity, message, span, fix } of problems)
    report.add({ code, severity, message }, { kind: 'script', span }, [], fix)
}

function readScript(name: string, text: string, c: Compilation): void {
  c.open.push({ name, canonical: c.host.canonical?.(name) ?? name })
  const { statements } = parse(text, name, 'top', c)
  const scope = new Scope()
  lowerScript(behindVersion(statements, scope, c), scope, c)
  c.open.pop()
}

/** Checks and takes off `@tsld 1;`. That it is missing is said by the parser. */
function behindVersion(statements: readonly Syntax[], scope: Scope, c: Compilation): readonly Syntax[] {
  const [first, ...rest] = statements
  if (first?.kind !== 'tsld') return statements
  const version = evaluateNumber(first.version, scope, c, 'the language version')
  if (version !== undefined && version !== 1n)
    c.add(languageVersionUnknown({ version: String(version) }), first.version.span)
  return rest
}

/** --defsym name=expression: an assignment with the place of the option. */
function lowerDefinition(text: string, c: Compilation): void {
  const file = `--defsym ${text}`
  const { tree, problems } = c.options.parse.parseDefinition(text, file)
  if (tree === undefined || problems.some(problem => problem.severity === 'error')) {
    c.report.add(definitionMalformed({ text }), { kind: 'option', text: file })
    return
  }
  const span: Span = { ...tree.span, file }
  c.draft.statements.push({ ...lowerAssignment(tree, new Scope(), c), span, option: true })
}

function checkDefines(pieces: readonly ScriptPiece[], c: Compilation): void {
  if (!pieces.some(piece => piece.kind === 'script')) return
  for (const [name, value] of c.options.defines)
    if (!c.parameters.has(name))
      c.report.add(parameterUnknown({ name, nearest: nearestName(name, c.parameters) }), {
        kind: 'option',
        text: `-D ${name}=${value}`,
      })
}

function finish(c: Compilation): LayoutPlan {
  const { draft } = c
  const regions = draft.regions.map(({ declared: _, ...region }): MemoryRegion => region)
  return present({
    version: 1,
    sources: draft.sources,
    target: draft.target,
    inputs: draft.inputs,
    regions,
    segments: draft.segments,
    statements: attachMembers(draft.statements, draft.segmentMembers),
    symbols: { required: draft.required, versions: draft.versions },
    noCrossReferences: draft.noCrossReferences,
    features: draft.features,
    file: Object.keys(draft.file).length === 0 ? undefined : draft.file,
    dynamic: Object.keys(draft.dynamic).length === 0 ? undefined : draft.dynamic,
    insertions: draft.insertions.length === 0 ? undefined : draft.insertions,
  } satisfies LayoutPlan)
}
