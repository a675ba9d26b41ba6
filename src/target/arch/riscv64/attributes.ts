/**
 * How the build attributes of several objects are joined (RISC-V ELF psABI, chapter "Attributes"), and which e_flags go
 * together, with the verdicts of GNU ld 2.44: extensions are united, the newer version of each counts.
 */
import type { AttributeProblem, AttributeRules, Attributes, AttributeValue } from '../../attributes.ts'

const SHT_RISCV_ATTRIBUTES = 0x7000_0003
const PT_RISCV_ATTRIBUTES = 0x7000_0003

const Tag = {
  stack_align: 4,
  arch: 5,
  unaligned_access: 6,
  priv_spec: 8,
  priv_spec_minor: 10,
  priv_spec_revision: 12,
  atomic_abi: 14,
  x3_reg_usage: 16,
} as const

const EF_RISCV_FLOAT_ABI = 6
const EF_RISCV_RVE = 8

type Complain = (problem: AttributeProblem) => void

/** An ISA string: rv64i2p1_m2p0_zicsr2p0 */
interface Isa {
  readonly bits: string
  /** version ('2p1') by extension */
  readonly extensions: Map<string, string>
}

/** Extensions of one letter in the order of ISA strings; of several letters: by class, then z's by the class of their second letter. */
const letters = 'eimafdqlcbkjtpvnh'
const classes = 'zsx'

function parseIsa(text: string): Isa | undefined {
  const head = /^rv(\d+)/i.exec(text)
  if (head === null) return undefined
  const extensions = new Map<string, string>()
  let rest = text.slice(head[0].length).toLowerCase()
  while (rest !== '') {
    if (rest.startsWith('_')) {
      rest = rest.slice(1)
      continue
    }
    const found = /^[zsx][a-z0-9]*?[a-z](\d+p\d+)(?=_|$)/.exec(rest) ?? /^[a-z](\d+p\d+|\d+)?/.exec(rest)
    if (found === null) return undefined
    const version = found[1] ?? ''
    extensions.set(found[0].slice(0, found[0].length - version.length), version)
    rest = rest.slice(found[0].length)
  }
  return { bits: head[1]!, extensions }
}

function rank(extension: string): number[] {
  if (extension.length === 1) return [0, letters.indexOf(extension)]
  const kind = 1 + classes.indexOf(extension[0]!)
  return extension[0] === 'z' ? [kind, letters.indexOf(extension[1]!)] : [kind, 0]
}

function compareExtensions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)]
  return left[0]! - right[0]! || left[1]! - right[1]! || (a < b ? -1 : a > b ? 1 : 0)
}

/** '2p1' as a number that compares */
function versionNumber(version: string): number {
  const [major = '0', minor = '0'] = version.split('p')
  return Number(major) * 1000 + Number(minor)
}

function formatIsa(isa: Isa): string {
  const parts = [...isa.extensions.keys()].sort(compareExtensions).map(name => name + isa.extensions.get(name)!)
  return `rv${isa.bits}${parts.join('_')}`
}

function joinIsa(known: Attributes, found: string, complain: Complain): void {
  const expected = known.get(Tag.arch)?.text ?? ''
  if (expected === '' || expected === found) {
    known.set(Tag.arch, { text: found })
    return
  }
  const ours = parseIsa(expected)
  const theirs = parseIsa(found)
  const base = (isa: Isa): string => isa.bits + (isa.extensions.has('e') ? 'e' : 'i')
  if (ours === undefined || theirs === undefined || base(ours) !== base(theirs)) {
    complain({ severity: 'error', tag: 'Tag_RISCV_arch', found, expected })
    return
  }
  for (const [name, version] of theirs.extensions) {
    const before = ours.extensions.get(name)
    if (before === undefined || versionNumber(version) > versionNumber(before)) ours.extensions.set(name, version)
  }
  known.set(Tag.arch, { text: formatIsa(ours) })
}

function number(from: ReadonlyMap<number, AttributeValue>, tag: number): number {
  return from.get(tag)?.number ?? 0
}

const privileged = [Tag.priv_spec, Tag.priv_spec_minor, Tag.priv_spec_revision] as const

/** The newer of two versions of the privileged architecture; 1.9 cannot be mixed with others. */
function joinPrivileged(known: Attributes, added: ReadonlyMap<number, AttributeValue>, complain: Complain): void {
  const ours = privileged.map(tag => number(known, tag))
  const theirs = privileged.map(tag => number(added, tag))
  if (theirs.every(each => each === 0) || ours.every((each, i) => each === theirs[i])) return
  if (ours.some(each => each !== 0)) {
    const is19 = (version: number[]): boolean => version[0] === 1 && version[1] === 9
    complain({
      severity: is19(ours) || is19(theirs) ? 'error' : 'warning',
      tag: 'Tag_RISCV_priv_spec',
      found: theirs.join('.'),
      expected: ours.join('.'),
    })
    const order = theirs.map((each, i) => each - ours[i]!).find(each => each !== 0) ?? 0
    if (order < 0) return
  }
  privileged.forEach((tag, i) => {
    known.set(tag, { number: theirs[i]! })
  })
}

/** What must be the same wherever it is said. */
function joinEqual(
  known: Attributes,
  added: ReadonlyMap<number, AttributeValue>,
  tag: number,
  name: string,
  complain: Complain,
): void {
  const found = number(added, tag)
  const expected = number(known, tag)
  if (found === 0 || found === expected) return
  if (expected === 0) known.set(tag, { number: found })
  else complain({ severity: 'error', tag: name, found: String(found), expected: String(expected) })
}

const floatNames: readonly string[] = ['soft-float', 'single-float', 'double-float', 'quad-float']

export const attributes: AttributeRules = {
  section: '.riscv.attributes',
  type: SHT_RISCV_ATTRIBUTES,
  segment: PT_RISCV_ATTRIBUTES,
  vendor: 'riscv',
  form: tag => (tag % 2 === 0 ? 'number' : 'text'),
  first: [],
  join(known, added, complain) {
    const isa = added.get(Tag.arch)?.text ?? ''
    if (isa !== '') joinIsa(known, isa, complain)
    joinPrivileged(known, added, complain)
    joinEqual(known, added, Tag.stack_align, 'Tag_RISCV_stack_align', complain)
    joinEqual(known, added, Tag.atomic_abi, 'Tag_RISCV_atomic_abi', complain)
    joinEqual(known, added, Tag.x3_reg_usage, 'Tag_RISCV_x3_reg_usage', complain)
    const unaligned = number(known, Tag.unaligned_access) | number(added, Tag.unaligned_access)
    if (unaligned !== 0) known.set(Tag.unaligned_access, { number: unaligned })
  },
  traits: () => 0,
  machineFlags: flags => flags,
  joinFlags(known, added, complain) {
    if (((known ^ added) & EF_RISCV_FLOAT_ABI) !== 0) {
      const name = (flags: number): string => `${floatNames[(flags & EF_RISCV_FLOAT_ABI) >> 1]!} code`
      complain({ severity: 'error', tag: 'e_flags', found: name(added), expected: name(known) })
    }
    if (((known ^ added) & EF_RISCV_RVE) !== 0) {
      const name = (flags: number): string => `code for ${(flags & EF_RISCV_RVE) !== 0 ? '16' : '32'} registers`
      complain({ severity: 'error', tag: 'e_flags', found: name(added), expected: name(known) })
    }
    return known | added
  },
}
