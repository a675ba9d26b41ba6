/** The map, line by line as GNU ld 2.44 prints it for the same script and objects. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { type LinkRecords, link } from '../../src/engine/link.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import { MemoryHost } from '../../src/host.ts'
import { compileScripts } from '../../src/language.ts'
import { type MapOptions, mapFile } from '../../src/report/map.ts'
import { input } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

function object(): Uint8Array {
  const builder = new ObjectBuilder()
  builder
    .section('.text', { flags: 'ax', bytes: [0x90, 0x90] })
    .label('_start')
    .label('inner', 1, { binding: 'local' })
  builder.section('.data', { flags: 'aw', bytes: new Uint8Array(8), align: 8 }).label('value')
  builder.section('.a.long.section', { flags: 'aw', bytes: new Uint8Array(4) })
  builder.section('.dropped', { flags: 'aw', bytes: new Uint8Array(8) })
  return builder.build()
}

/** Lines of the map; also of a link that fails when it has addresses. */
function mapOf(script: string, options: MapOptions = {}): string[] {
  const report = new Report()
  const host = new MemoryHost({ 'a.o': object() })
  const facts = {
    arch: 'amd64',
    os: 'linux',
    bits: 64,
    endian: 'little',
    output: 'exec',
    dynamic: false,
    strip: 'none',
  }
  const plan = compileScripts(
    [{ kind: 'script', name: 'test.ld', text: script }],
    { searchPaths: [], defines: new Map(), facts } as unknown as Parameters<typeof compileScripts>[1],
    host,
    report,
  )
  let records: LinkRecords | undefined
  const request = { ...defaultRequest, plan, inputs: [input('a.o')] }
  link(request, host, report, undefined, placed => {
    records = placed
  })
  if (records === undefined) throw new Error(report.diagnostics.map(each => each.message).join('\n'))
  return mapFile(records, 'out', 'elf64-x86-64', options)
}

/** Lines from the one that begins with `first` to the next empty one. */
function block(lines: readonly string[], first: string): string[] {
  const start = lines.findIndex(line => line.startsWith(first))
  const end = lines.indexOf('', start)
  return lines.slice(start, end < 0 ? lines.length : end)
}

const all = '/DISCARD/ : { *(.dropped) }'

test('output sections, rules, input sections and symbols', () => {
  const lines = mapOf(
    `SECTIONS { .text 0x1000 : { *(.text) } .data : AT(0x8000) { *(.data .nothing) *(.a.*) } ${all} }`,
  )
  assert.equal(block(lines, '.text '), [
    '.text           0x0000000000001000        0x2',
    ' *(.text)',
    ' .text          0x0000000000001000        0x2 a.o',
    '                0x0000000000001000                _start',
  ])
  assert.equal(block(lines, '.data '), [
    '.data           0x0000000000001008        0xc load address 0x0000000000008000',
    ' *(.data .nothing)',
    ' .data          0x0000000000001008        0x8 a.o',
    '                0x0000000000001008                value',
    ' *(.a.*)',
    ' .a.long.section',
    '                0x0000000000001010        0x4 a.o',
  ])
  assert.equal(block(lines, '/DISCARD/').slice(0, 2), ['/DISCARD/', ' *(.dropped)'])
})

test('statements: what was understood, with hex numbers and all parentheses', () => {
  const lines = mapOf(
    `a = 1 + 2; b = value + 4 * a; c = DEFINED(value) ? a : -b; PROVIDE(d = 5); PROVIDE_HIDDEN(value = 6);
     e = ALIGN(value, 8) << 1; ASSERT(a, "words")
     SECTIONS { .text : { *(.text) . += 2; FILL(0x1234) BYTE(1) . = ALIGN(4); QUAD(a) } .data 0x100 : { *(.data .a*) } ${all} }`,
  )
  const shown = lines.map(line => line.trim().replace(/^0x0+/, '0x')).filter(line => /[=!]|ASSERT/.test(line))
  assert.equal(shown, [
    '0x3                a = 0x3',
    '0x10c                b = (value + (0x4 * a))',
    '0x3                c = DEFINED (value)?a:- (b)',
    '[!provide]                        PROVIDE (d = 0x5)',
    '[!provide]                        PROVIDE (value = 0x6)',
    '0x200                e = (ALIGN (value, 0x8) << 0x1)',
    '0x3                ASSERT (a, words)',
    '0x4                . = (. + 0x2)',
    '0x8                . = ALIGN (0x4)',
  ])
  assert.equal(block(lines, '.text ').slice(4), [
    '                0x0000000000000004                . = (. + 0x2)',
    ' *fill*         0x0000000000000002        0x2 ',
    ' FILL mask 0x1234',
    '                0x0000000000000004        0x1 BYTE 0x1',
    '                0x0000000000000008                . = ALIGN (0x4)',
    ' *fill*         0x0000000000000005        0x3 1234',
    '                0x0000000000000008        0x8 QUAD 0x3 a',
  ])
})

test('patterns with sorts, excluded files and archives', () => {
  const lines =
    mapOf(`SECTIONS { .text : { KEEP(*(SORT(SORT(.t*)) EXCLUDE_FILE(*x.o *y.o) .u)) lib.a:m.o(.v) SORT(*)(.w)
    *(SORT_BY_NAME(SORT_BY_ALIGNMENT(.x)) SORT_NONE(.y)) } .data : { *(.data .a*) } ${all} }`)
  assert.equal(
    block(lines, '.text ').filter(line => line.includes('(.') || line.includes('EXCLUDE')),
    [
      ' *(SORT_BY_NAME(.t*) EXCLUDE_FILE(*y.o *x.o) .u)',
      ' lib.a:m.o(.v)',
      ' SORT_BY_NAME(*)(.w)',
      ' *(SORT_BY_NAME(SORT_BY_ALIGNMENT(.x)) SORT_NONE(.y))',
    ],
  )
})

test('memory regions: attributes in one order', () => {
  const lines = mapOf(
    `MEMORY { R (rwx!i) : ORIGIN = 0x1000, LENGTH = 4K } SECTIONS { .all : { *(.text .data .a*) } > R ${all} }`,
  )
  assert.equal(block(lines, 'Name '), [
    'Name             Origin             Length             Attributes',
    'R                0x0000000000001000 0x0000000000001000 xrw!l',
    '*default*        0x0000000000000000 0xffffffffffffffff',
  ])
})

test('a layout that does not fit its region has a map', () => {
  const lines = mapOf(
    `MEMORY { R : ORIGIN = 0x1000, LENGTH = 8 } SECTIONS { .all : { *(.text .data .a*) } > R ${all} }`,
  )
  assert.is(block(lines, '.all ')[0], '.all            0x0000000000001000       0x14')
})

test('discarded sections, unless they are not wanted', () => {
  const script = `SECTIONS { .all : { *(.text .data .a*) } ${all} }`
  assert.ok(mapOf(script).includes(' .dropped       0x0000000000000000        0x8 a.o'))
  assert.not.ok(mapOf(script, { discarded: false }).some(line => line.startsWith(' .dropped')))
})

test('local symbols, when they are wanted', () => {
  const script = `SECTIONS { .text 0x1000 : { *(.text) } .data : { *(.data .a*) } ${all} }`
  const local = '                0x0000000000001001        (local) inner'
  assert.ok(mapOf(script, { locals: true }).includes(local))
  assert.not.ok(mapOf(script).includes(local))
})

test.run()
