/**
 * What relocations ask of symbols that the loader decides about, and what follows from it for each of them: a stub, a
 * copy, relocations of words. Filled while relocations are scanned; `settle` decides when all of them were seen.
 *
 * A program that was compiled for a fixed address refers to functions and variables of shared objects as if they were its
 * own. For a function its stub in .plt becomes its address in the whole program; a variable is copied into the program.
 * Where only words of writable data refer to it, neither is needed: the loader looks up the words.
 */
import { copyForbidden, keywordWithoutEffect } from '../../diag/catalogue/dynamic.ts'
import { inFile, nowhere } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { STT_FUNC, STT_GNU_IFUNC, STT_TLS } from '../../elf/constants.ts'
import { relocationBytes } from '../../target/relocation-form.ts'
import { type PltShape, pltKeywords } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import { mentionedImports } from '../load/separate-imports.ts'
import { type DynamicNeeds, directStub, stubOffset, WordKind } from '../records/needs.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import { joinedProperties } from '../synthetic/property-note.ts'
import { orderSlots } from '../synthetic/slot-order.ts'
import type { DynamicSections } from './declare.ts'

/** Bits of ReferenceUses.uses. */
export const Use = {
  /** called: a stub will do */
  Call: 1,
  /** its address is needed when linking */
  Address: 2,
  /** in a word */
  Word: 4,
  /** called by a branch that needs the stub's prefix */
  Prefix: 8,
} as const

/** Added to the time of uses outside code. */
const afterCode = 2 ** 40

export class ReferenceUses {
  /** bits of Use by symbol id */
  readonly uses: Uint8Array
  /** words in writable and in read-only sections that refer to a symbol, by symbol id */
  private readonly words: Uint32Array
  private readonly constantWords: Uint32Array
  /** words that hold addresses of this output */
  relative = 0
  /** how many of them are in sections that are not written */
  private constantRelative = 0
  /** see DynamicNeeds.firstUse */
  private readonly firstUse: Float64Array | undefined
  private met = 0
  /** the order does not depend on the relocations */
  private readonly isOrdered: boolean
  private readonly program: Program
  private readonly request: LinkRequest
  private readonly report: Report

  constructor(program: Program, request: LinkRequest, report: Report) {
    const { count } = program.symbols.names
    this.program = program
    this.request = request
    this.report = report
    this.uses = new Uint8Array(count)
    this.words = new Uint32Array(count)
    this.constantWords = new Uint32Array(count)
    const wishes = program.plan.dynamic
    if (wishes?.importsByUse) this.firstUse = new Float64Array(count)
    this.isOrdered = wishes?.importsAsMentioned === true
    if (!this.isOrdered || this.firstUse === undefined) return
    for (const id of mentionedImports(program)) {
      this.firstUse[id] = ++this.met
      if (program.symbols.type[id] === STT_FUNC) this.uses[id]! |= Use.Call
    }
  }

  /** Does it matter which relocation names an import first? */
  get ordersByUse(): boolean {
    return this.firstUse !== undefined && !this.isOrdered
  }

  /** A relocation names the import. */
  meet(id: number, isCode: boolean): void {
    const { firstUse } = this
    if (firstUse === undefined || this.isOrdered) return
    const at = ++this.met + (isCode ? 0 : afterCode)
    if (firstUse[id] === 0 || at < firstUse[id]!) firstUse[id] = at
  }

  /** Where the entries of .plt start, then where it ends; bytes. Prefixes stand in front of their entries. */
  private entryOffsets(stubs: readonly number[], size: number, shape: PltShape): Float64Array | undefined {
    if (!stubs.some(id => (this.uses[id]! & Use.Prefix) !== 0)) return undefined
    const offsets = new Float64Array(stubs.length + 1)
    let at = shape.headerSize
    stubs.forEach((id, i) => {
      if ((this.uses[id]! & Use.Prefix) !== 0) at += size
      offsets[i] = at
      at += shape.entrySize
    })
    offsets[stubs.length] = at
    return offsets
  }

  /** Symbols in the order of their first use, if the plan asks for that; else as `orderSlots` has them. */
  private ordered(ids: readonly number[]): readonly number[] {
    const { firstUse } = this
    if (firstUse === undefined) return orderSlots(this.program, ids, false)
    return ids.toSorted((a, b) => firstUse[a]! - firstUse[b]! || a - b)
  }

  /** A word that holds an address of this output. */
  ownWord(isWritable: boolean): void {
    this.relative++
    if (!isWritable) this.constantRelative++
  }

  /** As many such words, `constant` of them in sections that are not written. */
  ownWords(count: number, constant: number): void {
    this.relative += count
    this.constantRelative += constant
  }

  word(id: number, isWritable: boolean): void {
    this.uses[id]! |= Use.Word
    if (isWritable) this.words[id]!++
    else this.constantWords[id]!++
  }

  /**
   * @param hasSlot does a word of .got hold the symbol's address
   * @param slotRelocations relocations that words of .got and places of indirect functions get
   * @param relativeSlots how many of them only add where the output was put
   * @param indirectStubs number of stubs of indirect functions
   */
  settle(
    hasSlot: (id: number) => boolean,
    slotRelocations: number,
    relativeSlots: number,
    indirectStubs: number,
    staticThreadModel: boolean,
  ): DynamicNeeds {
    const { symbols } = this.program
    const count = this.uses.length
    const isProgram = this.request.kind !== 'shared'
    const isPositionIndependent = this.request.kind !== 'exec'
    const ownWord = isPositionIndependent ? WordKind.Relative : WordKind.Fixed
    const stubOf = new Int32Array(count).fill(-1)
    const canonical = new Uint8Array(count)
    const wordKind = new Uint8Array(count)
    const called: number[] = []
    const copies: number[] = []
    let relocations = this.relative + slotRelocations
    let relativeWords = 0
    let textWords = this.constantRelative
    const lazyOnly = this.program.plan.dynamic?.lazyStubsOnly === true || this.program.arch.plt.lazyOnly === true
    for (let id = 0; id < count; id++) {
      const uses = this.uses[id]!
      if ((symbols.flags[id]! & SymbolFlag.Preemptible) === 0) {
        wordKind[id] = isNumber(this.program, id) ? WordKind.Fixed : ownWord
        if (wordKind[id] === WordKind.Relative) textWords += this.constantWords[id]!
        continue
      }
      wordKind[id] = WordKind.Symbolic
      if (uses === 0) continue
      const isElsewhere = symbols.state[id] === SymbolState.Shared
      const wordCount = this.words[id]! + this.constantWords[id]!
      if (isProgram && isElsewhere && ((uses & Use.Address) !== 0 || this.constantWords[id]! > 0)) {
        if (symbols.type[id] === STT_FUNC || symbols.type[id] === STT_GNU_IFUNC) {
          canonical[id] = 1
          called.push(id)
          wordKind[id] = ownWord
        } else if (this.mayCopy(id)) {
          copies.push(id)
          wordKind[id] = ownWord
        }
        if (ownWord === WordKind.Relative) {
          relativeWords += wordCount
          textWords += this.constantWords[id]!
        }
        continue
      }
      // In words of a program a symbol that nobody has to define is 0, as in GNU ld; the loader decides about its GOT word.
      if (isProgram && wordCount > 0 && symbols.state[id] === SymbolState.UndefinedWeak) {
        wordKind[id] = WordKind.Fixed
        continue
      }
      textWords += this.constantWords[id]!
      if ((uses & Use.Call) !== 0) called.push(id)
      if (wordCount > 0) {
        relocations += wordCount
        symbols.flags[id]! |= SymbolFlag.Imported
      }
    }
    relocations += relativeWords
    const isApart = this.program.arch.indirectApart === true
    if (isApart) relocations += indirectStubs
    const stubs: number[] = []
    const directStubs: number[] = []
    for (const id of this.ordered(called)) {
      symbols.flags[id]! |= SymbolFlag.Imported
      if (canonical[id] === 0 && hasSlot(id) && !lazyOnly) {
        stubOf[id] = directStub + directStubs.length
        directStubs.push(id)
      } else {
        stubOf[id] = stubs.length
        stubs.push(id)
      }
    }
    const plt = this.pltShape(isPositionIndependent, !isProgram)
    return {
      entryAt: plt.prefix === undefined ? undefined : this.entryOffsets(stubs, plt.prefix.size, plt),
      plt,
      stubs,
      directStubs,
      stubOf,
      canonical,
      wordKind,
      copies: this.ordered(copies),
      relocations,
      hasRelative: this.relative + relativeWords + relativeSlots > 0,
      stubRelocations: stubs.length + (isApart ? 0 : indirectStubs),
      staticThreadModel,
      mayWriteText: textWords > 0,
      firstUse: this.firstUse,
    }
  }

  private pltShape(isPositionIndependent: boolean, isShared: boolean): PltShape {
    const { arch } = this.program
    const { keywordPlt } = arch
    for (const word of pltKeywords)
      if (word !== keywordPlt?.word && this.request.z.has(word))
        this.report.add(keywordWithoutEffect({ word, arch: arch.id }), nowhere)
    if (keywordPlt !== undefined && this.request.z.has(keywordPlt.word)) {
      if (!isMarked(this.program)) return keywordPlt.shape
      return isShared ? keywordPlt.markedShared : keywordPlt.marked
    }
    return pltShape(this.program, isPositionIndependent, isShared)
  }

  private mayCopy(id: number): boolean {
    const { symbols, files } = this.program
    const reason = this.request.z.has('nocopyreloc')
      ? '-z nocopyreloc forbids it'
      : this.program.plan.dynamic?.noCopies
        ? 'this layout copies no variables; compile with -fPIC'
        : symbols.type[id] === STT_TLS
          ? 'it is thread-local'
          : symbols.size[id] === 0
            ? 'its size is 0'
            : undefined
    if (reason === undefined) return true
    this.report.add(copyForbidden({ name: symbols.name(id), reason }), inFile(files[symbols.file[id]!]!.name))
    return false
  }
}

/** Do all inputs ask for the stubs of `markedPlt`? */
export function isMarked(program: Program): boolean {
  const { markedPlt } = program.arch
  if (markedPlt === undefined) return false
  return ((joinedProperties(program).get(markedPlt.property) ?? 0) & markedPlt.bit) !== 0
}

function pltShape(program: Program, isPositionIndependent: boolean, isShared: boolean): PltShape {
  const { plt, positionIndependentPlt, markedPlt } = program.arch
  const plain = isPositionIndependent ? (positionIndependentPlt ?? plt) : plt
  if (markedPlt === undefined) return plain
  if (!isMarked(program)) return plain
  if (isShared && markedPlt.shared !== undefined) return markedPlt.shared
  return isPositionIndependent ? (markedPlt.positionIndependent ?? markedPlt.shape) : markedPlt.shape
}

/** Its value does not depend on where the output is loaded. */
function isNumber(program: Program, id: number): boolean {
  const { symbols } = program
  const state = symbols.state[id]
  if (state === SymbolState.Defined) return symbols.section[id]! < 0
  return state !== SymbolState.Script
}

/** Sizes of the sections that stubs and relocations of the loader make. */
export function sizeDynamic(
  program: Program,
  contents: EditedContents,
  needs: DynamicNeeds,
  sections: DynamicSections,
  copies: number,
): void {
  const { size } = contents
  const row = relocationBytes(program.arch)
  const { plt } = needs
  size[sections.relocations] = (needs.relocations + copies) * row
  size[sections.stubRelocations] = needs.stubRelocations * row
  const hasStubs = needs.stubs.length > 0 || program.plan.dynamic?.keepEmpty === true
  size[sections.stubs] = hasStubs ? stubOffset(needs, needs.stubs.length) : 0
  size[sections.secondStubs] = needs.stubs.length * (plt.second?.entrySize ?? 0)
  program.sections.align[sections.directStubs] = plt.directSize
  size[sections.directStubs] = needs.directStubs.length * plt.directSize
}
