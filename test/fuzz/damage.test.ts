/**
 * Damaged inputs: whatever the bytes are, the linker ends with a diagnostic or an output, never with an exception, and leaves
 * no half-written file. TSLD_FUZZ=N runs N rounds, TSLD_FUZZ_SEED=S starts at another seed; a failure names its seed.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { argumentsOf, filesOf } from '../compare/case.ts'
import { generateCase } from '../compare/generate.ts'
import { Random } from '../compare/random.ts'
import { type SectionField, withBytes, withHeaderField, withSectionField } from '../support/elf-damage.ts'
import { ElfError, readElf } from '../support/elf-reader.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

const rounds = Number(process.env['TSLD_FUZZ'] ?? 60)
const first = Number(process.env['TSLD_FUZZ_SEED'] ?? 1)

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
  ])()
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

test('damaged objects, archives and scripts end in diagnostics', () => {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip('damaged inputs', obstacle)
  const folder = mkdtempSync(join(tmpdir(), 'tsld-fuzz-'))
  try {
    const failures: string[] = []
    for (let seed = first; seed < first + rounds; seed++) {
      const problem = tryOne(seed, folder)
      if (problem !== undefined) failures.push(`TSLD_FUZZ_SEED=${seed} TSLD_FUZZ=1: ${problem}`)
    }
    assert.equal(failures, [])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function tryOne(seed: number, folder: string): string | undefined {
  const random = new Random(seed + 1_000_000)
  const link = generateCase(seed)
  const files = filesOf(link)
  const victim = random.pick([...files.keys()])
  for (const [name, content] of files) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    writeFileSync(join(folder, name), name === victim ? damaged(bytes, random) : bytes)
  }
  const output = join(folder, 'out.elf')
  rmSync(output, { force: true })
  const start = performance.now()
  const run = runLinker(argumentsOf(link, 'out.elf'), folder)
  if (run.status > 1) return `damaged ${victim}: status ${run.status}: ${run.text.trim().slice(0, 300)}`
  if (run.status === 1 && run.text.trim() === '') return `damaged ${victim}: rejected without a word`
  if (run.status === 1 && existsSync(output)) return `damaged ${victim}: rejected, but there is an output`
  if (performance.now() - start > 5000) return `damaged ${victim}: took more than five seconds`
  return undefined
}

test.run()
