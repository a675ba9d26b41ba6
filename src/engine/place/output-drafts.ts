/**
 * Output sections while they are being put together: the flags that grow with each input, and the two orders that
 * orphans are inserted into. The order of statements decides addresses; the order of creation decides the section
 * header table. GNU ld keeps both as linked lists, so do we: a script may leave 100,000 sections without a rule.
 */

import { SHT_LOPROC } from '../../elf/constants.ts'
import { Debugging } from '../../kernels/place.ts'
import { visitExpression } from '../../plan/expression.ts'
import type { AssertStatement, AssignStatement, Expression, OutputSectionPlan, SectionItem } from '../../plan/plan.ts'
import { Content, contentOfSection, SectionFlag, SectionType, typeByName } from '../layout/content-flags.ts'
import type { PlacedItem } from '../records/placement.ts'
import type { Program } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'

/**
 * A top-level statement in the list that decides addresses: a statement or an output section, be it one that takes no part.
 */
export interface StatementNode {
  readonly statement?: AssignStatement | AssertStatement
  readonly output?: OutputDraft
  next: StatementNode | undefined
}

export class OutputDraft {
  readonly name: string
  readonly constraint: string
  /** undefined: orphan */
  because: OutputSectionPlan | undefined
  plan: OutputSectionPlan
  fixedAddress: bigint | undefined
  readonly items: PlacedItem[] = []
  created = false
  /** created by what says nothing of its kind */
  isBlank = false
  /** its constraint does not hold */
  dropped = false
  /** /DISCARD/: only a place in both orders, where orphans stop */
  discards = false
  content = 0
  /** content that GNU ld assumes for a well-known name while the section has none */
  assumed = 0
  type = 0
  specificFlags = 0
  entsize = 0
  align = 1
  firstInput = -1
  /** next output section in script order */
  next: OutputDraft | undefined
  previous: OutputDraft | undefined
  /** neighbours in header order */
  headerNext: OutputDraft | undefined
  headerPrevious: OutputDraft | undefined
  node: StatementNode | undefined
  index = -1

  constructor(name: string, plan: OutputSectionPlan, because: OutputSectionPlan | undefined) {
    this.name = name
    this.plan = plan
    this.because = because
    this.constraint = plan.constraint ?? ''
  }
}

/** All drafts with their orders. `head` stands for what GNU ld calls *ABS*: it is in front of everything. */
export class Drafts {
  readonly program: Program
  readonly head: OutputDraft
  readonly firstNode: StatementNode
  lastNode: StatementNode
  last: OutputDraft
  headerFirst: OutputDraft | undefined
  headerLast: OutputDraft | undefined
  private readonly byName = new Map<string, OutputDraft[]>()
  /** by name id, a value of Debugging: is it one of debugging sections? */
  readonly debugging: Uint8Array

  constructor(program: Program) {
    this.program = program
    this.debugging = program.compute.memory.uint8(program.sectionNames.count)
    this.head = new OutputDraft('*ABS*', emptyOutput('*ABS*'), undefined)
    this.last = this.head
    this.firstNode = { output: this.head, next: undefined }
    this.head.node = this.firstNode
    this.lastNode = this.firstNode
  }

  /** First output section of the name, in script order. */
  find(name: string): OutputDraft | undefined {
    return this.byName.get(name)?.[0]
  }

  all(name: string): readonly OutputDraft[] {
    return this.byName.get(name) ?? []
  }

  register(draft: OutputDraft): void {
    const list = this.byName.get(draft.name)
    if (list === undefined) this.byName.set(draft.name, [draft])
    else list.push(draft)
  }

  /** Puts a statement at the end. */
  append(node: StatementNode): void {
    this.lastNode.next = node
    this.lastNode = node
    const draft = node.output
    if (draft === undefined) return
    draft.node = node
    draft.previous = this.last
    this.last.next = draft
    this.last = draft
  }

  /** Puts a new output section behind `after` in script order, its statement behind `where`. */
  insert(draft: OutputDraft, after: OutputDraft, where: StatementNode): void {
    const node: StatementNode = { output: draft, next: where.next }
    where.next = node
    if (this.lastNode === where) this.lastNode = node
    draft.node = node
    draft.previous = after
    draft.next = after.next
    if (after.next !== undefined) after.next.previous = draft
    else this.last = draft
    after.next = draft
  }

  /** Gives the draft a place at the end of the header order. */
  /** @param isTyped what stands there first takes over the type of the output section; FILL does not */
  create(draft: OutputDraft, content: number, isTyped = true): void {
    if (draft.created) return
    draft.created = true
    const type = draft.plan.type?.kind
    draft.isBlank = content === 0 && (!isTyped || (type !== 'noload' && type !== 'readonly'))
    draft.content = isTyped && type === 'readonly' ? content | Content.ReadOnly : content
    draft.type = typeByName(draft.name)
    this.headerInsertAfter(draft, this.headerLast)
    this.createMentioned(draft.plan.address)
    this.createMentioned(draft.plan.loadAddress)
  }

  /** An output section that ADDR or LOADADDR speaks of exists from then on, even when nothing is in it. */
  createMentioned(expression: Expression | undefined): void {
    if (expression === undefined) return
    visitExpression(expression, e => {
      if (e.op !== 'addr' && e.op !== 'loadaddr') return
      const draft = this.find(e.section)
      if (draft !== undefined) this.create(draft, 0)
    })
  }

  headerRemove(draft: OutputDraft): void {
    const { headerNext: next, headerPrevious: previous } = draft
    if (previous === undefined) this.headerFirst = next
    else previous.headerNext = next
    if (next === undefined) this.headerLast = previous
    else next.headerPrevious = previous
    draft.headerNext = undefined
    draft.headerPrevious = undefined
  }

  /** `after` undefined: at the front. */
  headerInsertAfter(draft: OutputDraft, after: OutputDraft | undefined): void {
    const next = after === undefined ? this.headerFirst : after.headerNext
    draft.headerPrevious = after
    draft.headerNext = next
    if (after === undefined) this.headerFirst = draft
    else after.headerNext = draft
    if (next === undefined) this.headerLast = draft
    else next.headerPrevious = draft
  }

  contentOf(section: number): number {
    const { sections, sectionNames } = this.program
    if ((sections.flags[section]! & SectionFlag.Alloc) === 0) {
      const name = sections.name[section]!
      let known = this.debugging[name]!
      if (known === Debugging.Unknown) {
        const isDebugging = (contentOfSection(sections, sectionNames, section) & Content.Debugging) !== 0
        known = this.debugging[name] = isDebugging ? Debugging.Yes : Debugging.No
      }
      const type = sections.type[section]!
      const plain = (type === SectionType.NoBits ? 0 : Content.Contents) | plainBits(sections.flags[section]!)
      return known === Debugging.Yes ? plain | Content.Debugging : plain
    }
    return contentOfSection(sections, sectionNames, section)
  }

  /** Lets an input section change the flags, type and alignment of its output section. */
  addInput(draft: OutputDraft, section: number, keep: boolean): void {
    const { sections } = this.program
    let bits = this.contentOf(section)
    if (keep) bits |= Content.Keep
    const change = contentChange(draft.plan)
    const isHidden = draft.plan.extra?.unallocated === true
    bits = (bits & ~change.cleared) | change.added
    this.create(draft, bits & ~Content.Keep)
    draft.content &= bits | ~Content.ReadOnly
    let added = bits
    if (draft.firstInput >= 0) {
      added &= ~Content.ReadOnly
      const merge = Content.Merge | Content.Strings
      if (
        (draft.content & merge) !== (added & merge) ||
        ((added & Content.Merge) !== 0 && draft.entsize !== sections.entsize[section]!)
      ) {
        draft.content &= ~merge
        added &= ~merge
      }
    }
    draft.content |= added
    if (draft.firstInput < 0) {
      draft.firstInput = section
      if (draft.type === SectionType.ProgBits || draft.type === SectionType.Note || draft.type === SectionType.NoBits)
        draft.type = 0
      const own = this.contentOf(section)
      // The linker knows better than the name what it puts there.
      if (draft.type !== 0 && (sections.state[section]! & SectionState.Synthetic) !== 0)
        draft.type = sections.type[section]!
      if (draft.type === 0 && (isHidden || ((draft.content ^ own) & ~Content.Keep) === 0))
        draft.type = this.typeOf(section)
      draft.specificFlags = sections.flags[section]! & SectionFlag.Specific
      draft.entsize = sections.entsize[section]!
    }
    const align = sections.align[section]!
    if (align > draft.align) draft.align = align
  }

  /** sh_type of an input as placing sees it: commons have none, sections that the linker makes that of their name. */
  typeOf(section: number): number {
    const { sections, sectionNames } = this.program
    const state = sections.state[section]!
    if ((state & SectionState.Common) !== 0) return 0
    const type = sections.type[section]!
    // Types of one processor stand for sections that replace those of the inputs.
    if ((state & SectionState.Synthetic) === 0 || type >= SHT_LOPROC) return type
    return typeByName(sectionNames.text(sections.name[section]!))
  }

  /** Lets a statement inside an output section change its flags. */
  addItem(draft: OutputDraft, item: Exclude<SectionItem, { readonly kind: 'input' }>): void {
    // What is not data creates the section without flags; data alone makes one that is read-only.
    switch (item.kind) {
      case 'data':
      case 'string': {
        if (item.kind === 'data') this.createMentioned(item.value)
        const bits = dataContent(draft.plan)
        if (!draft.created) this.create(draft, bits | Content.ReadOnly)
        else draft.content |= bits
        return
      }
      case 'assign':
      case 'assert':
        this.create(draft, 0)
        this.createMentioned(item.value)
        return
      case 'fill':
      case 'object-symbols':
        this.create(draft, 0, false)
        return
      default:
    }
  }
}

/** Bits of Content that the type of an output section takes from its inputs, and gives them. */
export function contentChange(plan: OutputSectionPlan): { readonly cleared: number; readonly added: number } {
  // @not_allocated hides that a section is loaded: whatever the input says, it takes part.
  const hidden = plan.extra?.unallocated === true ? Content.Alloc | Content.Load | Content.ReadOnly : 0
  switch (plan.type?.kind) {
    case 'dsect':
    case 'copy':
    case 'info':
    case 'overlay':
      return { cleared: Content.Alloc, added: hidden }
    case 'readonly':
      return { cleared: 0, added: Content.ReadOnly | hidden }
    case 'noload':
      return { cleared: Content.Load | Content.Contents, added: Content.NeverLoad | hidden }
    default:
      return { cleared: 0, added: hidden }
  }
}

function plainBits(flags: number): number {
  let bits = 0
  if ((flags & SectionFlag.Write) === 0) bits |= Content.ReadOnly
  if ((flags & SectionFlag.Execute) !== 0) bits |= Content.Code
  if ((flags & SectionFlag.Merge) !== 0) bits |= Content.Merge
  if ((flags & SectionFlag.Strings) !== 0) bits |= Content.Strings
  return bits
}

/** Flags that BYTE and its like give: bytes that are loaded, unless the section's type says otherwise. */
function dataContent(plan: OutputSectionPlan): number {
  switch (plan.type?.kind) {
    case 'dsect':
    case 'copy':
    case 'info':
    case 'overlay':
      return Content.Contents
    case 'noload':
      return Content.NeverLoad | Content.Alloc
    default:
      return Content.Contents | Content.Alloc | Content.Load
  }
}

/** A statement for an output section that no script wrote. */
export function emptyOutput(name: string): OutputSectionPlan {
  return { kind: 'output-section', id: -1, span: { file: '', start: 0, end: 0, line: 0, column: 0 }, name, items: [] }
}
