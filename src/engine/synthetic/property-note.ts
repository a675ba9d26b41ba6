/**
 * .note.gnu.property: what the inputs need of or promise to the processor, joined into one note.
 * (System V ABI extensions for Linux, "Program Property"; the words of one architecture are rows of its Arch.)
 */
import { NT_GNU_PROPERTY_TYPE_0, SHT_NOTE } from '../../elf/constants.ts'
import { layoutRows } from '../../kernels/layout.ts'
import type { InputFile, Program } from '../records/program.ts'

const GNU_PROPERTY_STACK_SIZE = 1
const GNU_PROPERTY_NO_COPY_ON_PROTECTED = 2

/** The joined note, empty when no property is left. */
export function propertyNote(program: Program): Uint8Array {
  return encode(joinedProperties(program), program.arch.bits, program.arch.littleEndian)
}

/** What the inputs say about one type. */
interface Told {
  /** inputs that have it */
  count: number
  and: number
  or: number
  most: number
}

/** Properties of the output: value by type. */
export function joinedProperties(program: Program): ReadonlyMap<number, number> {
  const { told, count } = tellProperties(program)
  const joined = new Map<number, number>()
  if (told.size === 0) return joined
  for (const { type, join } of program.arch.properties) {
    const all = told.get(type)
    if (all === undefined) continue
    const isEverywhere = all.count === count
    const value = join === 'or' || (join === 'or-if-all' && isEverywhere) ? all.or : isEverywhere ? all.and : 0
    if (value !== 0) joined.set(type, value >>> 0)
  }
  const stack = told.get(GNU_PROPERTY_STACK_SIZE)
  if (stack !== undefined)
    joined.set(GNU_PROPERTY_STACK_SIZE, Math.max(stack.most, joined.get(GNU_PROPERTY_STACK_SIZE) ?? 0))
  if (told.has(GNU_PROPERTY_NO_COPY_ON_PROTECTED)) joined.set(GNU_PROPERTY_NO_COPY_ON_PROTECTED, 0)
  return joined
}

/** By type of property, and the number of inputs. */
function tellProperties(program: Program): { told: ReadonlyMap<number, Told>; count: number } {
  const notes = firstNotes(program)
  const told = new Map<number, Told>()
  const found = new Map<number, number>()
  let count = 0
  for (const file of program.files) {
    if (file.kind !== 'object') continue
    count++
    const first = notes === undefined ? 0 : notes[file.id]!
    if (first === 0) continue
    found.clear()
    readProperties(program, file, first, found)
    for (const [type, value] of found) {
      const all = told.get(type)
      if (all === undefined) told.set(type, { count: 1, and: value, or: value, most: value })
      else {
        all.count++
        all.and &= value
        all.or |= value
        if (value > all.most) all.most = value
      }
    }
  }
  return { told, count }
}

function encode(properties: ReadonlyMap<number, number>, bits: 32 | 64, little: boolean): Uint8Array {
  if (properties.size === 0) return new Uint8Array(0)
  const word = bits / 8
  const rows = [...properties].sort(([a], [b]) => a - b)
  const dataSize = (type: number): number =>
    type === GNU_PROPERTY_STACK_SIZE ? word : type === GNU_PROPERTY_NO_COPY_ON_PROTECTED ? 0 : 4
  let size = 0
  for (const [type] of rows) size += 8 + Math.ceil(dataSize(type) / word) * word
  const bytes = new Uint8Array(16 + size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 4, little)
  view.setUint32(4, size, little)
  view.setUint32(8, NT_GNU_PROPERTY_TYPE_0, little)
  bytes.set([0x47, 0x4e, 0x55, 0], 12)
  let at = 16
  for (const [type, value] of rows) {
    const length = dataSize(type)
    view.setUint32(at, type, little)
    view.setUint32(at + 4, length, little)
    if (length === 8) view.setBigUint64(at + 8, BigInt(value), little)
    else if (length === 4) view.setUint32(at + 8, value, little)
    at += 8 + Math.ceil(length / word) * word
  }
  return bytes
}

const noteName = '.note.gnu.property'

/** By file id: the first section of that name, 0: none. Undefined: no file has one. */
function firstNotes({ compute, files, sections, sectionNames }: Program): Int32Array | undefined {
  const wanted = sectionNames.findText(noteName)
  if (wanted < 0) return undefined
  const found = compute.memory.int32(files.length)
  const named = { name: sections.name, file: sections.file, wanted, found }
  for (let id = 0; id < sections.count; id += layoutRows)
    compute.kernels.findNamed(named, id, Math.min(id + layoutRows, sections.count))
  return found
}

/**
 * Properties of one input by type, into `found`. Damaged notes end where they stop making sense.
 * @param first section of that name
 */
function readProperties(program: Program, file: InputFile, first: number, found: Map<number, number>): void {
  const { sections } = program
  const name = sections.name[first]
  for (let id = first; id < file.firstSection + file.sectionCount; id++) {
    if (sections.name[id] !== name || sections.type[id] !== SHT_NOTE) continue
    readNotes(file, sections.offset[id]!, sections.offset[id]! + sections.size[id]!, found)
  }
}

function readNotes(file: InputFile, start: number, end: number, found: Map<number, number>): void {
  const { view, littleEndian: little, bytes } = file
  const word = file.bits / 8
  let at = start
  while (at + 16 <= end) {
    const nameSize = view.getUint32(at, little)
    const size = view.getUint32(at + 4, little)
    const type = view.getUint32(at + 8, little)
    const isGnu = nameSize === 4 && bytes[at + 12] === 0x47 && bytes[at + 13] === 0x4e && bytes[at + 14] === 0x55
    const data = at + 12 + Math.ceil(nameSize / 4) * 4
    if (data + size > end) return
    if (isGnu && type === NT_GNU_PROPERTY_TYPE_0)
      for (let row = data; row + 8 <= data + size; ) {
        const length = view.getUint32(row + 4, little)
        if (row + 8 + length > data + size) return
        const kind = view.getUint32(row, little)
        found.set(kind, length >= 4 ? view.getUint32(row + 8, little) : 0)
        row += 8 + Math.ceil(length / word) * word
      }
    at = data + Math.ceil(size / word) * word
  }
}
