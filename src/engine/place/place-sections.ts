/**
 * Order: which input sections make up which output section, and in which order those stand.
 *
 * Every statement is an output section of its own, also when several have one name; ADDR and its like mean the first.
 * Inside a rule the order is that of sort-sections.ts; what no rule claims is placed by orphans.ts.
 */
import type { Report } from '../../diag/report.ts'
import { type InputOrder, type JoinedInputs, placeRows } from '../../kernels/place.ts'
import type { LayoutPlan, OutputSectionPlan } from '../../plan/plan.ts'
import { Content, contentOf, SectionType } from '../layout/content-flags.ts'
import {
  Claim,
  type Contents,
  type Live,
  Mark,
  type Matches,
  type PlacedOutput,
  type PlacedStatement,
  type Placement,
} from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState, SymbolFlag, SymbolState } from '../records/tables.ts'
import { OrphanPlacer } from './orphans.ts'
import { contentChange, Drafts, type Drafts as DraftsType, emptyOutput, OutputDraft } from './output-drafts.ts'
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
  const matches: Matches = { ...claimed, marks: keptSections(program, claimed, request) }
  const { claims, orphans } = sortByRule(program, matches, live, contents)
  const joined = joinedInputs(program, drafts, matches.marks)
  addStatements(drafts, program, matches, claims, joined, request)
  addStartAddresses(drafts, request)
  addOrphans(drafts, program, matches, orphans, request, report)
  protectText(drafts, request)
  return finish(drafts, program, matches)
}

/** What the sections of a rule become part of, and those that no rule claims. */
interface SortedInputs {
  /** section ids by plan id of the rule, in link order */
  readonly claims: Map<number, Int32Array>
  /** section ids in link order */
  readonly orphans: Int32Array
}

/**
 * All sections that may have content, in link order. Sections that the linker makes stand behind those of the first
 * object, as GNU ld attaches them to it. Those that stayed empty take part: they have a place, with its alignment.
 */
function sortByRule(program: Program, matches: Matches, live: Live, contents: Contents): SortedInputs {
  const { sections, compute } = program
  const { memory, kernels } = compute
  const { rule, rules, idOf } = numberRules(program, matches)
  const order: InputOrder = {
    live,
    kind: contents.kind,
    state: sections.state,
    size: contents.size,
    rule,
    ids: memory.int32(sections.count),
    count: memory.int32(1),
    slots: memory.int32(rules + 1),
    sorted: memory.int32(sections.count),
  }
  eachRange(program, (first, end) => {
    for (let id = first; id < end; id += placeRows) kernels.listInputs(order, id, Math.min(id + placeRows, end))
  })
  const { ids, slots, sorted } = order
  const count = order.count[0]!
  const starts = new Int32Array(rules + 2)
  for (let slot = 0; slot <= rules; slot++) {
    starts[slot + 1] = starts[slot]! + slots[slot]!
    slots[slot] = starts[slot]!
  }
  for (let i = 0; i < count; i += placeRows) kernels.sortInputs(order, i, Math.min(i + placeRows, count))
  const claims = new Map<number, Int32Array>()
  for (let number = 0; number < rules; number++) {
    const first = starts[number + 1]!
    const end = starts[number + 2]!
    if (end > first) claims.set(idOf(number), sorted.subarray(first, end))
  }
  if (matches.further !== undefined) addFurther(matches.further, claims, ids.subarray(0, count))
  return { claims, orphans: sorted.subarray(0, starts[1]!) }
}

/** Numbers below `rules` for rules; `rule` is Matches.rule with them. */
interface NumberedRules {
  readonly rule: Int32Array
  readonly rules: number
  /** plan id of a rule */
  idOf(number: number): number
}

/** Plan ids are numbers already where they are small; in a plan from outside they may be any. */
function numberRules({ plan }: Program, { rule }: Matches): NumberedRules {
  const ids: number[] = []
  let largest = -1
  for (const statement of plan.statements) {
    if (statement.kind !== 'output-section') continue
    for (const item of statement.items) {
      if (item.kind !== 'input') continue
      ids.push(item.id)
      if (item.id > largest) largest = item.id
    }
  }
  if (largest < 65_536 + ids.length * 16) return { rule, rules: largest + 1, idOf: number => number }
  const numbers = new Map(ids.map((id, number) => [id, number]))
  const numbered = rule.map(id => (id < 0 ? id : (numbers.get(id) ?? Claim.Discarded)))
  return { rule: numbered, rules: ids.length, idOf: number => ids[number]! }
}

/** Ranges of section ids in link order. */
function eachRange({ files }: Program, use: (first: number, end: number) => void): void {
  let first = 0
  let end = 0
  const add = (file: InputFile): void => {
    if (file.firstSection !== end) {
      use(first, end)
      first = file.firstSection
    }
    end = file.firstSection + file.sectionCount
  }
  const linker = files.findIndex(file => file.kind === 'linker')
  let pending = linker
  for (let index = 0; index < files.length; index++) {
    if (index === linker) continue
    add(files[index]!)
    if (pending >= 0 && files[index]!.kind === 'object') {
      add(files[pending]!)
      pending = -1
    }
  }
  if (pending >= 0) add(files[pending]!)
  use(first, end)
}

function joinedInputs({ sections, compute }: Program, { debugging }: DraftsType, marks: Uint8Array): JoinedInputs {
  const { type, flags, state, align, entsize, name } = sections
  const content = compute.memory.int32(1)
  const largest = compute.memory.uint32(1)
  return { type, flags, state, align, entsize, name, marks, debugging, content, largest }
}

/** What KEEP speaks of and, where garbage is collected, what the entry and -u stand in: its output section is kept empty. */
function keptSections(program: Program, matches: Matches, request: LinkRequest): Uint8Array {
  if (!request.gcSections) return matches.marks
  const { symbols, entrySymbol, compute } = program
  const marks = compute.memory.uint8(matches.marks.length)
  marks.set(matches.marks)
  for (let id = 0; id < symbols.names.count; id++) {
    if (id !== entrySymbol && (symbols.flags[id]! & SymbolFlag.Required) === 0) continue
    const section = symbols.section[id]!
    if (symbols.state[id] === SymbolState.Defined && section >= 0) marks[section]! |= Mark.Keep
  }
  return marks
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
  joined: JoinedInputs,
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
    addItems(drafts, draft, statement, program, matches, claims, joined, request)
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
  joined: JoinedInputs,
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
    addInputs(drafts, draft, ids, joined)
    draft.items.push({ kind: 'inputs', rule: item.id, ids })
  }
}

/** Lets input sections change the flags, type and alignment of their output section. */
function addInputs(drafts: DraftsType, draft: OutputDraft, ids: Int32Array, joined: JoinedInputs): void {
  const { joinInputs } = drafts.program.compute.kernels
  const { content, largest, marks } = joined
  const { cleared, added } = contentChange(draft.plan)
  for (let i = 0; i < ids.length; ) {
    // The first one decides more than flags, and one with a name that is new is looked at by itself.
    drafts.addInput(draft, ids[i]!, (marks[ids[i]!]! & Mark.Keep) !== 0)
    i++
    content[0] = draft.content
    largest[0] = draft.align
    for (let end = i; i === end && end < ids.length; ) {
      end = Math.min(end + placeRows, ids.length)
      i = joinInputs(joined, ids, i, end, draft.entsize, cleared, added)
    }
    draft.content = content[0]!
    draft.align = largest[0]!
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
  orphans: Int32Array,
  request: LinkRequest,
  report: Report,
): void {
  const { sections, sectionNames } = program
  const placer = new OrphanPlacer(drafts, request, report)
  const found = new Map<OutputDraft, number[]>()
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
    drafts.addInput(draft, id, (matches.marks[id]! & Mark.Keep) !== 0)
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

function finish(drafts: DraftsType, program: Program, { marks }: Matches): Placement {
  const sequence: PlacedStatement[] = []
  const outputs: PlacedOutput[] = []
  const { memory, kernels } = program.compute
  const outputOf = memory.int32(program.sections.count).fill(-1)
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
    for (const item of draft.items) {
      if (item.kind !== 'inputs') continue
      const { ids } = item
      for (let i = 0; i < ids.length; i += placeRows)
        kernels.noteOutput(outputOf, ids, i, Math.min(i + placeRows, ids.length), draft.index)
    }
  }
  const headerOrder: number[] = []
  for (let draft = drafts.headerFirst; draft !== undefined; draft = draft.headerNext) headerOrder.push(draft.index)
  return { sequence, outputs, headerOrder, outputOf, marks }
}
