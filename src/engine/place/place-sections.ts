/**
 * Order: which input sections make up which output section, and in which order those stand.
 *
 * Every statement is an output section of its own, also when several have one name; ADDR and its like mean the first.
 * Inside a rule the order is that of sort-sections.ts; what no rule claims is placed by orphans.ts.
 */
import type { Report } from '../../diag/report.ts'
import type { LayoutPlan, OutputSectionPlan } from '../../plan/plan.ts'
import { Content, contentOf, SectionType } from '../layout/content-flags.ts'
import {
  Claim,
  ContentKind,
  type Contents,
  type Live,
  type Matches,
  type PlacedOutput,
  type PlacedStatement,
  type Placement,
} from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState, SymbolFlag, SymbolState } from '../records/tables.ts'
import { OrphanPlacer } from './orphans.ts'
import { Drafts, type Drafts as DraftsType, emptyOutput, OutputDraft } from './output-drafts.ts'
import { sortClaims } from './sort-sections.ts'

/** Puts every live section into an output section. Addresses come later, in layout/fixpoint.ts. */
export function placeSections(
  program: Program,
  claimed: Matches,
  live: Live,
  contents: Contents,
  request: LinkRequest,
  report: Report,
): Placement {
  const drafts = new Drafts(program)
  const matches: Matches = { ...claimed, keep: keptSections(program, claimed, request) }
  const order = inputOrder(program, live, contents)
  const claims = claimsByRule(program, matches, order)
  addStatements(drafts, program, matches, claims, request)
  addStartAddresses(drafts, request)
  addOrphans(drafts, program, matches, order, request, report)
  protectText(drafts, request)
  return finish(drafts, program)
}

/**
 * Ids of all sections that may have content, in link order. Sections that the linker makes stand behind those of the
 * first object, as GNU ld attaches them to it. Those that stayed empty take part: they have a place, with its alignment.
 */
function inputOrder(program: Program, live: Live, contents: Contents): Int32Array {
  const { files, sections } = program
  const ids = new Int32Array(sections.count)
  let count = 0
  const addFile = (index: number): void => {
    const { firstSection, sectionCount } = files[index]!
    for (let id = firstSection; id < firstSection + sectionCount; id++) {
      if (live[id] !== 1) continue
      const kind = contents.kind[id]
      // What was edited away, or stands in another merged section, takes neither room nor alignment.
      if (kind === ContentKind.None && (sections.state[id]! & SectionState.Synthetic) === 0) continue
      if ((kind === ContentKind.Merged || kind === ContentKind.EhFrame) && contents.size[id] === 0) continue
      ids[count++] = id
    }
  }
  const linker = files.findIndex(file => file.kind === 'linker')
  let pending = linker
  for (let index = 0; index < files.length; index++) {
    if (index === linker) continue
    addFile(index)
    if (pending >= 0 && files[index]!.kind === 'object') {
      addFile(pending)
      pending = -1
    }
  }
  if (pending >= 0) addFile(pending)
  return ids.subarray(0, count)
}

/** What KEEP speaks of and, where garbage is collected, what the entry and -u stand in: its output section is kept empty. */
function keptSections(program: Program, matches: Matches, request: LinkRequest): Uint8Array {
  if (!request.gcSections) return matches.keep
  const keep = matches.keep.slice()
  const { symbols, entrySymbol } = program
  for (let id = 0; id < symbols.names.count; id++) {
    if (id !== entrySymbol && (symbols.flags[id]! & SymbolFlag.Required) === 0) continue
    const section = symbols.section[id]!
    if (symbols.state[id] === SymbolState.Defined && section >= 0) keep[section] = 1
  }
  return keep
}

/** Section ids of each rule, by plan id of the rule, in input order. */
function claimsByRule(program: Program, matches: Matches, order: Int32Array): Map<number, Int32Array> {
  let largest = -1
  for (const statement of program.plan.statements)
    if (statement.kind === 'output-section') for (const item of statement.items) largest = Math.max(largest, item.id)
  const counts = new Int32Array(largest + 2)
  for (let i = 0; i < order.length; i++) {
    const rule = matches.rule[order[i]!]!
    if (rule >= 0) counts[rule + 1] = counts[rule + 1]! + 1
  }
  for (let rule = 0; rule <= largest; rule++) counts[rule + 1] = counts[rule + 1]! + counts[rule]!
  const starts = counts.slice()
  const ids = new Int32Array(counts[largest + 1] ?? 0)
  for (let i = 0; i < order.length; i++) {
    const id = order[i]!
    const rule = matches.rule[id]!
    if (rule >= 0) {
      ids[starts[rule]!] = id
      starts[rule] = starts[rule]! + 1
    }
  }
  const claims = new Map<number, Int32Array>()
  for (let rule = 0; rule <= largest; rule++)
    if (counts[rule + 1]! > counts[rule]!) claims.set(rule, ids.subarray(counts[rule]!, counts[rule + 1]!))
  if (matches.further !== undefined) addFurther(matches.further, claims, order)
  return claims
}

/** --enable-non-contiguous-regions: each rule gets all it may have to take; layout/fit-regions.ts decides. */
function addFurther(
  further: NonNullable<Matches['further']>,
  claims: Map<number, Int32Array>,
  order: Int32Array,
): void {
  const position = new Map<number, number>()
  order.forEach((id, i) => {
    position.set(id, i)
  })
  for (const [rule, { ids }] of further) {
    const live = ids.filter(id => position.has(id))
    if (live.length === 0) continue
    const all = [...(claims.get(rule) ?? []), ...live]
    claims.set(rule, Int32Array.from(all.sort((a, b) => position.get(a)! - position.get(b)!)))
  }
}

function addStatements(
  drafts: DraftsType,
  program: Program,
  matches: Matches,
  claims: ReadonlyMap<number, Int32Array>,
  request: LinkRequest,
): void {
  // All statements stand before the first is carried out: an expression creates sections further down.
  const added: { readonly draft?: OutputDraft; readonly statement: LayoutPlan['statements'][number] }[] = []
  for (const statement of program.plan.statements) {
    if (statement.kind !== 'output-section') {
      drafts.append({ statement, next: undefined })
      added.push({ statement })
      continue
    }
    if (matches.dropped.has(statement.id)) {
      const draft = new OutputDraft(statement.name, statement, statement)
      draft.dropped = true
      for (const item of statement.items) if (item.kind !== 'input') draft.items.push(item)
      drafts.append({ output: draft, next: undefined })
      continue
    }
    if (statement.name === '/DISCARD/') {
      const draft = new OutputDraft(statement.name, statement, statement)
      draft.discards = true
      drafts.append({ output: draft, next: undefined })
      continue
    }
    const draft = new OutputDraft(statement.name, statement, statement)
    drafts.register(draft)
    drafts.append({ output: draft, next: undefined })
    added.push({ draft, statement })
  }
  for (const { draft, statement } of added) {
    if (statement.kind === 'assign' || statement.kind === 'assert') drafts.createMentioned(statement.value)
    if (statement.kind !== 'output-section' || draft === undefined) continue
    addItems(drafts, draft, statement, program, matches, claims, request)
    keepEmpty(drafts, draft)
  }
}

/** @always: the section exists without contents, and is of the kind that the plan says. */
function keepEmpty(drafts: DraftsType, draft: OutputDraft): void {
  const { extra } = draft.plan
  // One that is kept for the sake of another is there already if anything may be put in it.
  if (extra?.keepEmpty !== true && extra?.keepEmptyWith === undefined) return
  drafts.create(draft, 0)
  if (draft.firstInput < 0 && extra.flags !== undefined)
    draft.content |= contentOf(extra.type ?? SectionType.ProgBits, extra.flags)
}

function addItems(
  drafts: DraftsType,
  draft: OutputDraft,
  statement: OutputSectionPlan,
  program: Program,
  matches: Matches,
  claims: ReadonlyMap<number, Int32Array>,
  request: LinkRequest,
): void {
  for (const item of statement.items) {
    if (item.kind !== 'input') {
      drafts.addItem(draft, item)
      draft.items.push(item)
      continue
    }
    const ids = claims.get(item.id)
    if (ids === undefined) continue
    sortClaims(program, request, item, ids, patternsOf(matches, item.id))
    for (let i = 0; i < ids.length; i++) drafts.addInput(draft, ids[i]!, matches.keep[ids[i]!] === 1)
    draft.items.push({ kind: 'inputs', rule: item.id, ids })
  }
}

/** Matches.pattern as a rule sees it: what comes from rules before it was matched there by another pattern. */
function patternsOf({ pattern, further }: Matches, rule: number): Uint16Array {
  const added = further?.get(rule)
  if (added === undefined) return pattern
  const own = pattern.slice()
  added.ids.forEach((id, i) => {
    own[id] = added.patterns[i]!
  })
  return own
}

/** --section-start, -Ttext and its like: the section exists, at that address, whether the script speaks of it or not. */
function addStartAddresses(drafts: DraftsType, request: LinkRequest): void {
  for (const [name, address] of request.sectionStarts) {
    let draft = drafts.find(name)
    if (draft === undefined) {
      draft = new OutputDraft(name, emptyOutput(name), undefined)
      drafts.register(draft)
      drafts.append({ output: draft, next: undefined })
    }
    draft.fixedAddress = address
    drafts.create(draft, 0)
  }
}

function addOrphans(
  drafts: DraftsType,
  program: Program,
  matches: Matches,
  order: Int32Array,
  request: LinkRequest,
  report: Report,
): void {
  const { sections, sectionNames } = program
  const placer = new OrphanPlacer(drafts, request, report)
  const found = new Map<OutputDraft, number[]>()
  const orphans = order.filter(id => matches.rule[id] === Claim.Orphan)
  const repeated = repeatedNames(program, orphans)
  let commonHome: OutputDraft | undefined
  for (let i = 0; i < orphans.length; i++) {
    const id = orphans[i]!
    const name = sectionNames.text(sections.name[id]!)
    let draft: OutputDraft | undefined
    if ((sections.state[id]! & SectionState.Common) !== 0) {
      commonHome ??= homeOfCommons(drafts)
      draft = commonHome
    } else draft = placer.place(id, name, repeated.has(id) ? siblingContent(drafts, program, orphans, i) : -1)
    if (draft === undefined) continue
    drafts.addInput(draft, id, matches.keep[id] === 1)
    const list = found.get(draft)
    if (list === undefined) found.set(draft, [id])
    else list.push(id)
  }
  for (const [draft, ids] of found) draft.items.push({ kind: 'inputs', rule: Claim.Orphan, ids: Int32Array.from(ids) })
}

/** Commons that no rule claims go where the first rule stands that speaks of commons of any file, else to .bss. */
function homeOfCommons(drafts: DraftsType): OutputDraft {
  for (let node = drafts.firstNode.next; node !== undefined; node = node.next) {
    if (node.output === undefined || node.output.dropped || node.output.discards) continue
    const speaks = node.output.because?.items.some(
      item => item.kind === 'input' && item.sections.some(({ pattern }) => pattern === 'COMMON'),
    )
    if (speaks === true) return node.output
  }
  const known = drafts.find('.bss')
  if (known !== undefined) return known
  const made = new OutputDraft('.bss', emptyOutput('.bss'), undefined)
  drafts.register(made)
  drafts.append({ output: made, next: undefined })
  return made
}

/** Orphans whose name comes again in their file. */
function repeatedNames(program: Program, orphans: Int32Array): ReadonlySet<number> {
  const { sections } = program
  const lastOfName = new Map<number, number>()
  const repeated = new Set<number>()
  for (let i = 0; i < orphans.length; i++) {
    const id = orphans[i]!
    const before = lastOfName.get(sections.name[id]!)
    if (before !== undefined && sections.file[before] === sections.file[id]) repeated.add(before)
    lastOfName.set(sections.name[id]!, id)
  }
  return repeated
}

/** Content bits common to the later orphans of the same file and name (they end up in the same output section). */
function siblingContent(drafts: DraftsType, program: Program, orphans: Int32Array, from: number): number {
  const { sections } = program
  const id = orphans[from]!
  let bits = -1
  for (let i = from + 1; i < orphans.length && sections.file[orphans[i]!] === sections.file[id]; i++)
    if (sections.name[orphans[i]!] === sections.name[id] && sections.type[orphans[i]!] === sections.type[id])
      bits &= drafts.contentOf(orphans[i]!)
  return bits
}

/** GNU ld shows .text as read-only whatever went into it, and as writable with -N. */
function protectText(drafts: DraftsType, request: LinkRequest): void {
  const text = drafts.find('.text')
  if (text === undefined || !text.created) return
  if (request.magic === 'omagic') text.content &= ~Content.ReadOnly
  else text.content |= Content.ReadOnly
}

function finish(drafts: DraftsType, program: Program): Placement {
  const sequence: PlacedStatement[] = []
  const outputs: PlacedOutput[] = []
  const outputOf = new Int32Array(program.sections.count).fill(-1)
  for (let node = drafts.firstNode.next; node !== undefined; node = node.next) {
    if (node.statement !== undefined) {
      sequence.push(node.statement)
      continue
    }
    const draft = node.output
    if (draft === undefined || draft.discards) continue
    draft.index = outputs.length
    sequence.push({ kind: 'output', index: draft.index })
    outputs.push(draft)
    for (const item of draft.items)
      if (item.kind === 'inputs') for (let i = 0; i < item.ids.length; i++) outputOf[item.ids[i]!] = draft.index
  }
  const headerOrder: number[] = []
  for (let draft = drafts.headerFirst; draft !== undefined; draft = draft.headerNext) headerOrder.push(draft.index)
  return { sequence, outputs, headerOrder, outputOf }
}
