/**
 * What relocations ask of symbols that the loader decides about, and what follows from it for each of them: a stub, a
 * copy, relocations of words. Filled while relocations are scanned; `settle` decides when all of them were seen.
 *
 * A program that was compiled for a fixed address refers to functions and variables of shared objects as if they were its
 * own. For a function its stub in .plt becomes its address in the whole program; a variable is copied into the program.
 * Where only words of writable data refer to it, neither is needed: the loader looks up the words.
 */
import { copyForbidden } from '../../diag/catalogue/dynamic.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { STT_FUNC, STT_GNU_IFUNC, STT_TLS } from '../../elf/constants.ts'
import type { PltShape } from '../../target/target.ts'
import type { EditedContents } from '../contents/contents.ts'
import { type DynamicNeeds, directStub, WordKind } from '../records/needs.ts'
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
} as const

export class ReferenceUses {
  /** bits of Use by symbol id */
  readonly uses: Uint8Array
  /** words in writable and in read-only sections that refer to a symbol, by symbol id */
  private readonly words: Uint32Array
  private readonly constantWords: Uint32Array
  /** words that hold addresses of this output */
  relative = 0
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
    for (let id = 0; id < count; id++) {
      const uses = this.uses[id]!
      if ((symbols.flags[id]! & SymbolFlag.Preemptible) === 0) {
        wordKind[id] = isNumber(this.program, id) ? WordKind.Fixed : ownWord
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
        if (ownWord === WordKind.Relative) relativeWords += wordCount
        continue
      }
      if ((uses & Use.Call) !== 0) called.push(id)
      if (wordCount > 0) {
        relocations += wordCount
        symbols.flags[id]! |= SymbolFlag.Imported
      }
    }
    relocations += relativeWords
    const stubs: number[] = []
    const directStubs: number[] = []
    for (const id of orderSlots(this.program, called, false)) {
      symbols.flags[id]! |= SymbolFlag.Imported
      if (canonical[id] === 0 && hasSlot(id)) {
        stubOf[id] = directStub + directStubs.length
        directStubs.push(id)
      } else {
        stubOf[id] = stubs.length
        stubs.push(id)
      }
    }
    const ordered = orderSlots(this.program, copies, false)
    return {
      plt: pltShape(this.program),
      stubs,
      directStubs,
      stubOf,
      canonical,
      wordKind,
      copies: ordered,
      relocations,
      hasRelative: this.relative + relativeWords + relativeSlots > 0,
      stubRelocations: stubs.length + indirectStubs,
      staticThreadModel,
    }
  }

  private mayCopy(id: number): boolean {
    const { symbols, files } = this.program
    const reason = this.request.z.has('nocopyreloc')
      ? '-z nocopyreloc forbids it'
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

function pltShape(program: Program): PltShape {
  const { plt, markedPlt } = program.arch
  if (markedPlt === undefined) return plt
  const value = joinedProperties(program).get(markedPlt.property) ?? 0
  return (value & markedPlt.bit) !== 0 ? markedPlt.shape : plt
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
  const row = (3 * program.arch.bits) / 8
  const { plt } = needs
  size[sections.relocations] = (needs.relocations + copies) * row
  size[sections.stubRelocations] = needs.stubRelocations * row
  size[sections.stubs] = needs.stubs.length === 0 ? 0 : plt.headerSize + needs.stubs.length * plt.entrySize
  size[sections.secondStubs] = needs.stubs.length * (plt.second?.entrySize ?? 0)
  program.sections.align[sections.directStubs] = plt.directSize
  size[sections.directStubs] = needs.directStubs.length * plt.directSize
}
