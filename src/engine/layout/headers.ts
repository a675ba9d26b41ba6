/**
 * What a section header says of an output section: type, flags, entry size, and the bytes that statements put in.
 */
import type { FillPlan, HeaderReference, OutputSectionPlan } from '../../plan/plan.ts'
import { linkedSection } from '../place/link-order.ts'
import { Claim, type Part, type PlacedSection } from '../records/placement.ts'
import type { Walker } from './assign.ts'
import { Content, flagsByName, SectionFlag, SectionType, typeByName } from './content-flags.ts'
import type { Evaluator } from './evaluate.ts'
import type { LayoutState, OutputState } from './state.ts'

/** Decides sh_type of every section from its content. */
export function decideTypes(state: LayoutState, evaluator: Evaluator): void {
  for (const output of state.outputs) {
    const { plan, placed } = output
    const asked = placed.firstInput < 0 ? plan.type?.value : undefined
    const value = asked === undefined ? undefined : evaluator.evaluateAbsolute(asked, 0n)
    const noContents = (output.content & (Content.Load | Content.Contents)) === 0
    const byContent = (output.content & Content.Alloc) !== 0 && noContents ? SectionType.NoBits : SectionType.ProgBits
    const given = placed.firstInput < 0 ? plan.extra?.type : undefined
    let type = value !== undefined ? Number(value & 0xffff_ffffn) : (given ?? placed.type)
    if (type === 0) type = plan.extra?.type ?? byContent
    else if (
      type === SectionType.NoBits &&
      byContent === SectionType.ProgBits &&
      (output.content & Content.Alloc) !== 0
    )
      type = byContent
    output.type = type
  }
}

/** sh_flags. */
export function headerFlags(output: OutputState): number {
  const { content, plan, placed } = output
  if (plan.extra?.flags !== undefined && placed.firstInput < 0) return plan.extra.flags
  let flags = placed.specificFlags | (placed.firstInput < 0 ? flagsByName(output.name) : 0)
  if ((content & Content.Alloc) !== 0) flags |= SectionFlag.Alloc
  if ((content & Content.ReadOnly) === 0) flags |= SectionFlag.Write
  if ((content & Content.Code) !== 0) flags |= SectionFlag.Execute
  if ((content & Content.Merge) !== 0) flags |= SectionFlag.Merge
  if ((content & Content.Strings) !== 0) flags |= SectionFlag.Strings
  if ((content & Content.ThreadLocal) !== 0) flags |= SectionFlag.ThreadLocal
  return flags >>> 0
}

/** Bytes of an entry by type of table, in files of 64 and of 32 bits. */
const entrySizes: Readonly<Record<32 | 64, Readonly<Record<number, number>>>> = {
  64: {
    [SectionType.Rela]: 24,
    [SectionType.Rel]: 16,
    [SectionType.DynamicSymbols]: 24,
    [SectionType.Dynamic]: 16,
    [SectionType.Hash]: 4,
    [SectionType.VersionSymbols]: 2,
    [SectionType.InitArray]: 8,
    [SectionType.FiniArray]: 8,
    [SectionType.PreinitArray]: 8,
  },
  32: {
    [SectionType.Rela]: 12,
    [SectionType.Rel]: 8,
    [SectionType.DynamicSymbols]: 16,
    [SectionType.Dynamic]: 8,
    [SectionType.Hash]: 4,
    [SectionType.GnuHash]: 4,
    [SectionType.VersionSymbols]: 2,
    [SectionType.InitArray]: 4,
    [SectionType.FiniArray]: 4,
    [SectionType.PreinitArray]: 4,
  },
}

function entrySize(output: OutputState, bits: 32 | 64): number {
  const { placed, plan } = output
  if (plan.extra?.entsize !== undefined) return plan.extra.entsize
  const byType = entrySizes[bits][output.type]
  if (byType !== undefined) return byType
  const isTable = (output.name === '.got.plt' || output.name === '.got') && output.size > 0
  return isTable || (output.content & (Content.Merge | Content.Strings)) !== 0 ? placed.entsize : 0
}

/** The output section as the writer sees it. */
export function placedSection(
  state: LayoutState,
  evaluator: Evaluator,
  walker: Walker,
  output: OutputState,
  index: number,
): PlacedSection {
  const { placed, plan } = output
  const info = plan.extra?.info === undefined ? infoOf(state, output) : undefined
  const shown = (output.content & Content.Alloc) !== 0 || output.vma !== 0n
  return {
    index,
    name: output.name,
    because: placed.because === undefined ? undefined : plan,
    type: output.type,
    flags: headerFlags(output) | (info === undefined ? 0 : SectionFlag.InfoLink) | linkOrderFlag(state, output),
    entsize: entrySize(output, state.program.arch.bits),
    align: plan.extra?.contentAlign ? placed.align : output.align,
    link: shownReference(plan.extra?.link) ?? linkOf(state, output),
    info: shownReference(plan.extra?.info) ?? info,
    address: shown ? output.vma : 0n,
    loadAddress: output.lma,
    size: output.size,
    fileOffset: output.fileOffset,
    parts: partsOf(state, evaluator, walker, output),
    // Without code inside gaps are zero, even in a section that is executable for its name.
    fill: fillBytes(evaluator, plan.fill) ?? ((output.content & Content.Code) === 0 ? zeroFill : undefined),
  }
}

/** @link, @info */
function shownReference(reference: HeaderReference | undefined): string | number | undefined {
  return reference?.section ?? reference?.number
}

const zeroFill = new Uint8Array(1)

function isShown(state: LayoutState, name: string): boolean {
  const output = state.findOutput(name)
  return output?.created === true && !output.removed
}

/** sh_info: relocations of PLT slots say which section holds the slots. */
function infoOf(state: LayoutState, output: OutputState): string | undefined {
  if (output.type !== SectionType.Rela && output.type !== SectionType.Rel) return undefined
  if (!pltRelocations.has(output.name)) return undefined
  return ['.got.plt', '.got'].find(name => isShown(state, name))
}

const pltRelocations: ReadonlySet<string> = new Set(['.rela.plt', '.rela.iplt', '.rel.plt', '.rel.iplt'])

/** sh_link by the type of table; SHF_LINK_ORDER sections name the output section of what they order by. */
function linkOf(state: LayoutState, output: OutputState): string | undefined {
  switch (output.type) {
    case SectionType.Rela:
    case SectionType.Rel:
      if ((output.content & Content.Alloc) === 0) return '.symtab'
      return isShown(state, '.dynsym') ? '.dynsym' : undefined
    case SectionType.Dynamic:
    case SectionType.DynamicSymbols:
    case SectionType.VersionNeeds:
    case SectionType.VersionDefinitions:
      return '.dynstr'
    case SectionType.Hash:
    case SectionType.GnuHash:
    case SectionType.VersionSymbols:
      return '.dynsym'
    default:
      return describedOutput(state, output)
  }
}

function linkOrderFlag(state: LayoutState, output: OutputState): number {
  return describedOutput(state, output) === undefined ? 0 : SectionFlag.LinkOrder
}

/** SHF_LINK_ORDER: the output section that the first input describes a part of. */
function describedOutput(state: LayoutState, output: OutputState): string | undefined {
  const { firstInput } = output.placed
  const linked = firstInput < 0 ? -1 : linkedSection(state.program, firstInput)
  const home = linked < 0 ? -1 : state.placement.outputOf[linked]!
  return home < 0 ? undefined : state.placement.outputs[home]!.name
}

/** Bytes of a gap pattern: written as they are, or the value's four low bytes, highest first. */
export function fillBytes(evaluator: Evaluator, fill: FillPlan | undefined): Uint8Array | undefined {
  if (fill === undefined) return undefined
  if (fill.kind === 'bytes') return Uint8Array.from(fill.bytes)
  const value = evaluator.evaluateAbsolute(fill.value, 0n) ?? 0n
  return Uint8Array.from([24n, 16n, 8n, 0n], shift => Number((value >> shift) & 255n))
}

/**
 * An orphan that stands right behind a move of the location counter and must be aligned: GNU ld takes the one gap for the
 * other, so that the bytes of the move are never filled.
 */
function isGapTakenOver(state: LayoutState, output: OutputState, behind: number): boolean {
  const item = output.placed.items[behind]
  if (item?.kind !== 'inputs' || item.rule !== Claim.Orphan || item.ids.length === 0) return false
  return state.offsetOf[item.ids[0]!]! > output.itemStart[behind]!
}

function partsOf(state: LayoutState, evaluator: Evaluator, walker: Walker, output: OutputState): Part[] {
  const parts: Part[] = []
  const plan: OutputSectionPlan = output.plan
  let fill = fillBytes(evaluator, plan.fill)
  const { items } = output.placed
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!
    const offset = output.itemStart[i]!
    const end = output.itemEnd[i]!
    switch (item.kind) {
      case 'inputs':
        parts.push({ kind: 'sections', rule: item.rule, ids: item.ids, fill })
        break
      case 'data': {
        const bytes = new Uint8Array(item.size)
        const value = walker.innerValues.get(item.id) ?? 0n
        const little = state.program.arch.littleEndian
        for (let at = 0; at < item.size; at++)
          bytes[little ? at : item.size - 1 - at] = Number((value >> BigInt(8 * at)) & 255n)
        parts.push({ kind: 'bytes', statement: item.id, offset, bytes, fill })
        break
      }
      case 'string':
        parts.push({ kind: 'bytes', statement: item.id, offset, bytes: Uint8Array.from(item.bytes), fill })
        break
      case 'fill':
        fill = fillBytes(evaluator, item.fill)
        break
      case 'assign':
      case 'assert':
        parts.push({ kind: 'assign', statement: item, offset, value: walker.innerValues.get(item.id) ?? 0n })
        if (end > offset) {
          const isLost = item === plan.items.at(-1) && isGapTakenOver(state, output, i + 1)
          parts.push({ kind: 'gap', offset, size: end - offset, fill: isLost ? zeroFill : fill })
        }
        break
      case 'constructors':
      case 'object-symbols':
      case 'linker-version':
        break
    }
  }
  return parts
}

export { typeByName }
