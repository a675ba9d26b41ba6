/** Objects and archives with all that large links do in ways of their own: groups, frames, merged strings, thread-local data and more. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { archive } from './archive-builder.ts'
import type { SymbolType } from './elf-numbers.ts'
import { ObjectBuilder, type SectionBuilder, type SymbolBuilder } from './object-builder.ts'

/** Relocations of the x86-64 psABI. */
const R = { abs64: 1, pc32: 2, plt32: 4, abs32: 10, gottpoff: 22, tpoff32: 23, rexGotpcrelx: 42 } as const

/** How much there is of what. */
export interface InputScale {
  /** every third one is a member of an archive */
  readonly objects: number
  /** in each object */
  readonly functions: number
  /** bytes, at least 256 */
  readonly functionSize: number
  /** bytes, at least 1024 and 8 for each function */
  readonly dataSize: number
  /** relocations of debugging information */
  readonly debugRows: number
}

/** More than 24 MB. */
export const large: InputScale = { objects: 60, functions: 60, functionSize: 5000, dataSize: 90_000, debugRows: 500 }
/** The same of a few kilobytes. */
export const small: InputScale = { objects: 4, functions: 5, functionSize: 256, dataSize: 1100, debugRows: 4 }

/** Object `i`; it refers to others, all of which exist. */
export function variedObject(i: number, scale: InputScale): Uint8Array {
  const { functions, functionSize, objects } = scale
  const object = new ObjectBuilder()
  const known = (name: string, type: SymbolType): SymbolBuilder =>
    object.symbols.find(symbol => symbol.name === name) ?? object.undefined(name, { type })
  const other = (name: string, step: number, type: SymbolType = 'notype'): SymbolBuilder =>
    known(`${name}${(i + step) % objects}`, type)
  object.file(`part${i}.c`)
  const text = object.section('.text', {
    flags: 'ax',
    align: 16,
    bytes: codeBytes(functions * functionSize + i, functionSize),
  })
  const data = object.section('.data', { flags: 'aw', align: 16, bytes: pattern(scale.dataSize + i * 8, i) })
  const strings = object.section('.rodata.str1.1', { flags: 'aMS', entrySize: 1, bytes: someStrings(i) })
  const constants = object.section('.rodata.cst8', { flags: 'aM', entrySize: 8, align: 8, bytes: pattern(4096, i % 7) })
  const locals = Array.from({ length: functions }, (_, k) =>
    object.symbol(`local${k}`, text, k * functionSize + 8, { binding: 'local', type: 'func', size: 16 }),
  )
  data.label(`data${i}`, 16, { type: 'object', size: 64 })
  object
    .section('.tdata', { flags: 'awT', align: 8, bytes: pattern(64, i) })
    .label(`tls${i}`, 8, { type: 'tls', size: 8 })
  object
    .section('.tbss', { flags: 'awT', align: 16, type: 'nobits', size: 48 })
    .label(`tlsZero${i}`, 16, { type: 'tls' })
  object
    .section('.bss', { flags: 'aw', align: 32, type: 'nobits', size: 1000 + i })
    .label(`zero${i}`, 32, { type: 'object' })
  object.common(`shared${i % Math.min(9, objects)}`, 16 * (1 + (i % 5)), 8)
  text.label(`chosen${i}`, 4, { type: 'ifunc', size: 32 })
  text.label(`f${i}`, 0, { type: 'func', size: functionSize })
  for (let k = 0; k < functions; k++) {
    const at = k * functionSize
    const binding = k % 5 === 4 ? 'weak' : 'global'
    if (k > 0) text.label(`f${i}_${k}`, at, { type: 'func', size: functionSize, binding })
    text.relocate(at + 20, R.plt32, other('f', k + 1), -4)
    text.relocate(at + 40, R.pc32, other('data', k), -4)
    text.relocate(at + 60, R.rexGotpcrelx, other('data', k * 3), -4)
    text.relocate(at + 80, R.pc32, strings, (k * 13) % 500)
    text.relocate(at + 100, R.pc32, constants, (k % 500) * 8)
    text.relocate(at + 120, R.gottpoff, other('tls', k, 'tls'), -4)
    text.relocate(at + 140, R.tpoff32, other('tlsZero', k, 'tls'), 0)
    text.relocate(at + 160, R.plt32, other('chosen', k), -4)
    text.relocate(at + 180, R.pc32, known(`shared${k % Math.min(9, objects)}`, 'notype'), -4)
    text.relocate(at + 200, R.pc32, locals[(k * 7) % functions], -4)
    data.relocate(1024 + k * 8, R.abs64, k % 2 === 0 ? text : other('zero', k), k)
  }
  addGroups(object, i, Math.min(40, objects))
  addFrames(object, text, scale)
  const info = object.section('.debug_info', { bytes: pattern(scale.debugRows * 60, i) })
  for (let k = 0; k < scale.debugRows; k++)
    info.relocate(k * 60, k % 3 === 0 ? R.abs32 : R.abs64, k % 3 === 0 ? strings : text, k)
  const start = object.section('.init_array', { flags: 'aw', type: 'init-array', align: 8, bytes: new Uint8Array(8) })
  start.relocate(0, R.abs64, text, 8)
  return object.build()
}

/** Functions that several objects have, with constants and frames of their own. */
function addGroups(object: ObjectBuilder, i: number, groups: number): void {
  for (let k = i % 3; k < groups; k += 3) {
    const code = object.section(`.text.group${k}`, { flags: 'axG', align: 16, bytes: codeBytes(200 + k, 200 + k) })
    const constant = object.section(`.rodata.group${k}`, { flags: 'aG', align: 4, bytes: pattern(40, k) })
    const signature = object.symbol(`group${k}`, code, 0, { type: 'func', binding: 'weak', size: 100 })
    const name = `f${k}`
    const called = object.symbols.find(symbol => symbol.name === name) ?? object.undefined(name)
    code.relocate(16, R.pc32, constant, -4).relocate(32, R.plt32, called, -4)
    object.group(signature, [code, constant])
  }
}

/** One CIE and an FDE for each function. */
function addFrames(object: ObjectBuilder, text: SectionBuilder, { functions, functionSize }: InputScale): void {
  const cie = [0x14, 0, 0, 0, 0, 0, 0, 0, 1, 0x7a, 0x52, 0, 1, 0x78, 0x10, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0]
  const bytes = new Uint8Array(cie.length + functions * 24 + 4)
  const view = new DataView(bytes.buffer)
  bytes.set(cie)
  const frames = object.section('.eh_frame', { flags: 'a', align: 8, bytes })
  for (let k = 0; k < functions; k++) {
    const at = cie.length + k * 24
    view.setUint32(at, 20, true)
    view.setUint32(at + 4, at + 4, true)
    view.setUint32(at + 12, functionSize, true)
    frames.relocate(at + 8, R.pc32, text, k * functionSize)
  }
}

function someStrings(i: number): Uint8Array {
  const strings = Array.from({ length: 400 }, (_, k) =>
    k % 4 === 0 ? `everywhere ${k}` : k % 4 === 1 ? `where ${k - 1}` : `${i} ${k}`,
  )
  return new TextEncoder().encode(`${strings.join('\0')}\0`)
}

/** Instructions that do nothing, with room for `mov NAME@GOT(%rip), %rax` and calls. */
function codeBytes(length: number, functionSize: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x90)
  for (let at = 0; at + functionSize <= length; at += functionSize) {
    bytes[at + 19] = 0xe8
    bytes.set([0x48, 0x8b, 0x05], at + 57)
    bytes.set([0x48, 0x8b, 0x05], at + 117)
    bytes.set([0x64, 0x8b, 0x04, 0x25], at + 136)
    bytes[at + 159] = 0xe8
  }
  return bytes
}

function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 17 + (at >> 8)) & 0xff)
}

/**
 * Writes the objects to `folder`.
 * @param change what becomes of object `i`
 * @returns the inputs in order
 */
export function writeVariedInputs(
  folder: string,
  scale: InputScale,
  change = (bytes: Uint8Array, _i: number): Uint8Array => bytes,
): string[] {
  const members = new Map<string, { name: string; bytes: Uint8Array; symbols: string[] }[]>()
  const inputs: string[] = []
  for (let i = 0; i < scale.objects; i++) {
    const bytes = change(variedObject(i, scale), i)
    const name = `part${i}.o`
    if (i % 3 !== 2) {
      writeFileSync(join(folder, name), bytes)
      inputs.push(name)
      continue
    }
    const library = i < scale.objects / 2 ? 'liba.a' : 'libb.a'
    const rows = members.get(library) ?? []
    rows.push({ name, bytes, symbols: [`f${i}`, `data${i}`] })
    members.set(library, rows)
  }
  for (const [name, rows] of members) {
    writeFileSync(join(folder, name), archive(rows, { names: name === 'liba.a' ? 'gnu' : 'bsd' }))
    inputs.push(name)
  }
  return inputs
}
