/** What each input section contributes, as far as its header tells. */
import { SHF_COMPRESSED, SHF_MERGE, SHF_STRINGS, SHT_NOBITS, SHT_PROGBITS } from '../elf/constants.ts'
import { ContentKind } from '../engine/records/placement.ts'
import { SectionState } from '../engine/records/tables.ts'
import type { I32, U32 } from './types.ts'

/** sections in one piece of `classifySections` */
export const sectionBatch = 4096

/** Columns by section id. */
export interface SectionContents {
  readonly live: Uint8Array
  readonly state: Uint8Array
  readonly name: Int32Array
  readonly type: Uint32Array
  readonly flags: Uint32Array
  readonly size: Float64Array
  readonly entsize: Uint32Array
  readonly align: Uint32Array
  readonly relocations: Int32Array
  readonly count: I32
  /** id of the name .eh_frame, and a type besides SHT_PROGBITS that such sections may have */
  readonly frameName: I32
  readonly frameType: U32
  // results
  /** ContentKind */
  readonly kind: Uint8Array
  /** bytes in the output */
  readonly contentSize: Float64Array
  /** sections that need more than this: those of kind Merged and EhFrame; those of a piece begin at its first section's id */
  readonly edited: Int32Array
  /** by piece: how many those are */
  readonly editedCount: Int32Array
}

/** Kind and size of the sections of a piece. */
export function classifySections(record: SectionContents, piece: I32): void {
  const { live, state, name, type, size, frameName, frameType, kind, contentSize, edited } = record
  const from = piece * sectionBatch
  const to = Math.min(record.count, from + sectionBatch)
  let next = from
  for (let id = from; id < to; id++) {
    if (live[id]! !== 1 || (state[id]! & (SectionState.Table | SectionState.JustSymbols)) !== 0) continue
    let found: I32 = ContentKind.Copy
    if ((state[id]! & SectionState.Synthetic) !== 0) found = ContentKind.Synthetic
    else if (type[id]! === SHT_NOBITS || (state[id]! & SectionState.Common) !== 0) found = ContentKind.NoBits
    else if (name[id]! === frameName && (type[id]! === SHT_PROGBITS || type[id]! === frameType) && size[id]! > 0)
      found = ContentKind.EhFrame
    else if (isMergeable(record, id)) found = ContentKind.Merged
    kind[id] = found
    // Of sections that merge only the first one of each set will have a size.
    contentSize[id] = found === ContentKind.Merged ? 0 : size[id]!
    if (found === ContentKind.EhFrame || found === ContentKind.Merged) {
      edited[next] = id
      next++
    }
  }
  record.editedCount[piece] = next - from
}

/** Can the section take part in merging at all? */
function isMergeable(record: SectionContents, id: I32): boolean {
  const flags = record.flags[id]!
  if ((flags & SHF_MERGE) === 0 || (flags & SHF_COMPRESSED) !== 0) return false
  const entsize = record.entsize[id]!
  const size = record.size[id]!
  if (entsize === 0 || size === 0 || size > 0xffff_fff0 || (size >>> 0) % entsize !== 0) return false
  if (record.relocations[id]! >= 0) return false
  const align = record.align[id]!
  if (entsize < align) return (entsize & (entsize - 1)) === 0 && (flags & SHF_STRINGS) !== 0
  return entsize % align === 0
}
