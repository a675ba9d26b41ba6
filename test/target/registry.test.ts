import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { allArchs, archForEmulation, archForMachine } from '../../src/target/arch/index.ts'
import { emulationNamed, emulationOfArch, emulations } from '../../src/target/emulations.ts'
import { pltKeywords } from '../../src/target/target.ts'

test('an architecture is found by the numbers of a header and by the names of GNU tools', () => {
  assert.is(archForMachine(62, 64, true)?.id, 'x86-64')
  assert.is(archForMachine(62, 32, true), undefined)
  assert.is(archForEmulation('elf_x86_64')?.id, 'x86-64')
  assert.is(archForEmulation('elf64-x86-64')?.id, 'x86-64')
  assert.is(archForEmulation('vax'), undefined)
  assert.is(archForMachine(183, 64, true)?.id, 'aarch64')
  assert.is(archForEmulation('aarch64linux')?.id, 'aarch64')
  assert.is(emulationNamed('elf_x86_64_fbsd')?.os, 'freebsd')
  assert.is(emulationOfArch('i386:x86-64:intel')?.machine, 62)
})

test('emulation names are unique', () => {
  assert.is(new Set(emulations.map(each => each.emulation)).size, emulations.length)
})

test('relocation tables have one row per type, and a field where there is a value', () => {
  for (const arch of allArchs()) {
    for (const [type, row] of arch.relocations) {
      assert.is(row.type, type)
      const hasValue = !['none', 'mark', 'loader'].includes(row.formula)
      if (hasValue) assert.ok(arch.relocationColumns.bytes[type]! > 0, row.name)
    }
  }
})

test('words of -z for stubs are known to all', () => {
  for (const { keywordPlt } of allArchs())
    if (keywordPlt !== undefined) assert.ok(pltKeywords.includes(keywordPlt.word))
})

test('gaps in code are filled with the longest no-operations first', () => {
  const out = new Uint8Array(16)
  archForEmulation('elf_x86_64')!.padCode(out, 2, 13)
  assert.equal([...out], [0, 0, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0x0f, 0x1f, 0, 0])
})

test.run()
