/** Merging by kernels, as TypeScript and as WebAssembly, beside a plain reading of the rules; sections of any form. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { fileBytes } from '../../src/engine/contents/file-bytes.ts'
import { MergedContents } from '../../src/engine/contents/merge-strings.ts'
import { Claim } from '../../src/engine/records/placement.ts'
import type { Program } from '../../src/engine/records/program.ts'
import { SharedCompute } from '../../src/host-node/shared-compute.ts'
import { SharedMemory } from '../../src/host-node/shared-memory.ts'
import { type Compute, held, plainCompute } from '../../src/kernels/compute.ts'
import { countPieces } from '../../src/kernels/strings.ts'

interface Section {
  readonly bytes: Uint8Array
  readonly isStrings: boolean
  readonly entsize: number
  readonly align: number
  readonly output?: number
}

const code = await compileKernels('src/kernels/all.ts')

function computes(): Compute[] {
  return [plainCompute, new SharedCompute(new SharedMemory(1 << 20), code)]
}

/** A section in each file, at odd offsets; the file ends with it. */
function merge(sections: readonly Section[], compute: Compute): MergedContents {
  const { memory } = compute
  const count = sections.length
  const column = <Column extends Uint32Array | Int32Array | Float64Array>(
    make: Column,
    value: (each: Section) => number,
  ) => {
    sections.forEach((each, i) => {
      make[i] = value(each)
    })
    return make
  }
  const files = sections.map(({ bytes }, i) => {
    const file = memory.uint8(bytes.length + (i % 5))
    file.fill(0x41)
    file.set(bytes, i % 5)
    return { bytes: file, view: new DataView(file.buffer, file.byteOffset, file.byteLength) }
  })
  const program = {
    compute,
    files,
    sections: {
      count,
      file: held(memory, Int32Array.from(sections.keys())),
      offset: held(
        memory,
        Float64Array.from(sections.keys(), i => i % 5),
      ),
      size: column(memory.float64(count), each => each.bytes.length),
      entsize: column(memory.uint32(count), each => each.entsize),
      align: column(memory.uint32(count), each => each.align),
      flags: column(memory.uint32(count), each => (each.isStrings ? 0x30 : 0x10)),
    },
  } as unknown as Program
  const merged = new MergedContents(program)
  // Sections are orphans of some name: each name is an output section.
  const outputs = {
    rule: memory.int32(count).fill(Claim.Orphan),
    name: column(memory.int32(count), each => each.output ?? 0),
    ...{ ruleCount: 0, ruleIds: memory.int32(0), ruleOutput: memory.int32(0), ruleRank: memory.int32(0) },
  }
  const ids = memory.int32(count)
  ids.set([...sections.keys()])
  merged.begin(ids, fileBytes(program), outputs)
  merged.cut()
  merged.enter()
  merged.beginFolding()
  merged.place()
  return merged
}

/** The rules, piece by piece: by section, where the bytes of each piece should be found again. */
function piecesOf({ bytes, isStrings, entsize }: Section): { start: number; text: string }[] {
  const pieces: { start: number; text: string }[] = []
  const latin1 = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))
  let start = 0
  for (let at = 0; at < bytes.length; at += entsize) {
    const end = at + entsize
    if (isStrings && bytes.subarray(at, end).some(byte => byte !== 0)) {
      if (end === bytes.length) pieces.push({ start, text: latin1(start, end) + '\0'.repeat(entsize) })
      continue
    }
    pieces.push({ start, text: latin1(start, end) })
    start = end
  }
  return pieces
}

/** Writes all sets and looks at every piece: its bytes, its alignment, and how much is kept. */
function check(sections: readonly Section[]): string[] {
  const images = computes().map(compute => {
    const merged = merge(sections, compute)
    const image = sections.map((_, id) => {
      const out = compute.memory.uint8(merged.sizeOf(id) + 8)
      merged.write(id, out, 8)
      return String.fromCharCode(...out.subarray(8))
    })
    sections.forEach((section, id) => {
      for (const { start, text } of piecesOf(section)) {
        merged.move(id, start)
        const at = merged.movedOffset
        const found = image[merged.movedSection]!.slice(at, at + text.length)
        if (found !== text) assert.unreachable(`section ${id}, byte ${start}: ${JSON.stringify([text, found])}`)
        const aligned = section.isStrings && start > 0 ? Math.min(start & -start, section.align) : section.align
        assert.is(at % aligned, 0)
        merged.move(id, start + text.length - 1 < section.bytes.length ? start + text.length - 1 : start)
        assert.ok(merged.movedOffset >= at && merged.movedOffset < at + text.length)
      }
      merged.move(id, section.bytes.length + 3)
      assert.is(merged.movedOffset, image[merged.movedSection]!.length + 3)
    })
    return image
  })
  assert.equal(images[1], images[0])
  return images[0]!
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, letter => letter.charCodeAt(0))
}

/** Numbers that look random and are the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const narrow = { isStrings: true, entsize: 1, align: 1 }

test('strings of all lengths around words, with and without an end', () => {
  const texts = [
    '',
    'a',
    'ab',
    'abc',
    'abcd',
    'abcde',
    'xyzabcde',
    '\xff\x80\x7f',
    '\x01\x01\x01\x01',
    '\x80\x80\x80\x80',
  ]
  const all = `${texts.join('\0')}\0`
  const image = check([
    { bytes: latin1(all), ...narrow },
    { bytes: latin1(`q${all}`), ...narrow },
    { bytes: latin1(all.slice(0, -1)), ...narrow },
    { bytes: latin1('\0'), ...narrow },
    { bytes: latin1('\0\0\0\0\0\0\0\0'), ...narrow },
    { bytes: latin1('tail without end'), ...narrow },
  ])
  assert.is(image[0]!.split('\0').includes('abcde'), false, 'a string that ends another lies inside it')
  assert.is(image[1], '')
})

test('random strings over few letters fold as the rules say, in small and in large sets', () => {
  for (const count of [3, 300, 9000]) {
    const next = random(count)
    const sections: Section[] = []
    for (let i = 0; i < 6; i++) {
      let text = ''
      for (let k = 0; k < count / 6; k++) {
        const length = next(4) === 0 ? next(40) : next(9)
        for (let letter = 0; letter < length; letter++) text += 'abc\xe9'[next(4)]
        text += '\0'.repeat(1 + (next(5) === 0 ? next(3) : 0))
      }
      sections.push({ bytes: latin1(text), ...narrow, align: 1 })
    }
    const kept = check(sections)[0]!.split('\0').slice(0, -1)
    assert.is(new Set(kept).size, kept.length)
    const ends = new Set<string>()
    for (const each of kept) for (let from = 1; from <= each.length; from++) ends.add(each.slice(from))
    for (const each of kept) assert.not(ends.has(each), `${each} ends another string`)
  }
})

test('alignments, wide characters and constants', () => {
  const next = random(7)
  const sections: Section[] = []
  for (const [isStrings, entsize, align] of [
    [true, 1, 8],
    [true, 1, 16],
    [true, 2, 2],
    [true, 4, 4],
    [true, 3, 1],
    [true, 4, 16],
    [false, 4, 4],
    [false, 1, 1],
    [false, 40, 8],
    [false, 8, 8],
  ] as const)
    for (let i = 0; i < 4; i++) {
      const bytes = new Uint8Array(entsize * (1 + next(60)))
      for (let at = 0; at < bytes.length; at++) bytes[at] = next(3) === 0 ? 97 + next(2) : 0
      if (i === 3) bytes[bytes.length - 1] = 1
      sections.push({ bytes, isStrings, entsize, align, output: i % 2 })
    }
  check(sections)
})

test('a large set in which alignments differ keeps them', () => {
  const next = random(11)
  let text = ''
  for (let i = 0; i < 4000; i++) {
    text += `${next(100_000)}\0`
    if (next(3) === 0) text = text.padEnd(Math.ceil(text.length / 8) * 8, '\0')
  }
  check([
    { bytes: latin1(text), ...narrow, align: 8 },
    { bytes: latin1(`0${text}`), ...narrow, align: 8 },
  ])
})

test('pieces are counted as they are cut', () => {
  const bytes = latin1('\0a\0\0bc\0def\0\x80\0')
  const pieceCount = new Int32Array(1)
  countPieces(
    {
      bytes: [bytes],
      views: [new DataView(bytes.buffer)],
      source: Int32Array.of(0),
      base: Uint32Array.of(1),
      size: Uint32Array.of(bytes.length - 1),
      entsize: Uint32Array.of(1),
      isStrings: Uint8Array.of(1),
      tail: Int32Array.of(-1),
      tailLength: Uint32Array.of(0),
      pieceCount,
    },
    0,
  )
  assert.is(pieceCount[0], 5)
})

test.run()
