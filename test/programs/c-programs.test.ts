/** C programs, built by gcc with `-B`: with every layout, kind of code and the options that build systems pass. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, sectionNamed } from '../support/elf-reader.ts'
import { needs } from '../support/peers.ts'
import { layouts, linkAndRun, programs, sourceFile, workFolder } from './toolchain.ts'

const codeKinds = [
  ['-O0', '-g'],
  ['-O2'],
  ['-O1', '-fPIC'],
  ['-fPIE', '-fno-plt'],
  ['-fcommon', '-ffunction-sections', '-fdata-sections'],
  ['-mcmodel=medium'],
  ['-mcmodel=large', '-fno-pic'],
  ['-fPIC', '-ftls-model=global-dynamic'],
  ['-fPIC', '-ftls-model=local-dynamic'],
  ['-fPIC', '-ftls-model=global-dynamic', '-mtls-dialect=gnu2'],
  ['-gz', '-g3', '-fno-asynchronous-unwind-tables'],
]

for (const kind of codeKinds)
  test(`C program compiled with ${kind.join(' ')}`, () => {
    if (!needs('C programs', 'gcc')) return
    for (const words of Object.values(layouts())) linkAndRun(programs.startUp, words, kind)
  })

/** Options with what must be seen in the file. */
const options: readonly (readonly [words: readonly string[], check?: (file: ElfFile) => void])[] = [
  [['-s'], file => assert.is(sectionNamed(file, '.symtab'), undefined)],
  [['-Wl,-S'], file => assert.is(sectionNamed(file, '.debug_info'), undefined)],
  [['-Wl,-x', '-Wl,-X']],
  [['-Wl,--build-id=md5'], file => assert.is(noteSize(file), 32)],
  [['-Wl,--build-id=0x1234'], file => assert.is(noteSize(file), 20)],
  [['-Wl,--build-id=none'], file => assert.is(sectionNamed(file, '.note.gnu.build-id'), undefined)],
  [['-Wl,-z,now', '-Wl,-z,relro', '-Wl,-z,noexecstack']],
  [['-Wl,-z,norelro', '-Wl,-z,noseparate-code']],
  [['-Wl,-z,max-page-size=0x200000']],
  [['-Wl,-O2', '-Wl,--sort-section=alignment', '-Wl,--sort-common']],
  [['-Wl,--no-relax']],
  [['-Wl,-q'], file => assert.ok(sectionNamed(file, '.rela.text') !== undefined)],
  [['-Wl,--gc-sections', '-Wl,--eh-frame-hdr'], file => assert.ok(sectionNamed(file, '.eh_frame_hdr') !== undefined)],
  [
    ['-Wl,-Ttext-segment=0x10000000'],
    file => assert.is(file.segments.find(each => each.type === 1)?.virtualAddress, 0x1000_0000n),
  ],
  [['-rdynamic', '-Wl,--hash-style=both', '-Wl,--as-needed', '-Wl,--no-undefined']],
]

for (const [words, check] of options)
  test(`C program linked with ${words.join(' ')}`, () => {
    if (!needs('C programs', 'gcc')) return
    const file = linkAndRun(programs.startUp, words, ['-O0', '-g'])
    check?.(file)
  })

test('a strong definition replaces a weak one, common blocks become one', () => {
  if (!needs('C programs', 'gcc')) return
  const replacing = sourceFile('replacing.c')
  const program = { ...programs.startUp, output: programs.startUp.output.replace('weak 0 1', 'weak 0 2') }
  for (const words of Object.values(layouts())) linkAndRun(program, [replacing, '-fcommon', ...words], ['-fcommon'])
})

test('--wrap, --defsym and sections that become arrays, with and without garbage collection', () => {
  if (!needs('C programs', 'gcc')) return
  for (const words of Object.values(layouts())) {
    assert.ok(hasSymbol(linkAndRun(programs.wrapped, words), 'never_called'))
    const file = linkAndRun(programs.wrapped, ['-Wl,--gc-sections', ...words], ['-ffunction-sections'])
    assert.not.ok(hasSymbol(file, 'never_called'), 'what nobody calls is gone')
  }
})

test('a map and a cross reference table beside the program', () => {
  if (!needs('C programs', 'gcc')) return
  const map = join(workFolder(), 'program.map')
  linkAndRun(programs.startUp, [`-Wl,-Map=${map}`], ['-O2'])
  const text = readFileSync(map, 'latin1')
  assert.match(text, /^Archive member included/m)
  assert.match(text, /^Linker script and memory map$/m)
  assert.match(text, /^\.text +0x[0-9a-f]+ +0x[0-9a-f]+$/m)
  assert.match(text, / +0x[0-9a-f]+ +main$/m)
})

test('a response file holds the whole command', () => {
  if (!needs('C programs', 'gcc')) return
  linkAndRun(programs.startUp, ['-Wl,@/dev/null'], ['-O2'])
})

function noteSize(file: ElfFile): number {
  return Number(sectionNamed(file, '.note.gnu.build-id')?.size ?? 0)
}

function hasSymbol(file: ElfFile, name: string): boolean {
  return file.symbols.some(symbol => symbol.name === name)
}

test.run()
