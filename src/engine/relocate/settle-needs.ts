/**
 * What the relocations that were scanned want the linker to make, and what follows: words of the GOT, stubs of indirect
 * functions, places that the start-up code fills.
 *
 * Indirect functions (STT_GNU_IFUNC) in a program without dynamic loader: the start-up code calls the resolvers named by
 * IRELATIVE relocations. A function that is called or whose address is taken in code gets a stub, and the stub is its
 * address; one that is only in writable data or in the GOT is filled in there.
 */
import type { StubShape } from '../../target/target.ts'
import { slotNeedsLoader } from '../dynamic/got-relocations.ts'
import { isMarked, type ReferenceUses } from '../dynamic/reference-uses.ts'
import { gotStartWords } from '../records/got-start.ts'
import { type IndirectPlace, type Needs, SlotKind, type SymbolKey } from '../records/needs.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { findSynthetics } from '../synthetic/declare.ts'
import { orderSlots } from '../synthetic/slot-order.ts'

/** How an indirect function is used; bits. */
export const IndirectUse = { Stub: 1, Got: 2, Address: 4 } as const

/** Filled while relocations are scanned. */
export class Wanted {
  /** words that hold addresses: SlotKind by symbol */
  readonly words = new Map<SymbolKey, number>()
  /** words that hold offsets from the thread pointer */
  readonly thread = new Set<SymbolKey>()
  /** pairs of words: module, offset */
  readonly pairs = new Set<SymbolKey>()
  readonly descriptors = new Set<SymbolKey>()
  ownModule = false
  /** bits of IndirectUse by indirect function */
  readonly indirect = new Map<SymbolKey, number>()
  /** words of writable data that hold addresses of indirect functions */
  readonly places: IndirectPlace[] = []
  /** some relocation names the start of the GOT: the header of .got.plt stays */
  refersToGot = false
  /** undefined: the output has no dynamic section */
  readonly uses: ReferenceUses | undefined

  constructor(uses: ReferenceUses | undefined) {
    this.uses = uses
  }

  use(key: SymbolKey, bits: number): void {
    this.indirect.set(key, (this.indirect.get(key) ?? 0) | bits)
  }

  /** Is there anything that a GOT is made for? */
  get needsGot(): boolean {
    if (this.uses !== undefined || this.refersToGot || this.ownModule) return true
    const { words, thread, pairs, descriptors, indirect } = this
    return words.size + thread.size + pairs.size + descriptors.size + indirect.size > 0
  }
}

/**
 * @param localBase see Needs.localBase
 * @param traits bits of OutputTrait
 */
export function settleNeeds(
  program: Program,
  request: LinkRequest,
  wanted: Wanted,
  localBase: Float64Array,
  traits: number,
): Needs {
  const isPositionIndependent = request.kind === 'shared' || request.kind === 'pie'
  const gotOf = new Map<SymbolKey, number>()
  const threadOf = new Map<SymbolKey, number>()
  const pairOf = new Map<SymbolKey, number>()
  const descriptorOf = new Map<SymbolKey, number>()
  const slots: { symbol: SymbolKey; kind: number }[] = []
  const stubOf = new Map<SymbolKey, number>()
  const stubs: SymbolKey[] = []
  const slot = (symbol: SymbolKey, kind: number): number => {
    slots.push({ symbol, kind })
    return slots.length - 1
  }
  if (wanted.needsGot)
    for (let word = 0; word < gotStartWords(program); word++) slot(0, word === 0 ? SlotKind.Dynamic : SlotKind.Zero)
  const stubbed = [...wanted.indirect.keys()].filter(symbol => (wanted.indirect.get(symbol)! & IndirectUse.Stub) !== 0)
  for (const symbol of orderSlots(program, stubbed, false)) {
    stubOf.set(symbol, stubs.length)
    stubs.push(symbol)
  }
  const needsRegister = isPositionIndependent && program.arch.positionIndependentStubs !== undefined
  const kinds = new Map<SymbolKey, number>(wanted.words)
  for (const [symbol, use] of wanted.indirect) {
    if ((use & IndirectUse.Got) === 0) continue
    // Where nobody compares addresses, the slot of the stub serves as the word of the GOT.
    // A stub that needs a register is no address for others.
    if ((use & IndirectUse.Stub) === 0 || needsRegister) kinds.set(symbol, SlotKind.Indirect)
    else if ((use & IndirectUse.Address) !== 0 && symbol >= 0) kinds.set(symbol, SlotKind.Stub)
  }
  const own = (symbol: SymbolKey): void => void gotOf.set(symbol, slot(symbol, kinds.get(symbol)!))
  const thread = (symbol: SymbolKey): void => void threadOf.set(symbol, slot(symbol, SlotKind.ThreadOffset))
  const pair = (symbol: SymbolKey): void => {
    pairOf.set(symbol, slot(symbol, SlotKind.Module))
    slot(symbol, SlotKind.ModuleOffset)
  }
  const descriptor = (symbol: SymbolKey): void => {
    descriptorOf.set(symbol, slot(symbol, SlotKind.Descriptor))
    slot(symbol, SlotKind.DescriptorEnd)
  }
  const inOrder = (symbols: Iterable<SymbolKey>): SymbolKey[] => orderSlots(program, [...symbols], true)
  if (program.arch.slotsBySymbol === true) {
    const all = new Set([...kinds.keys(), ...wanted.thread, ...wanted.pairs, ...wanted.descriptors])
    for (const symbol of inOrder(all)) {
      if (wanted.pairs.has(symbol)) pair(symbol)
      if (wanted.thread.has(symbol)) thread(symbol)
      if (kinds.has(symbol)) own(symbol)
      if (wanted.descriptors.has(symbol)) descriptor(symbol)
    }
  } else {
    for (const symbol of program.plan.dynamic?.importsByUse ? kinds.keys() : inOrder(kinds.keys())) own(symbol)
    for (const symbol of inOrder(wanted.thread)) thread(symbol)
    for (const symbol of inOrder(wanted.pairs)) pair(symbol)
    for (const symbol of inOrder(wanted.descriptors)) descriptor(symbol)
  }
  const ownModule = wanted.ownModule ? slot(0, SlotKind.OwnModule) : -1
  if (ownModule >= 0) slot(0, SlotKind.Zero)
  const indirectPlaces = wanted.places.filter(place => needsRegister || !stubOf.has(place.symbol))
  // A place whose function has a stub gets the stub's address, which moves with the output.
  if (wanted.uses !== undefined && isPositionIndependent)
    wanted.uses.relative += wanted.places.length - indirectPlaces.length
  const isShared = request.kind === 'shared'
  let slotRelocations = indirectPlaces.length
  let relativeSlots = 0
  for (const each of slots) {
    if (!slotNeedsLoader(program, each, request)) continue
    slotRelocations++
    if (each.kind === SlotKind.Address || each.kind === SlotKind.Stub) relativeSlots++
  }
  return {
    sections: findSynthetics(program),
    localBase,
    gotOf,
    slots,
    threadOf,
    pairOf,
    descriptorOf,
    ownModule,
    stubOf,
    stubs,
    indirectPlaces,
    indirectAt: new Set(indirectPlaces.map(place => place.section * 0x1_0000_0000 + place.offset)),
    traits,
    stubShape: stubShape(program, isPositionIndependent),
    dynamic: wanted.uses?.settle(
      id => kinds.get(id) === SlotKind.Import,
      slotRelocations,
      relativeSlots,
      stubs.length,
      isShared && threadOf.size > 0,
    ),
  }
}

function stubShape(program: Program, isPositionIndependent: boolean): StubShape {
  const { stubs, positionIndependentStubs, markedPlt } = program.arch
  if (markedPlt?.stubs !== undefined && isMarked(program)) return markedPlt.stubs
  return (isPositionIndependent ? positionIndependentStubs : undefined) ?? stubs
}
