/** Rules of the Go layout that the measured facts do not show: what is different by default, and what happens at the limits. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, globalNamed, readElf, sectionNamed } from '../support/elf-reader.ts'
import { ObjectBuilder } from '../support/object-builder.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { machinesOfFacts } from './facts.ts'
import { sharedObject } from './shared-objects.ts'

interface Outcome {
  readonly file: ElfFile | undefined
  readonly text: string
}

function link(name: string, builder: ObjectBuilder, options: readonly string[]): Outcome | undefined {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) {
    skip(name, obstacle)
    return undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'tsld-go-rules-'))
  try {
    writeFileSync(join(folder, 'a.o'), builder.build())
    const run = runLinker([...options, '-o', 'out.elf', 'a.o'], folder)
    const path = join(folder, 'out.elf')
    return { file: existsSync(path) ? readElf(new Uint8Array(readFileSync(path))) : undefined, text: run.text }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A program of a few bytes that starts at `start`. */
function program(start: string): ObjectBuilder {
  const builder = new ObjectBuilder()
  builder.section('.text', { flags: 'ax', align: 16, bytes: [0xc3] }).label(start, 0, { type: 'func' })
  builder.section('.data', { flags: 'aw', align: 4, bytes: [1, 2, 3, 4] }).label('data', 2, { type: 'object' })
  builder.section('.bss', { flags: 'aw', align: 64, type: 'nobits', size: 100 })
  return builder
}

const exact = ['--layout', 'go-2013-exact']

test('the default starts at _start when there is no Go entry', () => {
  const { file, text } = link('entry', program('_start'), []) ?? {}
  assert.is(text ?? '', '')
  if (file !== undefined) assert.is(file.entry, 0x400c00n)
})

test('by default no symbol is made that nobody asks for', () => {
  const { file } = link('symbols', program('_start'), ['--layout', 'go']) ?? {}
  if (file === undefined) return
  assert.is(globalNamed(file, 'etext'), undefined)
  assert.is(sectionNamed(file, '.bss')?.align, 64)
  assert.is(sectionNamed(file, '.shstrtab')?.index, file.sections.length - 1)
})

test("a program's own symbol wins over a boundary of the same name", () => {
  const { file, text } = link('boundary', program('_rt0_amd64_linux'), exact) ?? {}
  if (file === undefined) return assert.is(text ?? '', '')
  const data = sectionNamed(file, '.data')!
  assert.is(globalNamed(file, 'data')?.value, data.address + 2n)
  assert.is(globalNamed(file, 'edata')?.value, data.address + 4n)
  assert.is(sectionNamed(file, '.bss')?.align, 8)
  assert.is(sectionNamed(file, '.shstrtab')?.address, 0n)
})

test('a quirk can be asked for alone', () => {
  const { file } = link('quirk', program('_start'), ['-D', 'UNIFORM_ALIGN=true']) ?? {}
  if (file === undefined) return
  assert.is(sectionNamed(file, '.bss')?.align, 8)
  assert.is(globalNamed(file, 'etext'), undefined)
})

test("the exact layout's symbols for sections of objects, newest first, with the locals in them hidden", () => {
  const builder = program('_rt0_amd64_linux')
  builder.section('.rodata', { flags: 'a', align: 4, bytes: [9, 9, 9, 9] }).label('constant', 0, {
    binding: 'local',
    type: 'object',
    size: 4,
  })
  const { file } = link('containers', builder, exact) ?? {}
  if (file === undefined) return
  const locals = file.symbols.filter(symbol => symbol.binding === 0)
  assert.equal(
    locals.map(symbol => `${symbol.name} ${symbol.size} ${symbol.visibility}`),
    ['constant 4 2', 'a(.rodata) 4 0', 'a(.bss) 100 0', 'a(.data) 4 0'],
  )
})

for (const layout of ['go', 'go-2013-exact'])
  test(`a program that imports nothing is static, unless a library is needed in any case, ${layout}`, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip('static when nothing is imported', obstacle)
    const folder = mkdtempSync(join(tmpdir(), 'tsld-go-rules-'))
    try {
      writeFileSync(join(folder, 'a.o'), program('_rt0_amd64_linux').build())
      const target = machinesOfFacts['amd64']!
      writeFileSync(join(folder, 'liba.so'), sharedObject(target, 'liba.so', [{ name: 'f', isCode: true }]))
      for (const [option, interpreters] of [
        ['--as-needed', 0],
        ['--no-as-needed', 1],
      ] as const) {
        const run = runLinker(['--layout', layout, 'a.o', option, 'liba.so', '-o', 'out.elf'], folder)
        assert.is(run.text, '')
        const file = readElf(new Uint8Array(readFileSync(join(folder, 'out.elf'))))
        assert.is(file.segments.filter(segment => segment.type === 3).length, interpreters, option)
        assert.is(sectionNamed(file, '.dynamic') === undefined, interpreters === 0)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

function crowded(start: string): ObjectBuilder {
  const builder = program(start)
  for (let i = 0; i < 45; i++) builder.section(`extra${i}`, { flags: 'a', bytes: [i] })
  return builder
}

test('section headers that do not fit move to the end of the file', () => {
  const { file, text } = link('overflow', crowded('_start'), []) ?? {}
  assert.is(text ?? '', '')
  if (file === undefined) return
  assert.is(sectionNamed(file, 'extra44')?.size, 1)
  assert.is(sectionNamed(file, '.text')?.offset, 0xc00)
})

test('the exact layout refuses what does not fit', () => {
  const { file, text } = link('overflow', crowded('_rt0_amd64_linux'), exact) ?? {}
  if (text === undefined) return
  assert.is(file, undefined)
  assert.match(text, /L4801/)
})

test('-Ttext moves the whole image', () => {
  const { file } = link('-Ttext', program('_start'), ['-Ttext=0x10000c00', '-z', 'max-page-size=0x200000']) ?? {}
  if (file === undefined) return
  assert.is(file.segments[0]?.virtualAddress, 0x10000040n)
  const loads = file.segments.filter(segment => segment.type === 1)
  assert.is(loads[0]?.virtualAddress, 0x10000040n)
  assert.is(loads[1]?.virtualAddress, 0x10200000n)
  assert.is(loads[1]?.offset, 0x200000)
  assert.is(loads[1]?.align, 0x200000n)
})

test('notes are packed against the text', () => {
  const builder = program('_start')
  const bytes = [4, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0x47, 0x4e, 0x55, 0, 1, 2, 3, 4]
  builder.section('.note.ABI-tag', { type: 'note', flags: 'a', align: 4, bytes })
  const { file } = link('notes', builder, ['--build-id=0x0102030405']) ?? {}
  if (file === undefined) return
  const id = sectionNamed(file, '.note.gnu.build-id')!
  const tag = sectionNamed(file, '.note.ABI-tag')!
  assert.is(id.address + BigInt(id.size), 0x400c00n)
  assert.is(tag.address + BigInt(tag.size), id.address)
  const note = file.segments.find(segment => segment.type === 4)!
  assert.is(note.offset, tag.offset)
  assert.is(note.fileSize, tag.size + id.size)
})

test.run()
