/** What the relocation kernel knows of an architecture: actions and limits by relocation type, rewrites byte by byte. */
import { held, type Memory } from '../../kernels/compute.ts'
import { mostReach, type RelocateRecord } from '../../kernels/relocate.ts'
import { Action, anyAddend, noByte } from '../../kernels/relocation-actions.ts'
import type { SequenceRewrite } from '../../target/code-changes.ts'
import { type Arch, checkCodes, formulaCodes } from '../../target/target.ts'

type RewriteColumns = Pick<
  RelocateRecord,
  | 'firstRewrite'
  | 'nextRewrite'
  | 'rewriteAddend'
  | 'rewriteBias'
  | 'rewriteAction'
  | 'rewriteLowest'
  | 'rewriteHighest'
  | 'rewriteFirst'
  | 'rewriteCount'
  | 'rewriteMap'
  | 'rewriteShift'
  | 'rewriteDistance'
  | 'followers'
  | 'swallows'
  | 'rewriteBytes'
>

export type TypeColumns = RewriteColumns &
  Pick<RelocateRecord, 'typeCount' | 'actions' | 'width' | 'lowest' | 'highest' | 'reach'>

/** A rewrite of either kind. */
type Rewrite = SequenceRewrite & { readonly addend: number }

/** largest number that a word of 64 bits is written with here; others are exact elsewhere */
const mostExact = 0x1f_ffff_ffff_ffff

/** bytes behind its place that a row of unknown form may change */
const otherReach = mostReach

/** the same for the first row of a sequence that is rewritten as a whole */
const sequenceReach = 2 * mostReach

/**
 * @param traits bits of OutputTrait
 * @param hasLoader words that the loader may have to complete are not usual
 * @param isLarge the link is so large that tables of rewrites pay
 */
export function typeColumns(
  arch: Arch,
  traits: number,
  memory: Memory,
  hasLoader: boolean,
  isLarge: boolean,
): TypeColumns {
  const { formula, bytes, check, relax, codec, page, lowerHalfIn, word } = arch.relocationColumns
  const typeCount = formula.length
  const actions = memory.uint8(2 * typeCount)
  const lowest = memory.float64(typeCount)
  const highest = memory.float64(typeCount)
  const reach = memory.uint8(typeCount)
  const distanceType = arch.wellKnown.distance ?? -1
  reach.fill(otherReach)
  for (const type of arch.relocations.keys()) {
    reach[type] = relax[type] !== 0 ? sequenceReach : otherReach
    if (formula[type] === formulaCodes.none) actions[type] = actions[typeCount + type] = Action.None
    if (relax[type] !== 0 || codec[type] !== 0 || page[type] !== 0 || lowerHalfIn[type] !== 0) continue
    const action = actionOf(formula[type]!)
    const width = bytes[type]!
    if (
      action === Action.Other ||
      action === Action.ThreadOffset ||
      (width !== 1 && width !== 2 && width !== 4 && width !== 8)
    )
      continue
    reach[type] = width
    lowest[type] = lowestOf(width, check[type]!)
    highest[type] = highestOf(width, check[type]!)
    actions[typeCount + type] = action === Action.Branch ? Action.Distance : action
    const isCompleted = type === arch.wellKnown.word || word[type] === 1 || type === distanceType
    actions[type] = hasLoader && isCompleted ? Action.Other : action
  }
  const rewrites = isLarge ? rewritesOf(arch, traits) : []
  for (const { types } of rewrites) for (const type of types) actions[type] = actions[typeCount + type] = Action.Rewrite
  return {
    typeCount,
    actions,
    width: held(memory, bytes),
    lowest,
    highest,
    reach,
    ...rewriteColumns(arch, rewrites, typeCount, memory),
  }
}

function actionOf(formula: number): number {
  if (formula === formulaCodes['S+A']) return Action.Address
  if (formula === formulaCodes['S+A-P']) return Action.Distance
  if (formula === formulaCodes['S+A-TP']) return Action.ThreadOffset
  return formula === formulaCodes['L+A-P'] ? Action.Branch : Action.Other
}

function lowestOf(width: number, check: number): number {
  if (width === 8 || check === checkCodes.none) return -mostExact
  return check === checkCodes.unsigned ? 0 : -(2 ** (width * 8 - 1))
}

function highestOf(width: number, check: number): number {
  if (width === 8 || check === checkCodes.none) return mostExact
  return check === checkCodes.signed ? 2 ** (width * 8 - 1) - 1 : 2 ** (width * 8) - 1
}

function rewritesOf(arch: Arch, traits: number): readonly Rewrite[] {
  const bytes = arch.byteRewrites?.(traits) ?? []
  const sequences = arch.sequenceRewrites?.(traits) ?? []
  return [
    ...bytes.map(({ before, ...rest }) => ({ ...rest, bytes: before, from: -before.length })),
    ...sequences.map(each => ({ ...each, addend: anyAddend })),
  ]
}

/** One row for each rewrite and type; the last ones are tried first. */
function rewriteColumns(arch: Arch, rewrites: readonly Rewrite[], typeCount: number, memory: Memory): RewriteColumns {
  const { relaxation } = arch
  const count = rewrites.reduce((sum, { types }) => sum + types.length, 0)
  const maps = rewrites.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const columns = {
    firstRewrite: memory.int32(typeCount).fill(-1),
    nextRewrite: memory.int32(count),
    rewriteAddend: memory.int32(count),
    rewriteBias: memory.int32(count),
    rewriteAction: memory.uint8(count),
    rewriteLowest: memory.float64(count),
    rewriteHighest: memory.float64(count),
    rewriteFirst: memory.int32(count),
    rewriteCount: memory.int32(count),
    rewriteMap: memory.int32(count),
    rewriteShift: memory.int32(count),
    rewriteDistance: memory.int32(count),
    followers: memory.uint8(count * typeCount),
    swallows: memory.uint8(count),
    rewriteBytes: memory.uint16(maps * 256),
  }
  let row = 0
  let map = 0
  for (const { types, rewrite, addend, from, bytes, next } of rewrites) {
    if (relaxation === undefined) break
    for (const type of types) {
      columns.nextRewrite[row] = columns.firstRewrite[type]!
      columns.firstRewrite[type] = row
      columns.rewriteAddend[row] = addend
      columns.rewriteBias[row] = relaxation.bias[rewrite]!
      columns.rewriteAction[row] = actionOf(relaxation.formula[rewrite]!)
      columns.rewriteLowest[row] = lowestOf(4, relaxation.check[rewrite]!)
      columns.rewriteHighest[row] = highestOf(4, relaxation.check[rewrite]!)
      columns.rewriteFirst[row] = from
      columns.rewriteCount[row] = bytes.length
      columns.rewriteMap[row] = map
      columns.rewriteShift[row] = relaxation.shift[rewrite]!
      columns.rewriteDistance[row] = next?.distance ?? 0
      for (const follower of next?.types ?? []) columns.followers[row * typeCount + follower] = 1
      columns.swallows[row] = relaxation.swallows[rewrite]!
      row++
    }
    for (const change of bytes) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = change(byte)
        columns.rewriteBytes[map++] = changed < 0 ? noByte : changed
      }
    }
  }
  return columns
}
