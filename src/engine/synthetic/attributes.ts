/** The section of build attributes: one replaces those of the inputs. What the tags mean is the architecture's matter. */
import { attributeConflict, attributeDiffers, damagedAttributes } from '../../diag/catalogue/attributes.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS } from '../../elf/constants.ts'
import type { AttributeRules, Attributes, AttributeValue } from '../../target/attributes.ts'
import type { InputFile, Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'
import { SectionState } from '../records/tables.ts'

/** Joined attributes and the section that holds them. */
export interface OutputAttributes {
  readonly values: ReadonlyMap<number, AttributeValue>
  readonly bytes: Uint8Array
}

/** Undefined: the architecture has none, or no input has any. */
export function joinAttributes(
  program: Program,
  { silentTopics = [] }: LinkRequest,
  report: Report,
): OutputAttributes | undefined {
  const rules = program.arch.attributes
  if (rules === undefined) return undefined
  joinFlags(program, rules, report)
  const { sections, sectionNames, files } = program
  const name = sectionNames.findText(rules.section)
  if (name < 0) return undefined
  let joined: Attributes | undefined
  for (const file of files) {
    if (file.kind !== 'object') continue
    for (let id = file.firstSection; id < file.firstSection + file.sectionCount; id++) {
      if (sections.name[id] !== name || sections.type[id] !== rules.type || sections.size[id] === 0) continue
      if ((sections.state[id]! & (SectionState.Table | SectionState.JustSymbols)) !== 0) continue
      const place = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
      const added: Attributes = new Map()
      const damage = read(file, sections.offset[id]!, sections.size[id]!, rules, added)
      if (damage !== undefined) {
        report.add(damagedAttributes(damage), place)
        continue
      }
      if (joined === undefined) joined = added
      else
        rules.join(joined, added, ({ severity, topic, ...facts }) => {
          if (severity === 'warning' && topic !== undefined && silentTopics.includes(topic)) return
          report.add(severity === 'error' ? attributeConflict(facts) : attributeDiffers(facts), place)
        })
    }
  }
  return joined === undefined ? undefined : { values: joined, bytes: encode(joined, rules, program.arch.littleEndian) }
}

/** Do the objects' e_flags go together? Those without code have none that count. */
function joinFlags(program: Program, rules: AttributeRules, report: Report): void {
  if (rules.joinFlags === undefined) return
  const { sections, files } = program
  let known: number | undefined
  for (const file of files) {
    if (file.kind !== 'object') continue
    let hasCode = false
    for (let id = file.firstSection; id < file.firstSection + file.sectionCount && !hasCode; id++)
      hasCode = sections.type[id] === SHT_PROGBITS && (sections.flags[id]! & codeFlags) === codeFlags
    if (!hasCode) continue
    if (known === undefined) known = file.machineFlags
    else
      known = rules.joinFlags(known, file.machineFlags, ({ severity, ...facts }) => {
        const place = file.archive === undefined ? inFile(file.name) : inFile(file.archive, file.name)
        report.add(severity === 'error' ? attributeConflict(facts) : attributeDiffers(facts), place)
      })
  }
}

const codeFlags = SHF_ALLOC | SHF_EXECINSTR

/** Leaves the inputs' sections out of the output. True if there were any. */
export function replaceAttributes(program: Program): boolean {
  const rules = program.arch.attributes
  const { sections } = program
  const name = rules === undefined ? -1 : program.sectionNames.findText(rules.section)
  if (rules === undefined || name < 0) return false
  let found = false
  for (let id = 0; id < sections.count; id++) {
    if (sections.name[id] !== name || sections.type[id] !== rules.type) continue
    sections.state[id]! |= SectionState.Excluded
    found = true
  }
  return found
}

interface Damage {
  readonly found: string
  readonly expected: string
}

/** Tag 1 of a vendor's part: attributes of the whole file. Those of single sections and symbols (2, 3) are not joined. */
const fileScope = 1

function read(
  file: InputFile,
  start: number,
  size: number,
  rules: AttributeRules,
  found: Attributes,
): Damage | undefined {
  const { bytes, view, littleEndian: little } = file
  const end = start + size
  if (bytes[start] !== 0x41) return { found: `the first byte is ${bytes[start]}`, expected: "the letter 'A' (65)" }
  let at = start + 1
  while (at < end) {
    if (at + 4 > end) return { found: `${end - at} bytes at the end`, expected: 'the size of a part, 4 bytes' }
    const length = view.getUint32(at, little)
    if (length < 5 || at + length > end)
      return { found: `a part of ${length} bytes`, expected: `5 .. ${end - at} bytes` }
    const partEnd = at + length
    const vendor = readText(bytes, at + 4, partEnd)
    if (vendor === undefined) return { found: 'a name without end', expected: "a vendor's name that ends with 0" }
    let scope = vendor.next
    while (vendor.text === rules.vendor && scope < partEnd) {
      const kind = bytes[scope]!
      if (scope + 5 > partEnd) return { found: `${partEnd - scope} bytes at the end of a part`, expected: 'at least 5' }
      const scopeSize = view.getUint32(scope + 1, little)
      if (scopeSize < 5 || scope + scopeSize > partEnd)
        return { found: `attributes of ${scopeSize} bytes`, expected: `5 .. ${partEnd - scope} bytes` }
      if (kind === fileScope && !readTags(bytes, scope + 5, scope + scopeSize, rules, found))
        return { found: 'a tag or value without end', expected: 'numbers and strings that end inside their part' }
      scope += scopeSize
    }
    at = partEnd
  }
  return undefined
}

function readTags(bytes: Uint8Array, start: number, end: number, rules: AttributeRules, found: Attributes): boolean {
  let at = start
  while (at < end) {
    const tag = readNumber(bytes, at, end)
    if (tag === undefined) return false
    at = tag.next
    const form = rules.form(tag.value)
    let number: number | undefined
    let text: string | undefined
    if (form !== 'text') {
      const value = readNumber(bytes, at, end)
      if (value === undefined) return false
      number = value.value
      at = value.next
    }
    if (form !== 'number') {
      const value = readText(bytes, at, end)
      if (value === undefined) return false
      text = value.text
      at = value.next
    }
    found.set(tag.value, { number, text })
  }
  return true
}

function readNumber(bytes: Uint8Array, start: number, end: number): { value: number; next: number } | undefined {
  let value = 0
  let scale = 1
  for (let at = start; at < end && at < start + 5; at++) {
    value += (bytes[at]! & 0x7f) * scale
    if ((bytes[at]! & 0x80) === 0) return { value, next: at + 1 }
    scale *= 0x80
  }
  return undefined
}

function readText(bytes: Uint8Array, start: number, end: number): { text: string; next: number } | undefined {
  let text = ''
  for (let at = start; at < end; at++) {
    if (bytes[at] === 0) return { text, next: at + 1 }
    text += String.fromCharCode(bytes[at]!)
  }
  return undefined
}

/** Values that mean nothing (0, the empty string) are not written. */
function encode(attributes: Attributes, rules: AttributeRules, little: boolean): Uint8Array {
  const body: number[] = []
  const rank = (tag: number): number => {
    const at = rules.first.indexOf(tag)
    return at < 0 ? rules.first.length : at
  }
  const tags = [...attributes.keys()].sort((a, b) => rank(a) - rank(b) || a - b)
  for (const tag of tags) {
    const { number = 0, text = '' } = attributes.get(tag)!
    if (number === 0 && text === '') continue
    const form = rules.form(tag)
    body.push(...numberBytes(tag))
    if (form !== 'text') body.push(...numberBytes(number))
    if (form !== 'number') body.push(...textBytes(text))
  }
  const vendor = textBytes(rules.vendor)
  const bytes = new Uint8Array(1 + 4 + vendor.length + 5 + body.length)
  const view = new DataView(bytes.buffer)
  bytes[0] = 0x41
  view.setUint32(1, bytes.length - 1, little)
  bytes.set(vendor, 5)
  const scope = 5 + vendor.length
  bytes[scope] = fileScope
  view.setUint32(scope + 1, 5 + body.length, little)
  bytes.set(body, scope + 5)
  return bytes
}

function numberBytes(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return bytes
}

function textBytes(text: string): number[] {
  return [...Array.from(text, character => character.charCodeAt(0) & 0xff), 0]
}
