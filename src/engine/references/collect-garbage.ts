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
import { garbageBatch, type NamedRecord } from '../../kernels/garbage.ts'
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
  if (request.startStopGc) return keeps
  const byName = new Map<number, number[]>()
  for (const { symbol, kind, section } of program.linkerSymbols) {
    const name = section === undefined ? -1 : program.sectionNames.findText(section)
    if (name < 0 || (kind !== 'start' && kind !== 'stop')) continue
    let sections = byName.get(name)
    if (sections === undefined) byName.set(name, (sections = []))
    keeps.set(symbol, sections)
  }
  if (byName.size > 0) listNamed(program, content, byName)
  return keeps
}

/** Fills the lists of sections by id of their name. */
function listNamed({ sections, sectionNames, compute }: Program, content: Live, byName: Map<number, number[]>): void {
  const { memory, kernels } = compute
  const { name, count: sectionCount } = sections
  const wanted = memory.uint8(sectionNames.count)
  for (const id of byName.keys()) wanted[id] = 1
  const found = memory.int32(sectionCount)
  const count = memory.int32(1)
  const record: NamedRecord = { name, content, wanted, found, count }
  for (let id = 0; id < sectionCount; id += garbageBatch)
    kernels.listNamed(record, id, Math.min(sectionCount, id + garbageBatch))
  for (const id of found.subarray(0, count[0])) byName.get(name[id]!)!.push(id)
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
