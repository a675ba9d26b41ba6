/**
 * Where sections go that no rule claims.
 *
 * The problem: a script lists what its author knew of; compilers add sections. An orphan must land in the right segment
 * and must not disturb what the script computes around it. GNU ld's rule (which scripts rely on):
 *
 * 1. An output section of the same name and compatible kind takes it.
 * 2. Otherwise it becomes an output section of its own. Its kind (code, read-only data, TLS, data, bss, notes,
 *    relocations, unloaded) names a well-known section (.text, .rodata, ...) behind which it goes; without one, behind
 *    the last section with the same flags, else behind the last one of the nearest kind in a fixed scale.
 * 3. Orphans of one kind follow each other. The statements behind the chosen section (`edata = .;`) stay with it up
 *    to the first assignment to `.`, the orphan goes in front of that: `. = .;` is a barrier.
 * 4. It takes over region, load region and program headers of the section it follows.
 * 5. Notes are kept together, larger alignments first, so that one PT_NOTE can cover them.
 */

import { compileGlob, matchesText } from '../../base/glob.ts'
import { orphanError, orphanWarning } from '../../diag/catalogue/layout.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { Content, SectionType } from '../layout/content-flags.ts'
import { fileLabel } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { type Drafts, emptyOutput, OutputDraft, type StatementNode } from './output-drafts.ts'

/** A kind of orphan: the section it goes behind, and where the last one of the kind was put. */
interface Kind {
  readonly name: string | undefined
  readonly content: number
  output: OutputDraft | undefined
  /** the statement behind which the next orphan of the kind goes */
  lastNode: StatementNode | undefined
  lastOutput: OutputDraft | undefined
  /** header neighbour behind which the next one goes; undefined: not chosen yet */
  header: OutputDraft | 'front' | undefined
}

const { Alloc, Load, Contents, ReadOnly, Code, Data, ThreadLocal, Debugging } = Content
const loadedData = Contents | Alloc | Load | Data

export class OrphanPlacer {
  private readonly drafts: Drafts
  private readonly request: LinkRequest
  private readonly report: Report
  private readonly kinds = {
    text: kind('.text', Contents | Alloc | Load | ReadOnly | Code),
    rodata: kind('.rodata', loadedData | ReadOnly),
    tdata: kind('.tdata', loadedData | ThreadLocal),
    data: kind('.data', loadedData),
    bss: kind('.bss', Alloc),
    relocations: kind(undefined, loadedData | ReadOnly),
    interp: kind('.interp', loadedData | ReadOnly),
    unloaded: kind('.comment', Contents),
  }
  private prepared = false
  private firstNote: OutputDraft | undefined
  private readonly unique: readonly ReturnType<typeof compileGlob>[]

  constructor(drafts: Drafts, request: LinkRequest, report: Report) {
    this.drafts = drafts
    this.request = request
    this.report = report
    this.unique = request.uniqueSections.map(compileGlob)
  }

  /**
   * Gives the section an output section.
   * @param siblings content bits of later orphans of the same name in its file: one writable one makes them all so
   */
  place(section: number, name: string, siblings: number): OutputDraft | undefined {
    if (!this.permitted(section, name)) return undefined
    const { drafts } = this
    let outputName = name
    const type = drafts.typeOf(section)
    const own = drafts.contentOf(section)
    if ((own & Alloc) !== 0 && type === SectionType.Rela) outputName = '.rela.dyn'
    else if ((own & Alloc) !== 0 && type === SectionType.Rel) outputName = '.rel.dyn'
    const isUnique = this.unique.some(glob => matchesText(glob, name))
    const existing = isUnique ? undefined : this.compatible(outputName, section, own)
    if (existing !== undefined) return existing
    this.prepare()
    const content = (own & siblings & ReadOnly) !== 0 ? own : own & ~ReadOnly
    const chosen = this.kindOf(content, type)
    return this.insert(section, outputName, own, content, chosen)
  }

  private permitted(section: number, name: string): boolean {
    const mode = this.request.orphanHandling
    if (mode === 'place' || mode === 'discard') return mode === 'place'
    const { program } = this.drafts
    const file = program.files[program.sections.file[section]!]!
    const facts = { section: name, file: fileLabel(file) }
    const place = { ...inFile(file.archive ?? file.name, file.archive === undefined ? undefined : file.name) }
    this.report.add(mode === 'error' ? orphanError(facts) : orphanWarning(facts), place)
    return mode === 'warn'
  }

  private compatible(name: string, section: number, own: number): OutputDraft | undefined {
    let unused: OutputDraft | undefined
    for (const draft of this.drafts.all(name)) {
      if (draft === this.drafts.head) continue
      if (!draft.created) {
        unused = draft
        continue
      }
      if (draft.content === 0 && draft.isBlank) return draft
      const sameLoad = ((own ^ draft.content) & (Load | Alloc)) === 0
      if (sameLoad && draft.type === this.drafts.typeOf(section)) return draft
    }
    return unused
  }

  private prepare(): void {
    if (this.prepared) return
    this.prepared = true
    for (const entry of Object.values(this.kinds)) {
      if (entry.name === undefined) continue
      entry.output = this.drafts.find(entry.name)
      // An empty NOLOAD section stays without a kind.
      if (entry.output !== undefined && entry.output.assumed === 0 && entry.output.plan.type?.kind !== 'noload')
        entry.output.assumed = entry.content
    }
  }

  private kindOf(content: number, type: number): Kind | undefined {
    const { kinds } = this
    if ((content & (Alloc | Debugging)) === 0) return kinds.unloaded
    if ((content & Alloc) === 0) return undefined
    if ((content & Load) !== 0 && type === SectionType.Note) return this.kindOfNotes()
    if ((content & (Load | Contents | ThreadLocal)) === 0) return kinds.bss
    if ((content & ThreadLocal) !== 0) return kinds.tdata
    if ((content & ReadOnly) === 0) return kinds.data
    if ((content & Load) !== 0 && (type === SectionType.Rela || type === SectionType.Rel)) return kinds.relocations
    return (content & Code) === 0 ? kinds.rodata : kinds.text
  }

  /** Notes go behind .interp; without one they are read-only data, or, without .rodata, like code. */
  private kindOfNotes(): Kind {
    if (this.drafts.find('.interp') !== undefined) return this.kinds.interp
    return this.drafts.find('.rodata') !== undefined ? this.kinds.rodata : this.kinds.text
  }

  private insert(section: number, name: string, own: number, content: number, chosen: Kind | undefined): OutputDraft {
    const { drafts } = this
    let after: OutputDraft | undefined
    if (chosen !== undefined) {
      if (chosen.output === undefined && chosen.name !== undefined) chosen.output = drafts.find(chosen.name)
      if (chosen === this.kinds.relocations)
        chosen.output ??= this.relocationOutput(drafts.typeOf(section) === SectionType.Rela)
      after = chosen.output ?? this.byFlags(section, content, chosen) ?? drafts.head
    }
    const plan = { ...emptyOutput(name) }
    const loaded = (own & (Load | Alloc)) !== 0
    if (after !== undefined && loaded) {
      plan.region = after.plan.region
      plan.loadRegion = after.plan.loadRegion
      plan.segments = after.plan.segments
    }
    const draft = new OutputDraft(name, plan, undefined)
    if (!loaded) draft.fixedAddress = 0n
    drafts.register(draft)
    drafts.create(draft, 0)
    if (after === undefined || chosen === undefined) {
      drafts.append({ output: draft, next: undefined })
      return draft
    }
    this.settle(section, draft, after, chosen, own)
    return draft
  }

  /** Finds the place in both orders. */
  private settle(section: number, draft: OutputDraft, behind: OutputDraft, chosen: Kind, own: number): void {
    const { drafts } = this
    const { sections } = drafts.program
    let after = behind
    let directly = chosen.lastNode === undefined
    if (chosen.header === undefined && after !== drafts.head) {
      let neighbour: OutputDraft | undefined = after
      while (neighbour !== undefined && !neighbour.created) neighbour = neighbour.previous
      if (neighbour !== undefined && neighbour !== drafts.head && neighbour !== draft) chosen.header = neighbour
    }
    chosen.header ??= 'front'
    const header = chosen.header === 'front' ? undefined : chosen.header
    drafts.headerRemove(draft)
    const next = header === undefined ? drafts.headerFirst : header.headerNext
    const isNote = drafts.typeOf(section) === SectionType.Note && (own & Load) !== 0
    const nextIsNote = next !== undefined && next.type === SectionType.Note && (next.content & Load) !== 0
    let headerAfter = header
    if (next !== undefined && (isNote || nextIsNote)) {
      const found = this.amongNotes(draft, sections.align[section]!, isNote, next)
      if (found !== undefined) {
        headerAfter = found.before ? found.section.headerPrevious : found.section
        const moved = found.before ? this.outputBefore(found.section) : found.section
        if (moved !== undefined) {
          after = moved
          directly = true
        }
      }
    }
    drafts.headerInsertAfter(draft, headerAfter)
    chosen.header = draft
    if (directly) drafts.insert(draft, after, this.nodeBehind(after))
    else drafts.insert(draft, chosen.lastOutput!, chosen.lastNode!)
    chosen.lastNode = draft.node
    chosen.lastOutput = draft
  }

  private outputBefore(draft: OutputDraft): OutputDraft | undefined {
    return draft.previous
  }

  /** Notes stay together with falling alignment; others stay out of the group. */
  private amongNotes(
    draft: OutputDraft,
    align: number,
    isNote: boolean,
    next: OutputDraft,
  ): { readonly section: OutputDraft; readonly before: boolean } | undefined {
    const noteAt = (other: OutputDraft): boolean =>
      other !== draft && other.type === SectionType.Note && (other.content & Load) !== 0
    if (isNote) {
      let found: OutputDraft | undefined
      this.firstNote = undefined
      for (let other = this.drafts.headerFirst; other !== undefined; other = other.headerNext) {
        if (noteAt(other)) {
          this.firstNote ??= other
          if (other.align >= align) found = other
        } else if (this.firstNote !== undefined) break
      }
      if (this.firstNote === undefined) return undefined
      return found === undefined ? { section: this.firstNote, before: true } : { section: found, before: false }
    }
    if (this.firstNote === undefined) return undefined
    let found = next
    for (let other = next.headerNext; other !== undefined; other = other.headerNext) if (noteAt(other)) found = other
    return { section: found, before: false }
  }

  /** The statement behind which a new section after `after` goes: see rule 3 above. */
  private nodeBehind(after: OutputDraft): StatementNode {
    let ignoreFirst = after === this.drafts.head
    let barrier: StatementNode | undefined
    let before: StatementNode = after.node!
    for (let node = before.next; node !== undefined; before = node, node = node.next) {
      if (node.statement === undefined) {
        const { output } = node
        const passes =
          output === undefined || !output.created || output.firstInput < 0 || (output.content & Alloc) !== 0
        return barrier !== undefined && passes ? barrier : before
      }
      if (barrier !== undefined || node.statement?.kind !== 'assign' || node.statement.symbol !== '.') continue
      if (!ignoreFirst) barrier = before
      ignoreFirst = false
    }
    return before
  }

  /**
   * Relocations go behind the last section of relocations of their form that has contents, else behind any such section,
   * else behind the last read-only one, else the last one with an address, else at the end; never behind those of the PLT.
   */
  private relocationOutput(rela: boolean): OutputDraft {
    let last = this.drafts.head
    let alloc: OutputDraft | undefined
    let readOnly: OutputDraft | undefined
    let relocations: OutputDraft | undefined
    let loaded: OutputDraft | undefined
    for (let draft = this.drafts.head.next; draft !== undefined; draft = draft.next) {
      const isLoaded = draft.created && (draft.content & Alloc) !== 0
      if (draft.name.startsWith('.rel')) {
        const isRela = draft.name[4] === 'a'
        if (draft.name.slice(isRela ? 5 : 4) === '.plt') break
        if (isRela === rela || relocations === undefined) relocations = draft
        if (isLoaded && (isRela === rela || loaded === undefined)) loaded = draft
      }
      last = draft
      if (!isLoaded) continue
      alloc = draft
      if ((draft.content & ReadOnly) !== 0) readOnly = draft
    }
    return loaded ?? relocations ?? readOnly ?? alloc ?? last
  }

  /** The last section with the same flags, else of the nearest kind. */
  private byFlags(section: number, content: number, chosen: Kind): OutputDraft | undefined {
    const type = this.drafts.typeOf(section)
    const exactMask = Contents | Alloc | Load | ReadOnly | Code | ThreadLocal
    for (const typed of [true, false]) {
      const exact = this.lastWhere(type, typed, look => ((look ^ content) & exactMask) === 0)
      if (exact !== undefined) {
        if (typed) chosen.output = exact
        return exact
      }
      const near = this.nearest(content, type, typed)
      if (near !== undefined) return near
    }
    return undefined
  }

  private nearest(content: number, type: number, typed: boolean): OutputDraft | undefined {
    const like = (mask: number): OutputDraft | undefined =>
      this.lastWhere(type, typed, look => ((look ^ content) & mask) === 0)
    if ((content & Alloc) === 0) return this.lastWhere(type, false, look => ((look ^ content) & Debugging) === 0)
    if ((content & Code) !== 0) return like(Contents | Alloc | Load | Code | ThreadLocal)
    if ((content & ReadOnly) !== 0) return like(Contents | Alloc | Load | ReadOnly)
    if ((content & ThreadLocal) !== 0) return this.nearThreadLocal(content)
    if ((content & Contents) !== 0) return like(Contents | Alloc | Load | ThreadLocal)
    return like(Alloc)
  }

  /** .tdata goes behind .data, .tbss behind .tdata; the two stay side by side in that order. */
  private nearThreadLocal(content: number): OutputDraft | undefined {
    let found: OutputDraft | undefined
    let seen = false
    for (let draft = this.drafts.head.next; draft !== undefined; draft = draft.next) {
      const look = draft.created ? draft.content : draft.assumed
      const differ = look ^ (content | Load | Contents)
      if ((differ & (ThreadLocal | Alloc)) === 0) {
        if ((look & Load) === 0 && (content & Load) !== 0) break
        found = draft
        seen = true
      } else if (seen) break
      else if ((differ & (Contents | Alloc | Load)) === 0) found = draft
    }
    return found
  }

  private lastWhere(type: number, typed: boolean, fits: (look: number) => boolean): OutputDraft | undefined {
    let found: OutputDraft | undefined
    for (let draft = this.drafts.head.next; draft !== undefined; draft = draft.next) {
      if (typed && draft.created && draft.type !== type) continue
      if (fits(draft.created ? draft.content : draft.assumed)) found = draft
    }
    return found
  }
}

function kind(name: string | undefined, content: number): Kind {
  return { name, content, output: undefined, lastNode: undefined, lastOutput: undefined, header: undefined }
}
