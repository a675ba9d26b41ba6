/**
 * Which input sections are in the output.
 *
 * Without --gc-sections: all content that did not lose its group and is not discarded. With it: what can be reached from
 * the roots through relocations, as GNU ld marks it. Three kinds of section are no ordinary nodes of that graph:
 *
 * - .eh_frame refers to every function. Its entries hang on their functions instead: a live function keeps the personality
 *   routine and exception table that its entry names; .eh_frame itself is always there and loses dead entries later.
 * - Debug information refers to everything and is referred to by nothing: it stays when its file has something live.
 * - Groups and SHF_LINK_ORDER: a live member keeps its group, a live section keeps those that describe it.
 */
import { sectionRemoved } from '../../diag/catalogue/garbage.ts'
import type { Report } from '../../diag/report.ts'
import { claimRows } from '../../kernels/match.ts'
import { exportedByName } from '../dynamic/bind.ts'
import { isDynamic } from '../dynamic/declare.ts'
import type { Live, Matches } from '../records/placement.ts'
import { fileLabel, type Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { Reachable } from './mark-reachable.ts'

/** 1 for each section that is in the output. */
export function collectGarbage(program: Program, matches: Matches, request: LinkRequest, report: Report): Live {
  const { memory, kernels } = program.compute
  const { state, count } = program.sections
  const live = memory.uint8(count)
  for (let id = 0; id < count; id += claimRows)
    kernels.markContent(state, matches.rule, live, id, Math.min(id + claimRows, count))
  if (!request.gcSections) return live
  const reachable = new Reachable(program, matches, live, symbolKeeps(program, live, request), report)
  reachable.markRoots()
  markRootSymbols(program, request, reachable)
  reachable.drain()
  reachable.keepSpecials()
  if (request.printGcSections) print(program, live, reachable.marked, report)
  return reachable.marked
}

/** By symbol id: sections that keep it meaningful, those of __start_NAME. */
function symbolKeeps(program: Program, content: Live, request: LinkRequest): ReadonlyMap<number, readonly number[]> {
  const keeps = new Map<number, readonly number[]>()
  for (const { symbol, kind, section } of program.linkerSymbols) {
    if (section === undefined || request.startStopGc) continue
    if (kind === 'start' || kind === 'stop') keeps.set(symbol, sectionsNamed(program, content, section))
  }
  return keeps
}

function sectionsNamed({ sections, sectionNames }: Program, content: Live, name: string): number[] {
  const found: number[] = []
  const id = sectionNames.findText(name)
  if (id < 0) return found
  for (let section = 0; section < sections.count; section++)
    if (sections.name[section] === id && content[section] === 1) found.push(section)
  return found
}

function markRootSymbols(program: Program, request: LinkRequest, reachable: Reachable): void {
  const { symbols } = program
  const isShown = request.kind === 'shared' || request.exportDynamic || request.gcKeepExported
  const isListed = isDynamic(program, request) ? exportedByName(request) : undefined
  for (let id = 0; id < symbols.names.count; id++) {
    const flags = symbols.flags[id]!
    const state = symbols.state[id]!
    if (state !== SymbolState.Defined && state !== SymbolState.Script) continue
    const visible = (symbols.other[id]! & 3) === 0 || (symbols.other[id]! & 3) === 3
    if ((flags & SymbolFlag.Required) !== 0) reachable.markSymbol(id)
    else if ((flags & (SymbolFlag.Exported | SymbolFlag.SharedReference)) !== 0 && visible) reachable.markSymbol(id)
    else if (isShown && visible && (flags & SymbolFlag.ForcedLocal) === 0) reachable.markSymbol(id)
    else if (isListed?.(symbols.name(id)) === true && visible && (flags & SymbolFlag.ForcedLocal) === 0)
      reachable.markSymbol(id)
  }
  if (program.entrySymbol >= 0) reachable.markSymbol(program.entrySymbol)
}

function print(program: Program, content: Live, marked: Live, report: Report): void {
  const { sections, sectionNames, files } = program
  for (let id = 0; id < marked.length; id++) {
    if (marked[id] === 1 || content[id] !== 1 || sections.size[id] === 0) continue
    const section = sectionNames.text(sections.name[id]!)
    report.add(sectionRemoved({ section, file: fileLabel(files[sections.file[id]!]!) }))
  }
}
