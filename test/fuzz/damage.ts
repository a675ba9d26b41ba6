/** Links with something wrong in one of their files, and what must hold of them all the same. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SHT_GROUP, SHT_NOBITS, SHT_RELA, SHT_SYMTAB } from '../../src/elf/constants.ts'
import { argumentsOf, filesOf } from '../compare/case.ts'
import { generateCase } from '../compare/generate.ts'
import { Random } from '../compare/random.ts'
import { findFeatures } from '../features/feature.ts'
import { type SectionField, withBytes, withHeaderField, withSectionField } from '../support/elf-damage.ts'
import { ElfError, type ElfFile, readElf } from '../support/elf-reader.ts'
import type { LinkRun } from '../support/tsld.ts'
import { small, writeVariedInputs } from '../support/varied-inputs.ts'

/** Where the links put their output, in their folder. */
const outputName = 'out.elf'

/** Sizes and alignments that are damaged make outputs of gigabytes: those of more bytes are not looked at. */
const mostBytes = 64 << 20

/** A link whose files are in a folder. */
export interface DamagedLink {
  /** file that something is wrong in */
  readonly victim: string
  /** arguments of its links, one after the other */
  readonly links: readonly (readonly string[])[]
}

/** What came of a link. */
export interface Outcome extends LinkRun {
  /** its bytes; only their number where they are very many */
  readonly output: Buffer | undefined
  /** what is wrong with it; undefined: nothing */
  readonly problem: string | undefined
}

/** Writes a generated link to `folder`. */
export function damagedCase(seed: number, folder: string): DamagedLink {
  const random = new Random(seed + 1_000_000)
  const link = generateCase(seed)
  const files = filesOf(link)
  const victim = random.pick([...files.keys()])
  for (const [name, content] of files) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    writeFileSync(join(folder, name), name === victim ? damaged(bytes, random) : bytes)
  }
  return { victim, links: [argumentsOf(link, outputName)] }
}

const features = findFeatures(fileURLToPath(new URL('../features', import.meta.url)))

/** Writes the link of a feature folder to `folder`: real objects, with what generated ones do not have. */
export function damagedFeature(seed: number, folder: string): DamagedLink {
  const random = new Random(seed + 2_000_000)
  const feature = random.pick(features)
  cpSync(feature.folder, folder, { recursive: true })
  const victim = random.pick(readdirSync(folder).filter(name => /\.(o|a|so)$/.test(name)))
  if (victim !== undefined)
    writeFileSync(join(folder, victim), damaged(new Uint8Array(readFileSync(join(folder, victim))), random))
  return {
    victim: `${feature.name}/${victim}`,
    links: feature.links.map(words => words.map(word => word.replaceAll('@OUT@', outputName))),
  }
}

const kinds = [
  [],
  ['--gc-sections', '--eh-frame-hdr'],
  ['-pie', '--eh-frame-hdr', '-O2'],
  ['-shared', '-Bsymbolic'],
  ['-pie', '--gc-sections', '--print-gc-sections'],
  ['--emit-relocs', '--no-relax'],
  ['-r'],
  ['-r', '-d', '--unique=.text'],
  ['-s', '-Map', 'map'],
  ['--hash-style=both', '-export-dynamic', '-pie', '-z', 'now'],
]

/** Writes a link of a few objects that have some of everything to `folder`, and damages what kernels read row by row. */
export function damagedRows(seed: number, folder: string): DamagedLink {
  const random = new Random(seed + 3_000_000)
  const victim = random.below(small.objects)
  const inputs = writeVariedInputs(folder, small, (bytes, i) => {
    if (i !== victim) return bytes
    let result = bytes
    const { sections } = readElf(bytes)
    for (let count = random.between(1, 3); count > 0; count--) result = withOddRow(result, sections, random)
    return result
  })
  const words = ['--layout', 'gnu', '-e', 'f0', ...random.pick(kinds), '--whole-archive', '-o', outputName]
  return { victim: `part${victim}.o`, links: [[...words, ...inputs]] }
}

/** Links as the folder's files are now, and judges. */
export function tryLink(
  { victim, links }: DamagedLink,
  folder: string,
  linker: (args: readonly string[], folder: string) => LinkRun,
): Outcome {
  const path = join(folder, outputName)
  rmSync(path, { force: true })
  const start = performance.now()
  let status = 0
  let text = ''
  for (const words of links) {
    const run = linker(words, folder)
    status = run.status
    text += run.text
    if (status !== 0) break
  }
  const seconds = (performance.now() - start) / 1000
  const size = statSync(path, { throwIfNoEntry: false })?.size
  const isHuge = size !== undefined && size > mostBytes
  const output = isHuge ? Buffer.from(`${size} bytes`) : size === undefined ? undefined : readFileSync(path)
  const temporary = readdirSync(folder).find(name => /tsld-.*(tmp|old)$/.test(name))
  const problem =
    status > 1
      ? `status ${status}: ${text.trim().slice(0, 1500)}`
      : status === 1 && text.trim() === ''
        ? 'rejected without a word'
        : status === 1 && links.length === 1 && output !== undefined
          ? 'rejected, but there is an output'
          : temporary !== undefined
            ? `${temporary} is left`
            : seconds > 5 * links.length && !isHuge
              ? 'took more than five seconds'
              : undefined
  return { status, text, output, problem: problem && `damaged ${victim}: ${problem}` }
}

const oddNumbers = [
  0,
  1,
  2,
  0x7f,
  0xff,
  0xfff1,
  0xffff,
  0x7fffffff,
  0xffffffff,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
]
const sectionFields: readonly SectionField[] = [
  'name',
  'type',
  'flags',
  'offset',
  'size',
  'link',
  'info',
  'align',
  'entrySize',
]

/** The bytes with something wrong somewhere; where they are no object, bytes are changed at random. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const isObject = bytes.length > 64 && bytes[0] === 0x7f
  const count = isObject ? sectionCount(bytes) : 0
  return random.weighted<() => Uint8Array>([
    [3, () => bytes.slice(0, random.below(bytes.length + 1))],
    [3, () => scattered(bytes, random)],
    [
      isObject ? 2 : 0,
      () =>
        withHeaderField(
          bytes,
          random.pick([
            'shoff',
            'shnum',
            'shstrndx',
            'shentsize',
            'machine',
            'type',
            'class',
            'data',
            'flags',
            'phnum',
          ] as const),
          random.pick(oddNumbers),
        ),
    ],
    [
      count > 0 ? 6 : 0,
      () => withSectionField(bytes, random.below(count), random.pick(sectionFields), random.pick(oddNumbers)),
    ],
    [1, () => new Uint8Array(random.pick([0, 1, 63, 64, 4096]))],
    [count > 0 ? 6 : 0, () => withOddContent(bytes, random)],
  ])()
}

/** Numbers in the content of a section: rows of symbols and relocations, lengths of frames and notes. */
function withOddContent(bytes: Uint8Array, random: Random): Uint8Array {
  const filled = readElf(bytes).sections.filter(each => each.type !== SHT_NOBITS && each.size >= 8)
  if (filled.length === 0) return bytes
  const { offset, size } = random.pick(filled)
  const word = new DataView(new ArrayBuffer(8))
  word.setBigUint64(0, BigInt(random.pick(oddNumbers)), true)
  const width = random.pick([1, 2, 4, 8])
  const at = random.below(Math.floor(size / width)) * width
  return withBytes(bytes, offset + at, [...new Uint8Array(word.buffer, 0, width)])
}

/** A field of a row of symbols, relocations, group members, frames or section headers that is a little or very wrong. */
function withOddRow(bytes: Uint8Array, sections: ElfFile['sections'], random: Random): Uint8Array {
  if (random.below(5) === 0)
    return withSectionField(
      bytes,
      random.below(sections.length),
      random.pick(['link', 'info', 'size', 'entrySize', 'offset', 'flags', 'align', 'type'] as const),
      random.pick([...oddNumbers, random.below(40), random.below(2000)]),
    )
  const rows = sections.filter(
    ({ type, name }) => [SHT_SYMTAB, SHT_RELA, SHT_GROUP].includes(type) || /^\.(eh_frame|rodata)/.test(name),
  )
  const { offset, size } = random.pick(rows)
  const width = random.pick([2, 4, 4, 4, 8])
  const at = offset + random.below(Math.floor(size / width)) * width
  if (at + width > bytes.length) return bytes
  const word = new DataView(new ArrayBuffer(8))
  word.setUint32(0, new DataView(bytes.buffer, bytes.byteOffset).getUint16(at, true), true)
  const is = word.getUint32(0, true)
  const value = random.pick([...oddNumbers, random.below(64), random.below(512), is + 1, Math.max(0, is - 1), is * 2])
  word.setBigUint64(0, BigInt(value), true)
  return withBytes(bytes, at, [...new Uint8Array(word.buffer, 0, width)])
}

function scattered(bytes: Uint8Array, random: Random): Uint8Array {
  let result = bytes
  for (let i = random.between(1, 8); i > 0 && result.length > 0; i--)
    result = withBytes(result, random.below(result.length), [random.below(256)])
  return result
}

function sectionCount(bytes: Uint8Array): number {
  try {
    return readElf(bytes).sections.length
  } catch (problem) {
    if (problem instanceof ElfError) return 0
    throw problem
  }
}
