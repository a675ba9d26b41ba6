/**
 * Final addresses of all global symbols, and the output section each belongs to.
 *
 * A symbol in a section that vanished for being empty keeps its address and moves to a neighbour: the next section, unless
 * the previous one is more like it (same segment), or the next one starts behind the symbol.
 */
import { hex, isWide, toColumn, u64 } from '../../base/words.ts'
import { entryNotFound } from '../../diag/catalogue/layout.ts'
import { inScript, nowhere } from '../../diag/diagnostic.ts'
import type { Memory } from '../../kernels/compute.ts'
import { layoutRows, type SymbolPlaces } from '../../kernels/layout.ts'
import { isEdited, SymbolHome } from '../records/placement.ts'
import { SymbolState } from '../records/tables.ts'
import { Content } from './content-flags.ts'
import { placeInSection } from './evaluate.ts'
import type { SegmentNumbers } from './file-offsets.ts'
import { linkerSymbolPlace } from './linker-places.ts'
import { SegmentType } from './segments.ts'
import type { LayoutState, OutputState } from './state.ts'

export interface SymbolValues {
  readonly value: Float64Array
  readonly home: Int32Array
  readonly wide: Map<number, bigint>
  readonly type: Uint8Array
}

/** @param indexOf index in Layout.outputs by PlacedOutput.index, -1 for removed sections */
export function symbolValues(
  state: LayoutState,
  indexOf: Int32Array,
  segments: readonly SegmentNumbers[],
): SymbolValues {
  const { symbols } = state.program
  const { count } = symbols.names
  const { memory } = state.program.compute
  const values: SymbolValues = {
    value: memory.float64(count),
    home: memory.int32(count).fill(SymbolHome.Undefined),
    wide: new Map(),
    type: memory.uint8(count),
  }
  objectSymbols(state, indexOf, values)
  let boundaries: ReadonlySet<number> | undefined
  for (const [id, script] of state.symbols) {
    if (!script.defined) continue
    const { inputSection } = script.section
    if (inputSection >= 0) {
      const place = placeInSection(state, inputSection, Number(BigInt.asIntN(64, script.value)), script.value)
      script.section = place === 'nowhere' ? state.absolute : place.section!
      if (place !== 'nowhere') script.value = place.number
    }
    // What marks the bounds of a section goes with it.
    if (script.section.removed && (boundaries ??= boundaryIds(state)).has(id)) continue
    const address = u64(script.value + script.section.vma)
    setAddress(values, id, address)
    const section = script.section === state.absolute ? script.home : script.section
    if (section === state.noSection) values.home[id] = script.unlisted ? SymbolHome.Unlisted : SymbolHome.Absolute
    else values.home[id] = section === undefined ? SymbolHome.Absolute : homeOf(state, indexOf, section, address)
    values.type[id] = script.type
  }
  linkerSymbols(state, indexOf, values, segments)
  return values
}

/** Ids of the symbols of @boundary. */
function boundaryIds(state: LayoutState): ReadonlySet<number> {
  const { plan, symbols } = state.program
  const ids = new Set<number>()
  for (const statement of plan.statements) {
    if (statement.kind !== 'output-section') continue
    for (const item of statement.items)
      if (item.kind === 'assign' && item.boundary !== undefined) ids.add(symbols.names.findText(item.symbol))
  }
  return ids
}

function setAddress(values: SymbolValues, id: number, address: bigint): void {
  values.value[id] = toColumn(address)
  if (isWide(address)) values.wide.set(id, address)
}

/** Symbols of objects. The kernel leaves what needs a look at other records. */
function objectSymbols(state: LayoutState, indexOf: Int32Array, values: SymbolValues): void {
  const { contents, offsetOf, outputs } = state
  const { outputOf } = state.placement
  const { symbols, compute } = state.program
  const { count } = symbols.names
  const { memory } = compute
  const base = addressColumn(memory, outputs)
  const pieces = Math.ceil(count / layoutRows)
  const places: SymbolPlaces = {
    count,
    state: symbols.state,
    section: symbols.section,
    value: symbols.value,
    kind: contents.kind,
    placedIn: outputOf,
    offset: offsetOf,
    base,
    indexOf,
    hasWide: symbols.wide.size > 0,
    address: values.value,
    home: values.home,
    left: memory.int32(count),
    leftCount: memory.int32(pieces),
  }
  if (pieces > 1) compute.begin('placeSymbols', places, pieces).finish()
  else compute.kernels.placeSymbols(places, 0)
  for (let piece = 0; piece < pieces; piece++) {
    const first = piece * layoutRows
    for (let i = first; i < first + places.leftCount[piece]!; i++) placeSymbol(state, places, values, places.left[i]!)
  }
}

/** A symbol whose section was edited or left out, or that is absolute. */
function placeSymbol(state: LayoutState, places: SymbolPlaces, values: SymbolValues, id: number): void {
  const { contents, outputs } = state
  const { symbols } = state.program
  let section = symbols.section[id]!
  let offset = symbols.value[id]!
  if (section < 0) {
    values.value[id] = offset
    values.home[id] = SymbolHome.Absolute
    const wide = symbols.wide.get(id)
    if (wide !== undefined) values.wide.set(id, wide)
    return
  }
  if (isEdited(contents.kind[section]!)) {
    if (!contents.move(section, offset)) return
    section = contents.movedSection
    offset = contents.movedOffset
  }
  const output = places.placedIn[section]!
  if (output < 0) return
  const address = places.base[output]! + places.offset[section]! + offset
  values.value[id] = address
  const home = places.indexOf[output]!
  values.home[id] =
    home >= 0 ? home : homeOf(state, places.indexOf, outputs[output]!, BigInt.asUintN(64, BigInt(address)))
}

/** Column of the addresses of output sections, by placed index. */
export function addressColumn(memory: Memory, outputs: readonly OutputState[]): Float64Array {
  const column = memory.float64(outputs.length)
  for (let i = 0; i < column.length; i++) column[i] = toColumn(outputs[i]!.vma)
  return column
}

/** Index in Layout.outputs of the section, or of the neighbour that stands for it when it was removed. */
function homeOf(state: LayoutState, indexOf: Int32Array, section: OutputState, address: bigint): number {
  const { index } = section.placed
  if (index < 0) return SymbolHome.Absolute
  if (indexOf[index]! >= 0) return indexOf[index]!
  const near = nearbySection(state, section, address)
  return near === undefined ? SymbolHome.Absolute : indexOf[near.placed.index]!
}

function nearbySection(state: LayoutState, section: OutputState, address: bigint): OutputState | undefined {
  const order = state.headerOrder
  const at = order.indexOf(section)
  let previous: OutputState | undefined
  for (let i = at - 1; i >= 0 && previous === undefined; i--) if (!order[i]!.removed) previous = order[i]
  let next: OutputState | undefined
  for (let i = at + 1; i < order.length && next === undefined; i++) if (!order[i]!.removed) next = order[i]
  if (previous === undefined || next === undefined) return next ?? previous
  const differ = previous.content ^ next.content
  const own = next.content ^ section.content
  if ((differ & (Content.Alloc | Content.ThreadLocal | Content.Load)) !== 0) {
    const worse = (own & (Content.Alloc | Content.ThreadLocal)) !== 0
    const loadedBefore = (previous.content & Content.Load) !== 0 && (next.content & Content.Load) === 0
    return worse || loadedBefore ? previous : next
  }
  if ((differ & Content.ReadOnly) !== 0) return (own & Content.ReadOnly) !== 0 ? previous : next
  if ((differ & Content.Code) !== 0) return (own & Content.Code) !== 0 ? previous : next
  return address < next.vma ? previous : next
}

function linkerSymbols(
  state: LayoutState,
  indexOf: Int32Array,
  values: SymbolValues,
  segments: readonly SegmentNumbers[],
): void {
  for (const each of state.program.linkerSymbols) {
    const { symbol, kind } = each
    if (state.symbols.get(symbol)?.defined) continue
    if (kind === 'ehdr') {
      const load = segments.find(segment => segment.map.type === SegmentType.Load && segment.map.fileHeader)
      if (load === undefined) continue
      setAddress(values, symbol, load.address)
      const first = load.map.sections[0]
      values.home[symbol] = first === undefined ? SymbolHome.Absolute : indexOf[first.placed.index]!
      continue
    }
    const place = linkerSymbolPlace(state, each)
    if (place === undefined) continue
    const address = u64(place.number + (place.section?.vma ?? 0n))
    setAddress(values, symbol, address)
    values.home[symbol] =
      place.section === undefined ? SymbolHome.Absolute : homeOf(state, indexOf, place.section, address)
  }
}

/**
 * The entry address. As GNU ld: -e or ENTRY (a symbol, else a number); else `start`; else the beginning of .text, which is
 * worth a warning only if a name was asked for.
 */
export function entryAddress(state: LayoutState, values: SymbolValues): bigint {
  const { plan, symbols } = state.program
  const asked = state.request.entry ?? plan.target.entry?.symbol
  const find = (name: string): bigint | undefined => {
    const id = symbols.names.findText(name)
    if (id < 0) return undefined
    if (values.home[id] === SymbolHome.Undefined) {
      // Of what stands in a section that was left out, the offset remains.
      if (symbols.state[id] !== SymbolState.Defined) return undefined
      return symbols.wide.get(id) ?? BigInt.asUintN(64, BigInt(symbols.value[id]!))
    }
    return values.wide.get(id) ?? BigInt.asUintN(64, BigInt(values.value[id]!))
  }
  const found = find(asked ?? 'start')
  if (found !== undefined) return found
  for (const name of state.request.entry === undefined ? (plan.target.entryAlternatives ?? []) : []) {
    const value = find(name)
    if (value !== undefined) return value
  }
  if (asked !== undefined && /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(asked))
    return u64(BigInt(/^0[0-7]+$/.test(asked) ? `0o${asked.slice(1)}` : asked))
  if (state.request.kind === 'shared') return 0n
  // Also one that was dropped for being empty: it has an address.
  const text = state.outputs.find(output => output.name === '.text' && output.created)
  if (asked !== undefined && state.request.kind === 'exec') {
    const span = state.request.entry === undefined ? plan.target.entry?.span : undefined
    state.report.add(
      entryNotFound({ symbol: asked, address: text === undefined ? undefined : hex(text.vma) }),
      span === undefined ? nowhere : inScript(span),
    )
  }
  return text?.vma ?? 0n
}
