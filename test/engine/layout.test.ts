import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { link } from '../../src/engine/link.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import { MemoryHost } from '../../src/host.ts'
import { compileScripts } from '../../src/language.ts'
import { globalNamed, sectionNamed } from '../support/elf-reader.ts'
import { linkMemory, type MemoryLink } from '../support/link-memory.ts'
import { input } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function object(): Uint8Array {
  const made = new ObjectBuilder()
  made.section('.text', { flags: 'ax', bytes: [0xc3], align: 1 }).label('_start')
  made.section('.data', { flags: 'aw', bytes: [1, 2, 3, 4, 5, 6, 7, 8], align: 8 }).label('data')
  made.section('.rodata', { flags: 'a', bytes: [42, 0, 0, 0], align: 4 })
  made.section('.bss', { flags: 'aw', type: 'nobits', size: 16, align: 16 })
  return made.build()
}

const run = (script: string): MemoryLink => linkMemory(script, { 'a.o': object() })
const value = (link: MemoryLink, name: string): bigint => BigInt(globalNamed(link.elf!, name)!.value)
const address = (link: MemoryLink, name: string): bigint => BigInt(sectionNamed(link.elf!, name)!.address)

test('plan ids may be any numbers', () => {
  const report = new Report()
  const host = new MemoryHost({ 'a.o': object() })
  const scripts = [{ kind: 'script', name: 'test.ld', text: `${base} .data : { *(.data) *(.rodata) } }` }] as const
  const facts = {
    arch: 'amd64',
    os: 'linux',
    bits: 64,
    endian: 'little',
    output: 'exec',
    dynamic: false,
    strip: 'none',
  }
  const context = { searchPaths: [], defines: new Map(), facts } as unknown as Parameters<typeof compileScripts>[1]
  const plan = compileScripts(scripts, context, host, report)
  const linkWith = (shift: number): Uint8Array => {
    const statements = plan.statements.map(statement =>
      statement.kind === 'output-section'
        ? { ...statement, items: statement.items.map(item => ({ ...item, id: item.id + shift })) }
        : statement,
    )
    const request = { ...defaultRequest, plan: { ...plan, statements }, inputs: [input('a.o')] }
    return link(request, host, report)!.bytes
  }
  assert.equal(linkWith(2_000_000_000), linkWith(0))
})

const base = 'SECTIONS { . = 0x10000; .text : { *(.text) } '

test('dot is an offset inside a section and an address outside', () => {
  const link = run(`${base} .d : { . = 0x20; x = .; *(.data) y = 4; } z = .; }`)
  assert.is(address(link, '.d'), 0x10008n)
  assert.is(value(link, 'x'), 0x10028n)
  assert.is(value(link, 'y'), 0x1000cn)
  assert.is(value(link, 'z'), 0x10030n)
})

test('forward references see the final value', () => {
  const link = run(`x = later + 1; later = 5; s = SIZEOF(.d); ${base} .d : { *(.data) } }`)
  assert.is(value(link, 'x'), 6n)
  assert.is(value(link, 's'), 8n)
})

test('arithmetic is modulo 2^64, division signed, comparison unsigned', () => {
  const link = run(`a = -8 / 2; b = -1 < 1; c = -7 % 4; d = -1 >> 60; e = 1 << 64; ${base} }`)
  assert.is(value(link, 'a'), 0xfffffffffffffffcn)
  assert.is(value(link, 'b'), 0n)
  assert.is(value(link, 'c'), 0xfffffffffffffffdn)
  assert.is(value(link, 'd'), 15n)
  assert.is(value(link, 'e'), 1n)
})

test('orphans follow the last section of their kind', () => {
  const link = run(base + '}')
  const order = ['.text', '.rodata', '.data', '.bss'].map(name => address(link, name))
  assert.equal(order, [0x10000n, 0x10004n, 0x10008n, 0x10010n])
})

test('regions: cursor, load address, overflow by how much', () => {
  const memory = (length: string): string =>
    `MEMORY { ROM (rx) : ORIGIN = 0x8000, LENGTH = 1K  RAM (rw) : ORIGIN = 0x20000, LENGTH = ${length} }
     SECTIONS { .text : { *(.text) } >ROM  .data : { *(.data) } >RAM AT>ROM  .bss : { *(.bss) } >RAM  at = LOADADDR(.data); }`
  const link = run(memory('64'))
  assert.is(address(link, '.data'), 0x20000n)
  assert.is(value(link, 'at'), 0x8008n)
  const full = run(memory('20'))
  assert.is(full.elf, undefined)
  const overflow = full.diagnostics.find(each => each.code === 'L4201')!
  assert.match(overflow.message, /RAM.* overflowed by 12 bytes/)
})

test('the location counter cannot move backwards inside a section', () => {
  const link = run(`${base} .d : { *(.data) . = 4; } }`)
  assert.ok(link.diagnostics.some(each => each.code === 'L4110'))
})

test('a failed assertion shows the values of its parts', () => {
  const link = run(`${base} .d : { *(.data) } ASSERT(SIZEOF(.d) < 4, "too big") }`)
  const failed = link.diagnostics.find(each => each.code === 'L4107')!
  assert.is(failed.message, 'too big')
  assert.ok(failed.notes.some(note => note.text.includes('SIZEOF (.d) = 0x8')))
})

test('overlapping sections are named', () => {
  const link = run(`${base} .d 0x10000 : { *(.data) } }`)
  assert.ok(link.diagnostics.some(each => each.code === 'L4206'))
})

test('an empty section vanishes, its symbols move to a neighbour', () => {
  const link = run(`${base} .none : { here = .; } .d : { *(.data) } }`)
  assert.is(sectionNamed(link.elf!, '.none'), undefined)
  assert.is(value(link, 'here'), 0x10008n)
})

test('the first PROVIDE of a name wins', () => {
  const link = run(`x = p; PROVIDE(p = 1); PROVIDE(p = 2); ${base} }`)
  assert.is(value(link, 'x'), 1n)
})

test('a layout that chases itself is an error, not a hang', () => {
  const link = run(`${base} .d : { *(.data) . = . + SIZEOF(.d) + 8; } }`)
  assert.ok(link.diagnostics.some(each => each.code === 'L4401' || each.code === 'L4502'))
})

test.run()
