/** .eh_frame by kernels: what is read of it, which records stay, and that damage is noticed without leaving the file. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { SHT_PROGBITS, SHT_REL, SHT_RELA } from '../../src/elf/constants.ts'
import { EhFrames } from '../../src/engine/contents/eh-frame.ts'
import type { Layout } from '../../src/engine/records/placement.ts'
import type { Program } from '../../src/engine/records/program.ts'
import { SharedCompute } from '../../src/host-node/shared-compute.ts'
import { SharedMemory } from '../../src/host-node/shared-memory.ts'
import { type Compute, plainCompute } from '../../src/kernels/compute.ts'
import type { FrameOrder } from '../../src/kernels/frame-table.ts'

const code = await compileKernels('src/kernels/all.ts')

function computes(): Compute[] {
  return [plainCompute, new SharedCompute(new SharedMemory(1 << 20), code)]
}

interface Form {
  readonly bits: 32 | 64
  readonly little: boolean
  readonly addends: boolean
}

const usual: Form = { bits: 64, little: true, addends: true }
const forms: readonly Form[] = [
  usual,
  { bits: 64, little: false, addends: true },
  { bits: 32, little: true, addends: false },
  { bits: 32, little: false, addends: true },
]

/** A relocation: offset in the section, symbol. Symbols 1 to 9 are sections 1 to 9 of the file, 10 and up globals. */
type Relocation = readonly [offset: number, symbol: number]

interface Input {
  readonly frames: readonly number[]
  readonly relocations: readonly Relocation[]
}

/** Writes .eh_frame sections record by record. */
class FrameWriter {
  readonly bytes: number[] = []
  readonly relocations: Relocation[] = []
  private readonly little: boolean

  constructor({ little }: Form) {
    this.little = little
  }

  word(value: number): void {
    const bytes = [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]
    this.bytes.push(...(this.little ? bytes : bytes.reverse()))
  }

  /** Returns the offset of the record. Without `personality` the augmentation is zR. */
  cie(personality?: number, instructions: readonly number[] = [0x0c, 7, 8, 0x90, 1, 0, 0]): number {
    const start = this.bytes.length
    const letters = personality === undefined ? [0x7a, 0x52, 0] : [0x7a, 0x50, 0x4c, 0x52, 0]
    const data = personality === undefined ? [1, 0x1b] : [7, 0x1b, 0, 0, 0, 0, 0x1b, 0x1b]
    const body = [1, ...letters, 1, 0x78, 16, ...data, ...instructions]
    while (body.length % 4 !== 0) body.push(0)
    this.word(body.length + 4)
    this.word(0)
    if (personality !== undefined) this.relocations.push([this.bytes.length + 11, personality])
    this.bytes.push(...body)
    return start
  }

  fde(
    cie: number,
    symbol: number,
    instructions: readonly number[] = [0x41, 0x0e, 16],
    data: readonly number[] = [],
  ): number {
    const start = this.bytes.length
    const body = [0, 0, 0, 0, 4, 0, 0, 0, data.length, ...data, ...instructions]
    while (body.length % 4 !== 0) body.push(0)
    this.word(body.length + 4)
    this.word(start + 4 - cie)
    this.relocations.push([start + 8, symbol])
    this.bytes.push(...body)
    return start
  }

  get input(): Input {
    return { frames: this.bytes, relocations: this.relocations }
  }
}

/** Reading outside is an error in this form; compiled code would not notice. */
function guarded(bytes: Uint8Array): Uint8Array {
  return new Proxy(bytes, {
    get(target, name) {
      if (typeof name === 'string' && /^-?\d+$/.test(name) && !(Number(name) >= 0 && Number(name) < target.length))
        throw new RangeError(`byte ${name} of ${target.length}`)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Files of the sections 0 to 9 each, 0 being .eh_frame; section 2 of each is dead. */
function edit(inputs: readonly Input[], form: Form, compute: Compute, isGuarded = false): EhFrames {
  const { memory } = compute
  const wide = form.bits === 64
  const entry = wide ? 24 : 16
  const step = (wide ? 8 : 4) * (form.addends ? 3 : 2)
  const count = inputs.length * 11
  const sections = {
    count,
    file: memory.int32(count),
    offset: memory.float64(count),
    size: memory.float64(count),
    align: memory.uint32(count).fill(8),
    type: memory.uint32(count).fill(SHT_PROGBITS),
    relocations: memory.int32(count).fill(-1),
  }
  const live = memory.uint8(count).fill(1)
  const files = inputs.map(({ frames, relocations }, index) => {
    const first = index * 11
    sections.file.fill(index, first, first + 11)
    live[first + 2] = 0
    const tableAt = 12 * entry
    const framesAt = tableAt + relocations.length * step
    const bytes = memory.uint8(framesAt + frames.length)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let symbol = 1; symbol < 10; symbol++) view.setUint16(symbol * entry + (wide ? 6 : 14), symbol, form.little)
    relocations.forEach(([offset, symbol], row) => {
      const at = tableAt + row * step
      if (wide) {
        view.setUint32(form.little ? at : at + 4, offset, form.little)
        view.setUint32(form.little ? at + 12 : at + 8, symbol, form.little)
        view.setUint32(form.little ? at + 8 : at + 12, 2, form.little)
      } else {
        view.setUint32(at, offset, form.little)
        view.setUint32(at + 4, (symbol << 8) | 2, form.little)
      }
    })
    bytes.set(frames, framesAt)
    sections.offset[first] = framesAt
    sections.size[first] = frames.length
    sections.relocations[first] = first + 10
    sections.type[first + 10] = form.addends ? SHT_RELA : SHT_REL
    sections.offset[first + 10] = tableAt
    sections.size[first + 10] = relocations.length * step
    const globals = memory.int32(2)
    globals.set([0, 1])
    return {
      id: index,
      bytes: isGuarded ? guarded(bytes) : bytes,
      view,
      globals,
      bits: form.bits,
      littleEndian: form.little,
      symbolTable: { offset: 0, count: 12, firstGlobal: 10 },
      extendedIndex: 0,
      firstSection: first,
      sectionCount: 10,
    }
  })
  // Global 0 is defined in section 3 of the first file, global 1 nowhere.
  const state = memory.uint8(2)
  state.set([3, 1])
  const section = memory.int32(2)
  section.set([3, -1])
  const program = { compute, files, sections, arch: { littleEndian: form.little }, symbols: { state, section } }
  const frames = new EhFrames(program as unknown as Program)
  const ids = memory.int32(inputs.length)
  ids.set(inputs.map((_, index) => index * 11))
  frames.begin(ids, memory.int32(inputs.length), live, {
    bytes: files.map(file => file.bytes),
    views: files.map(file => file.view),
  })
  frames.finish(memory.float64(count))
  return frames
}

function movedTo(frames: EhFrames, section: number, offset: number): number {
  return frames.move(section, offset) ? frames.movedOffset : -1
}

test('frames of dead functions go, equal CIEs are kept once, the end stays at the end', () => {
  for (const form of forms)
    for (const compute of computes()) {
      const inputs: Input[] = []
      const places: number[][] = []
      for (let i = 0; i < 3; i++) {
        const writer = new FrameWriter(form)
        const plain = writer.cie()
        const first = writer.fde(plain, 1)
        const dead = writer.fde(plain, 2)
        const unused = writer.cie(undefined, [0x0c, 7, 16])
        const lonely = writer.fde(unused, 2)
        const other = writer.cie(i === 2 ? 11 : 10)
        const last = writer.fde(other, 10, [0x0e, 0, 0x41, 0x0f, 2, 0, 0], [0, 0, 0, 0])
        writer.word(0)
        inputs.push(writer.input)
        places.push([plain, first, dead, unused, lonely, other, last, writer.bytes.length - 4])
      }
      const frames = edit(inputs, form, compute)
      assert.is(frames.isComplete, true)
      assert.is(frames.isSortable, true)
      // The global that the last FDE of each file is for lies in the first file.
      assert.is(frames.frameCount, 4)
      const [one, two, three] = places.map((offsets, i) => offsets.map(offset => movedTo(frames, i * 11, offset)))
      assert.equal(one, [0, 24, -1, -1, -1, 44, 76, -1])
      assert.equal(two, [-1, 0, -1, -1, -1, -1, -1, -1])
      assert.equal(three, [-1, 0, -1, -1, -1, -1, -1, 20])
      // Padding is not needed; what is not the last part is as long as its alignment asks.
      assert.equal([frames.sizeOf(0), frames.sizeOf(11), frames.sizeOf(22)], [104, 24, 24])
      const image = compute.memory.uint8(152)
      const layout = {
        outputs: [{ type: SHT_PROGBITS, fileOffset: 0 }],
        outputOf: new Int32Array(33),
        offsetOf: Float64Array.from({ length: 33 }, (_, id) => [0, 104, 128][Math.floor(id / 11)]!),
      } as unknown as Layout
      frames.beginWriting(image, layout).finish()
      frames.link(image, layout)
      const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
      // Lengths lead from record to record to the very end, and every FDE finds its CIE.
      const starts: number[] = []
      let at = 0
      while (at < 148) {
        starts.push(at)
        const pointer = view.getUint32(at + 4, form.little)
        if (pointer !== 0) assert.ok([0, 44].includes(at + 4 - pointer), `CIE at ${at + 4 - pointer}`)
        at += 4 + view.getUint32(at, form.little)
      }
      assert.equal(starts, [0, 24, 44, 76, 104, 128])
      assert.is(view.getUint32(148, form.little), 0)
    }
})

test('CIEs with other personality routines are other CIEs', () => {
  const inputs = [10, 11, 10, 4, 4].map(personality => {
    const writer = new FrameWriter(usual)
    writer.fde(writer.cie(personality), 1)
    return writer.input
  })
  for (const compute of computes()) {
    const frames = edit(inputs, usual, compute)
    // A local symbol of one file is not that of another.
    assert.equal(
      inputs.map((_, i) => movedTo(frames, i * 11, 0)),
      [0, 0, -1, 0, 0],
    )
  }
})

test('more CIEs than usual have room', () => {
  const writer = new FrameWriter(usual)
  for (let i = 0; i < 60; i++) writer.cie(undefined, [0x0e, i + 1])
  writer.fde(writer.cie(), 1)
  for (const compute of computes()) {
    const frames = edit([writer.input], usual, compute)
    assert.is(frames.isComplete, true)
    assert.is(frames.frameCount, 1)
    assert.is(frames.columns!.recordCount[0], 62)
  }
})

test('what cannot be read is named', () => {
  const damage: Readonly<Record<string, (writer: FrameWriter) => void>> = {
    'cut off': writer => writer.bytes.push(1, 2),
    'longer than the section': writer => writer.word(400),
    '64-bit': writer => writer.word(0xffffffff),
    'too short': writer => {
      writer.word(2)
      writer.word(0)
    },
    'no CIE': writer => writer.fde(4, 1),
    'no relocation': writer => {
      writer.fde(0, 1)
      writer.relocations.pop()
    },
    'relocations out of order': writer => {
      writer.fde(0, 1)
      writer.relocations.reverse()
    },
    'records behind the end': writer => {
      writer.word(0)
      writer.word(8)
    },
    'unknown instruction': writer => writer.fde(0, 1, [0x3f]),
    'operand cut off': writer => writer.fde(0, 1, [0x0e, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
    'block cut off': writer => writer.fde(0, 1, [0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    'unknown augmentation': writer => {
      const start = writer.cie()
      writer.bytes[start + 10] = 0x58
    },
  }
  for (const [name, spoil] of Object.entries(damage)) {
    const writer = new FrameWriter(usual)
    writer.fde(writer.cie(), 1)
    spoil(writer)
    for (const compute of computes()) {
      const frames = edit([writer.input], usual, compute)
      assert.equal(frames.damaged, [0], name)
      assert.is(frames.frameCount, 0, name)
    }
  }
})

test('damaged bytes are read the same way by both forms, and nothing outside the file', () => {
  let state = 5
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let round = 0; round < 400; round++) {
    const form = forms[round % forms.length]!
    const writer = new FrameWriter(form)
    const plain = writer.cie()
    writer.fde(plain, 1)
    const other = writer.cie(10)
    writer.fde(other, 10, [0x16, 1, 2, 3, 3, 0, 1, 0x0a, 0x0b], [1, 2, 3, 4])
    writer.fde(plain, 2)
    for (let i = next(4); i > 0; i--) {
      // Lengths, pointers and letters matter more than others.
      const at = next(writer.bytes.length)
      writer.bytes[at] = [0, 1, 0x7f, 0x80, 0xff, next(256)][next(6)]!
    }
    if (next(4) === 0) writer.bytes.length = next(writer.bytes.length + 1)
    if (next(4) === 0) writer.relocations[next(writer.relocations.length)] = [next(200), next(20)]
    const [plainly, compiled] = computes().map((compute, index) =>
      edit([writer.input, writer.input], form, compute, index === 0),
    )
    const seen = (frames: EhFrames) => [
      frames.damaged,
      frames.frameCount,
      frames.isSortable,
      [0, 1].map(row => {
        const section = row * 11
        return writer.bytes.map((_, at) => (frames.rowOf[section]! < 0 ? 0 : movedTo(frames, section, at)))
      }),
      frames.sizeOf(0),
      frames.sizeOf(11),
    ]
    assert.equal(seen(compiled!), seen(plainly!), `round ${round}`)
  }
})

test('entries of the look-up table are sorted by function and by record', () => {
  for (const compute of computes()) {
    const { memory, kernels } = compute
    for (const count of [0, 1, 2, 40, 3000]) {
      const make = (): FrameOrder => ({
        count,
        functions: memory.int32(count),
        records: memory.int32(count),
        functions2: memory.int32(count),
        records2: memory.int32(count),
        counts: memory.int32(256),
      })
      const order = make()
      const few = make()
      const expected: [number, number][] = []
      for (let i = 0; i < count; i++) {
        const key = i % 3 === 0 ? i % 7 : Math.imul(i, 0x9e3779b1) | 0
        expected.push([key, Math.imul(i, 0x85ebca6b) | 0])
        order.functions[i] = few.functions[i] = key
        order.records[i] = few.records[i] = expected[i]![1]
      }
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1])
      for (const byRecord of [true, false])
        for (let shift = 0; shift < 32; shift += 8) kernels.sortFrames(order, shift, byRecord)
      kernels.insertFrames(few)
      for (const { functions, records } of [order, few])
        assert.equal(
          expected.map((_, i) => [functions[i], records[i]]),
          expected,
        )
    }
  }
})

test.run()
