/** Which layout plan a link gets: compiled from -T scripts, read from JSON, or a default layout compiled ahead. */
import { type LayoutFacts, type LayoutRow, layoutNamed, layoutRows, ownDefault } from '../../layouts/catalog.ts'
import { layoutTexts, storedLayouts } from '../../layouts/compiled.generated.ts'
import { noLayoutForTarget, unknownLayout } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import type { Host } from '../host.ts'
import { type CompileOptions, compileImplicitScript, compileScripts, type ScriptPiece } from '../language.ts'
import { type LayoutPlan, looksLikePlan, planFromJson, type VersionPattern } from '../tsld.ts'
import type { CalledAs } from './called-as.ts'
import type { CommandLine } from './command-line.ts'
import { layoutPlan, servingRow } from './default-layout.ts'
import { linkArchitecture, linkSystem } from './link-architecture.ts'
import { nearest } from './nearest.ts'
import { settleKeywords } from './options/keywords.ts'
import { type NamedText, type PieceText, readPieces } from './read-pieces.ts'
import { targetFacts } from './target-facts.ts'
import { versionLine } from './version.ts'
import { addLists } from './version-lists.ts'
import { wholeScript } from './whole-script.ts'

export interface ChosenPlan {
  readonly plan: LayoutPlan
  /** -z words that hold before the command line's */
  readonly keywords: readonly string[]
  /** of --dynamic-list */
  readonly exportSymbols: readonly string[]
  readonly exportPatterns: readonly VersionPattern[]
  /** turns an input that is a script into a plan fragment */
  readonly compileImplicit: (name: string, bytes: Uint8Array) => LayoutPlan | undefined
  /** the scripts in use, as --verbose prints them */
  readonly verboseText: () => string
}

/** Words that hold when the layout is a script of the user's: those of the system linker. */
const scriptKeywords = ['relro', 'separate-code']

/** Undefined after an error, which is reported. */
export function choosePlan(line: CommandLine, called: CalledAs, host: Host, report: Report): ChosenPlan | undefined {
  const pieces = readPieces(line, host, report)
  const row = chooseRow(line, called, report)
  if (pieces === undefined || row === undefined) return undefined
  const scripts = pieces.filter((piece): piece is NamedText => piece.kind === 'script')
  const json = scripts.find(piece => looksLikePlan(piece.text))
  const architecture = linkArchitecture(line, host) ?? 'amd64'
  const rowKeywords = row.keywordsOf?.[architecture] ?? row.keywords
  const keywords = scripts.length > 0 ? (layoutNamed('gnu')?.keywordsOf?.[architecture] ?? scriptKeywords) : rowKeywords
  const facts = factsOf(line, architecture, keywords)
  const options: CompileOptions = {
    searchPaths: line.searchPaths,
    sysroot: line.sysroot,
    defines: line.parameters,
    facts: targetFacts(facts, line.strip),
    builtIn: layoutTexts,
  }
  // A script that replaces the layout is asked for none, so it may be for a system that no layout knows; one with INSERT
  // has to find something.
  const serving = (each: LayoutRow | undefined): boolean => each !== undefined && serves(servingRow(each, facts), facts)
  const basisRow = scripts.length === 0 || serving(row) ? row : layoutNamed('gnu')
  // The values of -D are for the script; the layout behind it has other parameters.
  const basisLine = scripts.length > 0 ? { ...line, parameters: new Map<string, string>() } : line
  const base = (): LayoutPlan | undefined =>
    json === undefined
      ? defaultPlan(basisLine, basisRow ?? row, facts, report)
      : planFromJson(json.text, json.name, report)
  const fromScripts = scripts.length > 0 && json === undefined
  const plan =
    fromScripts && !serving(basisRow)
      ? compileScripts(languageOf(pieces, true), options, host, report)
      : planOf(pieces, fromScripts, base, options, host, report)
  if (plan === undefined || report.failed) return undefined
  const lists = addLists(plan, pieces, options, host, report)
  if (report.failed) return undefined
  return {
    ...lists,
    keywords,
    compileImplicit: (name, bytes) => compileImplicitScript(name, bytes, options, host, report),
    verboseText: () => verboseText(scripts.length > 0 ? scripts : layoutScripts(row, facts)),
  }
}

function planOf(
  pieces: readonly PieceText[],
  fromScripts: boolean,
  base: () => LayoutPlan | undefined,
  options: CompileOptions,
  host: Host,
  report: Report,
): LayoutPlan | undefined {
  const language = languageOf(pieces, fromScripts)
  if (language.length === 0) return base()
  // The default layout is needed by --defsym alone and by scripts with INSERT; decoding it takes a millisecond.
  const basis = base()
  return basis === undefined ? undefined : compileScripts(language, { ...options, base: basis }, host, report)
}

function languageOf(pieces: readonly PieceText[], fromScripts: boolean): ScriptPiece[] {
  return pieces.filter(
    (piece): piece is ScriptPiece => piece.kind === 'defsym' || (fromScripts && piece.kind === 'script'),
  )
}

function chooseRow(line: CommandLine, called: CalledAs, report: Report): LayoutRow | undefined {
  const name = line.layout ?? (called.likeLinker ? 'gnu' : ownDefault)
  const row = layoutNamed(name)
  if (row === undefined) {
    const known = layoutRows.map(each => each.name)
    report.add(unknownLayout({ name, known, nearest: nearest(name, known) }), {
      kind: 'option',
      text: `--layout ${name}`,
    })
  }
  return row
}

function factsOf(line: CommandLine, architecture: string, layoutKeywords: readonly string[]): LayoutFacts {
  const words = settleKeywords(layoutKeywords, line.keywords)
  return {
    os: linkSystem(line),
    arch: architecture,
    output: line.kind,
    magic: line.magic,
    separateCode: words.has('separate-code') && !words.has('noseparate-code'),
    bindNow: words.has('now'),
  }
}

function serves(row: LayoutRow | undefined, facts: LayoutFacts): row is LayoutRow {
  return row?.os.includes(facts.os) === true && row.arch.includes(facts.arch)
}

/** The layout without -T. */
function defaultPlan(line: CommandLine, chosen: LayoutRow, facts: LayoutFacts, report: Report): LayoutPlan | undefined {
  const row = servingRow(chosen, facts)
  if (!serves(row, facts)) {
    const target = `${facts.os}-${facts.arch}, ${{ exec: 'executables', pie: '-pie', shared: '-shared', relocatable: '-r' }[facts.output]}`
    const targets = chosen.os.flatMap(os => chosen.arch.map(arch => ({ os, arch })))
    const served = targets.filter(each => servingRow(chosen, { ...facts, ...each, output: 'exec' }) !== undefined)
    const known = served.map(({ os, arch }) => `${os}-${arch}`)
    const others = layoutRows
      .filter(each => serves(servingRow(each, facts), facts))
      .map(each => `--layout ${each.name}`)
    const notes = others.length > 0 ? [{ text: `this has one: ${others.join(', ')}` }] : []
    const place = { kind: 'option', text: `--layout ${chosen.name}` } as const
    report.add(noLayoutForTarget({ layout: chosen.name, target, known }), place, notes)
    return undefined
  }
  return layoutPlan(row, facts, { plans: storedLayouts, texts: layoutTexts }, line.parameters, report)
}

function layoutScripts(chosen: LayoutRow, facts: LayoutFacts): { name: string; text: string }[] {
  const row = servingRow(chosen, facts)
  const name = row?.script(facts)
  if (row === undefined || name === undefined) return []
  const from = { texts: layoutTexts, facts: { os: facts.os, arch: facts.arch } }
  return [{ name, text: wholeScript(name, from, row.parameters(facts)) }]
}

/** As GNU ld prints it: the text between two lines of =, so that it can be cut out and changed. */
function verboseText(scripts: readonly { name: string; text: string }[]): string {
  const rule = '='.repeat(50)
  return scripts
    .map(script => `${versionLine()}\nusing script ${script.name}:\n${rule}\n${script.text}\n${rule}\n`)
    .join('')
}
