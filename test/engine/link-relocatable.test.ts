import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { link } from '../../src/engine/link.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import type { LinkRequest } from '../../src/engine/records/request.ts'
import { MemoryHost } from '../../src/host.ts'
import { globalNamed, readElf, relocationsOf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { input } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function relink(files: Record<string, Uint8Array>, options: Partial<LinkRequest> = {}) {
  const report = new Report()
  const inputs = Object.keys(files).map(name => input(name))
  const request: LinkRequest = { ...defaultRequest, ...options, kind: 'relocatable', inputs }
  const result = link(request, new MemoryHost(files), report)
  assert.equal(report.diagnostics, [])
  return readElf(result!.bytes)
}

function first(): Uint8Array {
  const object = new ObjectBuilder()
  const data = object.section('.data', { flags: 'aw', align: 8, bytes: new Uint8Array(24) }).label('one', 8)
  data.relocate(0, 1, object.undefined('two'), 5)
  data.relocate(8, 1, data, 16)
  object.common('shared', 16, 8)
  return object.build()
}

function second(): Uint8Array {
  const object = new ObjectBuilder()
  const data = object.section('.data', { flags: 'aw', align: 16, bytes: new Uint8Array(16) }).label('two', 4)
  data.relocate(8, 1, data, 4)
  return object.build()
}

test('sections of one name are put together; offsets and section-relative addends follow', () => {
  const elf = relink({ 'a.o': first(), 'b.o': second() })
  assert.is(elf.type, 1)
  const data = sectionNamed(elf, '.data')!
  assert.is(Number(data.size), 48)
  assert.is(Number(globalNamed(elf, 'two')!.value), 36)
  const rows = relocationsOf(elf, sectionNamed(elf, '.rela.data')!).map(
    each => `${each.offset} ${each.symbol} ${each.addend}`,
  )
  assert.is(rows.length, 3)
  assert.match(rows[0]!, /^0n? .* 5$/)
  assert.match(rows[1]!, /^8 .* 16$/)
  assert.match(rows[2]!, /^40 .* 36$/)
})

test('contents are those of the inputs, with gaps between them', () => {
  const object = (...bytes: number[]): Uint8Array => {
    const builder = new ObjectBuilder()
    builder.section('.data', { flags: 'aw', align: 4, bytes })
    return builder.build()
  }
  const elf = relink({ 'a.o': object(1, 2, 3, 4, 5), 'b.o': object(6, 7) })
  assert.equal([...sectionBytes(elf, sectionNamed(elf, '.data')!)], [1, 2, 3, 4, 5, 0, 0, 0, 6, 7])
})

test('common symbols stay common', () => {
  const symbol = globalNamed(relink({ 'a.o': first() }), 'shared')!
  assert.is(Number(symbol.value), 8)
  assert.is(Number(symbol.size), 16)
})

test('of two COMDAT groups one stays, and it is a group again', () => {
  const copy = (): Uint8Array => {
    const object = new ObjectBuilder()
    const text = object.section('.text.f', { flags: 'ax', bytes: [0xc3] }).label('f', 0, { binding: 'weak' })
    object.group(object.symbols.find(each => each.name === 'f')!, [text])
    return object.build()
  }
  const elf = relink({ 'a.o': copy(), 'b.o': copy() })
  assert.is(elf.sections.filter(each => each.name === '.group').length, 1)
  assert.is(elf.sections.filter(each => each.name === '.text.f').length, 1)
})

test('the output of -r linked by -r again is the same', () => {
  const report = new Report()
  const once = link(
    { ...defaultRequest, kind: 'relocatable', inputs: [input('a.o'), input('b.o')] },
    new MemoryHost({ 'a.o': first(), 'b.o': second() }),
    report,
  )!.bytes
  const twice = link(
    { ...defaultRequest, kind: 'relocatable', inputs: [input('c.o')] },
    new MemoryHost({ 'c.o': once }),
    report,
  )!.bytes
  assert.equal(twice, once)
})

test.run()
