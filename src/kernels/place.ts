/**
 * Which input sections make up an output section: they are sorted by the rule that claims them, and what they are adds up
 * to what the output section is.
 */
import { Content, SectionFlag, SectionType } from '../engine/layout/content-flags.ts'
import { Claim, ContentKind, Mark } from '../engine/records/placement.ts'
import { SectionState } from '../engine/records/tables.ts'
import type { I32, U32 } from './types.ts'

/** rows that one call does at most */
export const placeRows = 8192

export interface InputOrder {
  /** by section id */
  readonly live: Uint8Array
  readonly kind: Uint8Array
  readonly state: Uint8Array
  readonly size: Float64Array
  readonly rule: Int32Array
  /** results: section ids in the order they were asked for, and how many there are */
  readonly ids: Int32Array
  readonly count: Int32Array
  /** by rule, from 1 on, and by 0 for those without: how many there are, then where the next one goes */
  readonly slots: Int32Array
  /** ids by rule */
  readonly sorted: Int32Array
}

/** Appends the sections `from` to `to - 1` that may have content to `ids`, and counts them by rule. */
export function listInputs(order: InputOrder, from: I32, to: I32): void {
  const { live, kind: kinds, state, size, rule: rules, ids, count, slots } = order
  let at = count[0]!
  for (let id = from; id < to; id++) {
    if (live[id]! !== 1) continue
    const kind = kinds[id]!
    // What was edited away, or stands in another merged section, takes neither room nor alignment.
    if (kind === ContentKind.None && (state[id]! & SectionState.Synthetic) === 0) continue
    if ((kind === ContentKind.Merged || kind === ContentKind.EhFrame) && size[id]! === 0) continue
    ids[at] = id
    at++
    const rule = rules[id]!
    if (rule >= Claim.Orphan) slots[rule + 1] = slots[rule + 1]! + 1
  }
  count[0] = at
}

/** Puts `ids[from]` to `ids[to - 1]` where `slots` says. */
export function sortInputs(order: InputOrder, from: I32, to: I32): void {
  const { rule: rules, ids, slots, sorted } = order
  for (let i = from; i < to; i++) {
    const id = ids[i]!
    const rule = rules[id]!
    if (rule < Claim.Orphan) continue
    const place = slots[rule + 1]!
    slots[rule + 1] = place + 1
    sorted[place] = id
  }
}

/** Values of `JoinedInputs.debugging`. */
export const Debugging = { Unknown: 0, No: 1, Yes: 2 } as const

export interface JoinedInputs {
  /** by section id */
  readonly type: Uint32Array
  readonly flags: Uint32Array
  readonly state: Uint8Array
  readonly align: Uint32Array
  readonly entsize: Uint32Array
  readonly name: Int32Array
  /** bits of Mark */
  readonly marks: Uint8Array
  /** by name: is it one of debugging sections? */
  readonly debugging: Uint8Array
  /** one element: Content of the output section, changed */
  readonly content: Int32Array
  /** one element: the largest alignment, raised */
  readonly largest: Uint32Array
}

/**
 * Adds sections to an output section that has some. Stops in front of one whose name is not known yet and returns its
 * index in `ids`, else `to`.
 * @param entsize that of the output section
 * @param cleared bits of Content that the output section's type takes from its inputs; `added`: that it gives them
 */
export function joinInputs(
  joined: JoinedInputs,
  ids: Int32Array,
  from: I32,
  to: I32,
  entsize: U32,
  cleared: I32,
  added: I32,
): I32 {
  const { type, flags, state, align: aligns, entsize: entsizes, name, marks, debugging, content, largest } = joined
  const merging = Content.Merge | Content.Strings
  let whole = content[0]!
  let most = largest[0]!
  let at = from
  while (at < to) {
    const id = ids[at]!
    let own = contentOfInput(type[id]!, flags[id]!, state[id]!)
    if ((flags[id]! & SectionFlag.Alloc) === 0) {
      const known = debugging[name[id]!]!
      if (known === Debugging.Unknown) break
      if (known === Debugging.Yes) own |= Content.Debugging
    }
    if ((marks[id]! & Mark.Keep) !== 0) own |= Content.Keep
    own = (own & ~cleared) | added
    if ((own & Content.ReadOnly) === 0) whole &= ~Content.ReadOnly
    own &= ~Content.ReadOnly
    if ((whole & merging) !== (own & merging) || ((own & Content.Merge) !== 0 && entsizes[id]! !== entsize)) {
      whole &= ~merging
      own &= ~merging
    }
    whole |= own
    if (aligns[id]! > most) most = aligns[id]!
    at++
  }
  content[0] = whole
  largest[0] = most
  return at
}

/** Content of an input section; Debugging aside. */
function contentOfInput(type: U32, flags: U32, state: I32): I32 {
  const isAlloc = (flags & SectionFlag.Alloc) !== 0
  if (isAlloc && (state & SectionState.Common) !== 0) return Content.Alloc
  const hasBytes = type !== SectionType.NoBits
  const isCode = (flags & SectionFlag.Execute) !== 0
  let bits = hasBytes ? Content.Contents : 0
  if (isAlloc) {
    bits |= hasBytes ? Content.Alloc | Content.Load : Content.Alloc
    if (hasBytes && !isCode) bits |= Content.Data
    if ((flags & SectionFlag.ThreadLocal) !== 0) bits |= Content.ThreadLocal
  }
  if ((flags & SectionFlag.Write) === 0) bits |= Content.ReadOnly
  if (isCode) bits |= Content.Code
  if ((flags & SectionFlag.Merge) !== 0) bits |= Content.Merge
  if ((flags & SectionFlag.Strings) !== 0) bits |= Content.Strings
  return bits
}

/** Notes the output section of `ids[from]` to `ids[to - 1]`. */
export function noteOutput(outputOf: Int32Array, ids: Int32Array, from: I32, to: I32, output: I32): void {
  for (let i = from; i < to; i++) outputOf[ids[i]!] = output
}
