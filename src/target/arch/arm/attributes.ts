/**
 * How the build attributes of several objects are joined (Addenda to, and Errata in, the ABI for the Arm Architecture,
 * chapter "Build attributes"), with the verdicts of GNU ld 2.44.
 */
import type { AttributeProblem, AttributeRules, Attributes, AttributeValue } from '../../attributes.ts'
import { ArmTrait } from './branches.ts'

export const SHT_ARM_ATTRIBUTES = 0x70000003

const Tag = {
  CPU_raw_name: 4,
  CPU_name: 5,
  CPU_arch: 6,
  CPU_arch_profile: 7,
  ARM_ISA_use: 8,
  THUMB_ISA_use: 9,
  FP_arch: 10,
  WMMX_arch: 11,
  Advanced_SIMD_arch: 12,
  PCS_config: 13,
  ABI_PCS_R9_use: 14,
  ABI_PCS_RW_data: 15,
  ABI_PCS_RO_data: 16,
  ABI_PCS_GOT_use: 17,
  ABI_PCS_wchar_t: 18,
  ABI_FP_rounding: 19,
  ABI_FP_denormal: 20,
  ABI_FP_exceptions: 21,
  ABI_FP_user_exceptions: 22,
  ABI_FP_number_model: 23,
  ABI_align_needed: 24,
  ABI_align_preserved: 25,
  ABI_enum_size: 26,
  ABI_HardFP_use: 27,
  ABI_VFP_args: 28,
  ABI_WMMX_args: 29,
  ABI_optimization_goals: 30,
  ABI_FP_optimization_goals: 31,
  compatibility: 32,
  CPU_unaligned_access: 34,
  FP_HP_extension: 36,
  ABI_FP_16bit_format: 38,
  MPextension_use: 42,
  DIV_use: 44,
  DSP_extension: 46,
  MVE_arch: 48,
  PAC_extension: 50,
  BTI_extension: 52,
  nodefaults: 64,
  also_compatible_with: 65,
  T2EE_use: 66,
  conformance: 67,
  Virtualization_use: 68,
  MPextension_use_legacy: 70,
  BTI_use: 74,
  PACRET_use: 76,
} as const

const tagNames = new Map(Object.entries(Tag).map(([name, tag]) => [tag as number, `Tag_${name}`]))

const Architecture = {
  v4T: 2,
  v6: 6,
  v6KZ: 7,
  v6T2: 8,
  v6K: 9,
  v7: 10,
  v6M: 11,
  v6SM: 12,
  v7EM: 13,
  v8: 14,
  v8R: 15,
  v8MBaseline: 16,
  v8MMainline: 17,
  v81MMainline: 21,
  v9: 22,
} as const

const architectureNames = [
  ...['Pre v4', 'ARM v4', 'ARM v4T', 'ARM v5T', 'ARM v5TE', 'ARM v5TEJ', 'ARM v6', 'ARM v6KZ', 'ARM v6T2', 'ARM v6K'],
  ...['ARM v7', 'ARM v6-M', 'ARM v6S-M', 'ARM v7E-M', 'ARM v8', 'ARM v8-R', 'ARM v8-M.baseline', 'ARM v8-M.mainline'],
]

/** The architecture that runs the code of both; -1: there is none. */
export function joinArchitectures(one: number, other: number): number {
  const a = Architecture
  const low = Math.min(one, other)
  const high = Math.max(one, other)
  if (low === high || high <= a.v6KZ) return high
  switch (high) {
    case a.v6T2:
      return low === a.v6KZ ? a.v7 : high
    case a.v6K:
      return low === a.v6KZ ? a.v6KZ : low === a.v6T2 ? a.v7 : high
    case a.v7:
    case a.v8:
    case a.v9:
      return high
    case a.v6M:
    case a.v6SM:
      // A processor that runs the code of both is no longer one of the M profile.
      if (low < a.v4T) return -1
      if (low <= a.v6 || low === a.v6K) return a.v6K
      return low === a.v6KZ ? a.v6KZ : low === a.v6T2 || low === a.v7 ? a.v7 : high
    case a.v7EM:
      return low < a.v4T ? -1 : high
    case a.v8R:
      return low === a.v8 ? a.v8 : high
    case a.v8MBaseline:
      return low === a.v6M || low === a.v6SM ? high : -1
    case a.v8MMainline:
    case a.v81MMainline:
      return (low >= a.v7 && low <= a.v7EM) || low >= a.v8MBaseline ? high : -1
    default:
      return -1
  }
}

/** Version of the floating point unit and its double registers, by value of Tag_FP_arch. */
const floatingPoint: readonly (readonly [version: number, registers: number])[] = [
  ...([
    [0, 0],
    [1, 16],
    [2, 16],
    [3, 32],
    [3, 16],
    [4, 32],
    [4, 16],
    [8, 32],
    [8, 16],
  ] as const),
]

function joinFloatingPoint(a: number, b: number): number {
  const one = floatingPoint[a]
  const other = floatingPoint[b]
  if (one === undefined || other === undefined) return Math.max(a, b)
  const version = Math.max(one[0], other[0])
  const registers = Math.max(one[1], other[1])
  return Math.max(
    0,
    floatingPoint.findLastIndex(each => each[0] === version && each[1] === registers),
  )
}

type Complain = (problem: AttributeProblem) => void

const number = (from: ReadonlyMap<number, AttributeValue>, tag: number): number => from.get(tag)?.number ?? 0

function put(known: Attributes, tag: number, value: number): void {
  known.set(tag, { ...known.get(tag), number: value })
}

/** Values whose order of strength is 0, 2, 1, then larger ones. */
function strength021(value: number): number {
  return value === 1 ? 2 : value === 2 ? 1 : value
}

const Float = { none: 0, base: 0, registers: 1, toolchain: 2, compatible: 3 } as const

function conventionName(value: number): string {
  const names = ['floating point arguments in core registers (soft or softfp)', 'VFP register arguments (hard)']
  return names[value] ?? `value ${value}`
}

/** An object without floating point, or whose functions have no such arguments, fits to every convention. */
function joinArguments(known: Attributes, added: ReadonlyMap<number, AttributeValue>, complain: Complain): void {
  const before = number(known, Tag.ABI_VFP_args)
  const own = number(added, Tag.ABI_VFP_args)
  if (before === own) return
  const usesFloat = number(added, Tag.ABI_FP_number_model) !== Float.none
  if (before === Float.compatible || (usesFloat && number(known, Tag.ABI_FP_number_model) === Float.none))
    put(known, Tag.ABI_VFP_args, own)
  else if (usesFloat && own !== Float.compatible)
    complain({
      severity: 'error',
      tag: 'Tag_ABI_VFP_args (-mfloat-abi)',
      found: conventionName(own),
      expected: conventionName(before),
    })
}

function joinProcessor(known: Attributes, added: ReadonlyMap<number, AttributeValue>, complain: Complain): void {
  const before = number(known, Tag.CPU_arch)
  const own = number(added, Tag.CPU_arch)
  const joined = joinArchitectures(before, own)
  if (joined < 0) {
    const name = (value: number): string => architectureNames[value] ?? String(value)
    complain({ severity: 'error', tag: 'Tag_CPU_arch', found: name(own), expected: name(before) })
    return
  }
  put(known, Tag.CPU_arch, joined)
  if (joined !== before)
    for (const tag of [Tag.CPU_name, Tag.CPU_raw_name]) {
      const value = joined === own ? added.get(tag) : undefined
      if (value === undefined) known.delete(tag)
      else known.set(tag, value)
    }
}

function joinProfile(known: Attributes, before: number, own: number, complain: Complain): void {
  if (before === own || own === 0) return
  const letters = String.fromCharCode(before, own)
  if (before === 0 || letters === 'SA' || letters === 'SR') put(known, Tag.CPU_arch_profile, own)
  else if (letters !== 'AS' && letters !== 'RS')
    complain({
      severity: 'error',
      tag: 'Tag_CPU_arch_profile',
      found: letters[1]!,
      expected: letters[0]!,
    })
}

/** Division in hardware: 0 where the architecture has it, 1 not at all, 2 everywhere. */
function joinDivision(known: Attributes, added: ReadonlyMap<number, AttributeValue>): number {
  const before = number(known, Tag.DIV_use)
  const own = number(added, Tag.DIV_use)
  const accepts = (from: ReadonlyMap<number, AttributeValue>): boolean => {
    const use = number(from, Tag.DIV_use)
    const arch = number(from, Tag.CPU_arch)
    const profile = number(from, Tag.CPU_arch_profile)
    if (use === 0) return (arch === Architecture.v7 && (profile === 0x52 || profile === 0x4d)) || arch >= 13
    return use === 2
  }
  if (own === 1 && !accepts(known)) return 1
  if (before === 1 && accepts(added)) return own
  return own === 2 ? 2 : before
}

function joinTag(tag: number, known: Attributes, added: ReadonlyMap<number, AttributeValue>, complain: Complain): void {
  const before = number(known, tag)
  const own = number(added, tag)
  const differ = (severity: 'error' | 'warning', topic?: string): void =>
    complain({ severity, tag: tagNames.get(tag) ?? `Tag ${tag}`, found: String(own), expected: String(before), topic })
  switch (tag) {
    case Tag.CPU_raw_name:
    case Tag.CPU_name:
    case Tag.CPU_arch:
    case Tag.ABI_VFP_args:
    case Tag.ABI_HardFP_use:
    case Tag.ABI_optimization_goals:
    case Tag.ABI_FP_optimization_goals:
      // Joined elsewhere; of optimization goals those of the first object stay.
      return
    case Tag.CPU_arch_profile:
      joinProfile(known, before, own, complain)
      return
    case Tag.FP_arch:
      if (before === 0) {
        put(known, tag, own)
        put(known, Tag.ABI_HardFP_use, number(added, Tag.ABI_HardFP_use))
      } else if (own !== 0) {
        if (number(known, Tag.ABI_HardFP_use) !== number(added, Tag.ABI_HardFP_use)) put(known, Tag.ABI_HardFP_use, 0)
        put(known, tag, joinFloatingPoint(before, own))
      }
      return
    case Tag.ABI_align_preserved:
    case Tag.ABI_PCS_RO_data:
      put(known, tag, Math.min(before, own))
      return
    case Tag.ABI_align_needed:
    case Tag.ABI_FP_denormal:
    case Tag.ABI_PCS_GOT_use:
      if (strength021(own) > strength021(before)) put(known, tag, own)
      return
    case Tag.PCS_config:
      if (before === 0) put(known, tag, own)
      else if (own !== 0 && own !== before) differ('warning')
      return
    case Tag.ABI_PCS_R9_use: {
      const unused = 3
      if (before === unused) put(known, tag, own)
      else if (own !== before && own !== unused) differ('error')
      return
    }
    case Tag.ABI_PCS_RW_data: {
      const relativeToBase = 2
      const [baseInR9, unused] = [1, 3]
      const r9 = number(known, Tag.ABI_PCS_R9_use)
      if (own === relativeToBase && r9 !== baseInR9 && r9 !== unused) differ('error')
      put(known, tag, Math.min(before, own))
      return
    }
    case Tag.ABI_PCS_wchar_t:
      if (before === 0) put(known, tag, own)
      else if (own !== 0 && own !== before) differ('warning', 'wchar-size')
      return
    case Tag.ABI_enum_size: {
      const forcedWide = 3
      if (own === 0) return
      if (before === 0 || before === forcedWide) put(known, tag, own)
      else if (own !== forcedWide && own !== before) differ('warning', 'enum-size')
      return
    }
    case Tag.ABI_WMMX_args:
      if (own !== before) differ('error')
      return
    case Tag.ABI_FP_16bit_format:
      if (own !== 0 && before !== 0 && own !== before) differ('error')
      if (own !== 0) put(known, tag, own)
      return
    case Tag.DIV_use:
      put(known, tag, joinDivision(known, added))
      return
    case Tag.Virtualization_use:
      if (own !== before) put(known, tag, before | own)
      return
    case Tag.compatibility:
      if (own !== 0 && (own !== before || added.get(tag)?.text !== known.get(tag)?.text)) differ('error')
      return
    case Tag.nodefaults:
    case Tag.also_compatible_with:
    case Tag.conformance:
      if (added.get(tag)?.text !== known.get(tag)?.text || own !== before) known.delete(tag)
      return
    case Tag.MPextension_use_legacy:
      put(known, Tag.MPextension_use, Math.max(number(known, Tag.MPextension_use), own))
      return
    default:
      if (tagNames.has(tag)) put(known, tag, Math.max(before, own))
      else if (tag % 128 < 64 ? own !== before : false) differ('error')
      else if (own !== before || added.get(tag)?.text !== known.get(tag)?.text) known.delete(tag)
  }
}

const EF_ARM_ABI_FLOAT_SOFT = 0x200
const EF_ARM_ABI_FLOAT_HARD = 0x400

export const attributes: AttributeRules = {
  section: '.ARM.attributes',
  type: SHT_ARM_ATTRIBUTES,
  vendor: 'aeabi',
  form(tag) {
    if (tag === Tag.compatibility) return 'both'
    if (tag === Tag.nodefaults) return 'number'
    if (tag === Tag.CPU_raw_name || tag === Tag.CPU_name) return 'text'
    return tag < 32 || tag % 2 === 0 ? 'number' : 'text'
  },
  first: [Tag.conformance, Tag.nodefaults],
  join(known, added, complain) {
    joinArguments(known, added, complain)
    const division = new Map(known)
    joinProcessor(known, added, complain)
    const tags = new Set([...known.keys(), ...added.keys()])
    for (const tag of [...tags].sort((a, b) => a - b)) {
      if (tag === Tag.DIV_use) put(known, tag, joinDivision(division, added))
      else joinTag(tag, known, added, complain)
    }
  },
  traits(joined) {
    const arch = number(joined, Tag.CPU_arch)
    const a = Architecture
    const profile = number(joined, Tag.CPU_arch_profile)
    let traits = 0
    if (arch !== a.v6T2 && arch !== a.v6K && arch < a.v7) traits |= ArmTrait.NoHint
    // ARM1176 (v6K) gets BLX wrong where its target ends a page, so GNU ld leaves BLX to newer ones.
    if (arch !== a.v6T2 && arch <= a.v6K) traits |= ArmTrait.NoExchange
    if (arch !== a.v6T2 && arch < a.v7) traits |= ArmTrait.ShortThumbCalls
    const isMicrocontroller = (arch >= a.v6M && arch <= a.v7EM) || (arch >= a.v8MBaseline && arch <= a.v81MMainline)
    if (profile === 0 ? isMicrocontroller : profile === 0x4d) traits |= ArmTrait.ThumbOnly
    const hasThumb2 = arch === a.v6T2 || arch === a.v7 || (arch >= a.v7EM && arch !== a.v8MBaseline)
    const thumb = number(joined, Tag.THUMB_ISA_use)
    if (thumb === 2 || (thumb !== 1 && hasThumb2)) traits |= ArmTrait.Thumb2
    return traits
  },
  machineFlags(flags, joined) {
    const isHard = number(joined, Tag.ABI_VFP_args) === Float.registers
    return (
      (flags & ~(EF_ARM_ABI_FLOAT_HARD | EF_ARM_ABI_FLOAT_SOFT)) |
      (isHard ? EF_ARM_ABI_FLOAT_HARD : EF_ARM_ABI_FLOAT_SOFT)
    )
  },
}
