import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { archive } from './archive-builder.ts'
import { truncated, withHeaderField, withSectionField } from './elf-damage.ts'
import { SHN_ABS, SHN_COMMON, x86 } from './elf-numbers.ts'
import { readElf, relocationsOf, sectionBytes, sectionNamed } from './elf-reader.ts'
import { ObjectBuilder, type ObjectOptions } from './object-builder.ts'
import { needs, runTool } from './peers.ts'

function sample(options: ObjectOptions = {}): Uint8Array {
  const object = new ObjectBuilder(options).file('sample.c')
  const text = object.section('.text', { flags: 'ax', align: 16, bytes: [0xe8, 0, 0, 0, 0, 0xc3] })
  const strings = object.section('.rodata.str', { flags: 'aMS', entrySize: 1, bytes: 'one\0two\0' })
  object.section('.bss', { flags: 'aw', size: 32, align: 8 })
  text.label('_start', 0, { type: 'func', size: 6 })
  text.label('.Lhere', 5, { binding: 'local' })
  text.relocate(1, x86.R_X86_64_PLT32, object.undefined('callee'), -4)
  strings.label('weak', 4, { binding: 'weak', visibility: 'hidden' })
  object.absolute('limit', 0x1234)
  object.common('buffer', 40, 16)
  const once = object.section('.text.once', { flags: 'ax', bytes: [0x90] })
  object.group(object.symbol('once', once, 0, { binding: 'weak' }), [once])
  return object.build()
}

for (const bits of [64, 32] as const)
  for (const endian of ['little', 'big'] as const)
    for (const relocations of ['rela', 'rel'] as const)
      test(`an object of ${bits} bits, ${endian}, ${relocations} reads back`, () => {
        const file = readElf(sample({ bits, endian, relocations, machine: 'riscv', flags: 5 }))
        assert.is(file.bits, bits)
        assert.is(file.endian, endian)
        assert.is(file.flags, 5)
        assert.equal(
          file.sections.map(section => section.name),
          [
            '',
            '.group',
            '.text',
            `.${relocations}.text`,
            '.rodata.str',
            '.bss',
            '.text.once',
            '.symtab',
            '.strtab',
            '.shstrtab',
          ],
        )
        const start = file.symbols.find(symbol => symbol.name === '_start')
        assert.is(start?.section, '.text')
        assert.is(start?.size, 6n)
        const weak = file.symbols.find(symbol => symbol.name === 'weak')
        assert.equal([weak?.binding, weak?.visibility, weak?.value], [2, 2, 4n])
        assert.is(file.symbols.find(symbol => symbol.name === 'limit')?.sectionIndex, SHN_ABS)
        const common = file.symbols.find(symbol => symbol.name === 'buffer')
        assert.equal([common?.sectionIndex, common?.value, common?.size], [SHN_COMMON, 16n, 40n])
        const table = sectionNamed(file, `.${relocations}.text`)
        const [relocation] = relocationsOf(file, table!)
        assert.is(file.symbols[relocation.symbol - 1].name, 'callee')
        assert.is(relocation.addend, relocations === 'rela' ? -4n : undefined)
        assert.equal(
          [...sectionBytes(file, sectionNamed(file, '.group')!)].filter(byte => byte > 0),
          [1, 6],
        )
      })

test('equal calls give equal bytes', () => {
  assert.equal(sample(), sample())
})

test('more than 65,280 sections use the extended numbers', () => {
  const object = new ObjectBuilder()
  for (let i = 0; i < 65_600; i++) object.section(`.s.${i}`, { flags: 'a' })
  object.section('.last', { flags: 'a', bytes: [7] }).label('last')
  const file = readElf(object.build())
  assert.is(file.sections.length, 65_606)
  const last = file.symbols.find(symbol => symbol.name === 'last')
  assert.is(last?.section, '.last')
  assert.is(last?.sectionIndex, 65_601)
})

test('damage changes one field or the length', () => {
  const good = sample()
  assert.is(readElf(withHeaderField(good, 'machine', 183)).machine, 183)
  assert.is(readElf(withSectionField(good, 2, 'size', 3)).sections[2].size, 3)
  assert.throws(() => readElf(truncated(good, good.length - 1)))
  assert.throws(() => readElf(withHeaderField(good, 'shoff', 2n ** 60n)))
})

test('GNU ld links built objects and archives of every kind', () => {
  if (!needs('built objects under GNU ld', 'ld.bfd')) return
  const folder = mkdtempSync(join(tmpdir(), 'tsld-builder-'))
  try {
    const callee = new ObjectBuilder()
    callee.section('.text', { flags: 'ax', bytes: [0xc3] }).label('callee')
    const member = { name: 'a-name-longer-than-fifteen.o', bytes: callee.build(), symbols: ['callee'] }
    writeFileSync(join(folder, 'a.o'), sample())
    writeFileSync(join(folder, member.name), member.bytes)
    const kinds = {
      gnu: archive([member]),
      gnu64: archive([member], { index: 'gnu64' }),
      bsd: archive([member], { names: 'bsd' }),
      thin: archive([member], { thin: true }),
      short: archive([{ ...member, name: 'c.o' }]),
    }
    for (const [kind, bytes] of Object.entries(kinds)) {
      writeFileSync(join(folder, 'lib.a'), bytes)
      const run = runTool('ld.bfd', ['-o', 'out', 'a.o', 'lib.a'], { cwd: folder })
      assert.is(run.stderr + run.stdout, '', kind)
      assert.is(run.status, 0, kind)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
