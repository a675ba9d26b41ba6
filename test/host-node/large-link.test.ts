/**
 * Links of more than 24 MB by the bundle: with threads, without them, and from source they give the same bytes and messages,
 * and leave the same files behind.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { truncated, withBytes, withSectionField } from '../support/elf-damage.ts'
import { readElf } from '../support/elf-reader.ts'
import { type LinkRun, runLinker } from '../support/tsld.ts'
import { large, writeVariedInputs } from '../support/varied-inputs.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tsld-large-'))
test.after(() => rmSync(folder, { recursive: true }))
const bundle = join(folder, 'tsld.mjs')
const made = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/bundle.ts', '--command', bundle], { cwd: root })
assert.is(made.status, 0, String(made.stderr))
const inputs = writeVariedInputs(folder, large)
const usual = ['--layout', 'gnu', '-e', 'f0']

function runBundle(args: readonly string[]): LinkRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], { cwd: folder, encoding: 'latin1' })
  return { status: status ?? 70, text: stdout + stderr }
}

interface Outcome extends LinkRun {
  readonly bytes: Buffer | undefined
}

/** Links with threads, without, and from source; what came of it. Checks that it is the same each time, and that nothing else is left. */
function linkEachWay(args: readonly string[]): Outcome {
  const output = join(folder, 'out')
  const before = readdirSync(folder).sort()
  const outcomeOf = (run: LinkRun): Outcome => {
    const bytes = existsSync(output) ? readFileSync(output) : undefined
    rmSync(output, { force: true })
    assert.equal(readdirSync(folder).sort(), before)
    return { ...run, bytes }
  }
  const words = [...usual, ...args, '-o', 'out']
  const expected = outcomeOf(runLinker(words, folder))
  for (const more of [[], ['--threads=3'], ['--threads=1'], ['--no-threads']]) {
    const found = outcomeOf(runBundle([...words, ...more]))
    assert.is(found.text, expected.text, `messages with ${more}`)
    assert.is(found.status, expected.status, `status with ${more}`)
    assert.ok(same(found.bytes, expected.bytes), `bytes with ${more}`)
  }
  return expected
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}

test('a static program', () => {
  assert.ok(inputs.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) > 24 << 20, 'it is large')
  const { status, text, bytes } = linkEachWay([...inputs, '--build-id', '--eh-frame-hdr', '--no-relax'])
  assert.is(status, 0, text)
  assert.ok(bytes !== undefined && bytes.length > 18 << 20)
  assert.ok(
    ['.tdata', '.eh_frame_hdr', '.rela.plt', '.debug_info'].every(name =>
      readElf(bytes).sections.some(each => each.name === name),
    ),
  )
})

test('a program that moves, without what nobody refers to', () => {
  const { status, text, bytes } = linkEachWay([
    ...inputs,
    '-pie',
    '--gc-sections',
    '--hash-style=both',
    '-O2',
    '--emit-relocs',
  ])
  assert.is(status, 0, text)
  assert.ok(bytes !== undefined && bytes.length > 18 << 20)
})

test('one relocatable object', () => {
  assert.is(linkEachWay([...inputs, '-r']).status, 0)
})

test('an image that is no ELF file', () => {
  const { status, text, bytes } = linkEachWay([...inputs, '--oformat', 'binary'])
  assert.is(status, 0, text)
  assert.ok(bytes !== undefined && bytes.length > 10 << 20)
})

test('a link that fails leaves an earlier output alone', () => {
  const output = join(folder, 'kept')
  writeFileSync(output, 'an earlier output')
  const before = readdirSync(folder).sort()
  const args = [...usual, ...inputs, '-o', 'kept', '--require-defined=nowhere']
  const undefinedName = inputs.filter(name => name !== 'part7.o')
  for (const more of [[], ['--no-threads']])
    for (const words of [args, [...usual, ...undefinedName, '-o', 'kept']]) {
      const { status, text } = runBundle([...words, ...more])
      assert.is(status, 1)
      assert.match(text, /nowhere|f7/)
      assert.is(readFileSync(output, 'latin1'), 'an earlier output')
      assert.equal(readdirSync(folder).sort(), before)
    }
})

test('damaged members are named the same', () => {
  const damage: ((bytes: Uint8Array) => Uint8Array)[] = [
    bytes => withSectionField(bytes, 3, 'offset', 2n ** 40n),
    bytes => withSectionField(bytes, 2, 'link', 9999),
    bytes => truncated(bytes, 100_000),
    bytes => withBytes(bytes, contentOf(bytes, '.eh_frame') + 30, [0xff, 0xff, 0xff]),
    bytes => withBytes(bytes, contentOf(bytes, '.rela.text') + 12, [0xff, 0xff, 0xff, 0x7f]),
    bytes => withBytes(bytes, contentOf(bytes, '.symtab') + 24 * 40 + 6, [0xee, 0xee]),
    bytes => withBytes(bytes, contentOf(bytes, '.symtab') + 24 * 130, [0xff, 0xff, 0xff, 0x7f]),
    bytes => withSectionField(bytes, 1, 'entrySize', 3),
  ]
  const place = mkdtempSync(join(folder, 'damaged-'))
  const names = writeVariedInputs(place, large, (bytes, i) =>
    i % 5 === 2 ? damage[((i - 2) / 5) % damage.length]!(bytes) : bytes,
  )
  const { status, text } = linkEachWay(['--whole-archive', ...names.map(name => join(place, name))])
  assert.is(status, 1)
  assert.match(text, /lib[ab]\.a\(part\d+\.o\)/)
  assert.not.match(text, /internal error/)
})

function contentOf(bytes: Uint8Array, name: string): number {
  return readElf(bytes).sections.find(each => each.name === name)!.offset
}

test.run()
