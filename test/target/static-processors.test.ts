/** LoongArch64, MIPS, PowerPC64 and s390x: every relocation that Go's objects have, beside ld.lld. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { linkMemory } from '../support/link-memory.ts'
import { ObjectBuilder } from '../support/object-builder.ts'
import { needs, runTool } from '../support/peers.ts'

/** Relocation type, instruction word, which symbol, addend; `half`: the place is the instruction's lower halfword. */
interface Case {
  readonly type: number
  readonly word: number
  readonly symbol: 'data' | 'code' | 'thread'
  readonly addend: number
  readonly half?: boolean
}

interface Processor {
  readonly name: string
  readonly machine: number
  readonly bits: 32 | 64
  readonly endian: 'little' | 'big'
  readonly flags: number
  readonly form: 'rel' | 'rela'
  readonly cases: readonly Case[]
  /** types of words of 32 and 64 bits */
  readonly words: readonly [number, number | undefined]
}

const at = (type: number, word: number, symbol: Case['symbol'], addend = 0, half = false): Case => ({
  type,
  word,
  symbol,
  addend,
  half,
})

const loong64: Processor = {
  name: 'LoongArch64',
  machine: 258,
  bits: 64,
  endian: 'little',
  flags: 0x43,
  form: 'rela',
  words: [1, 2],
  cases: [
    at(66, 0x54000000, 'code', 8),
    at(66, 0x50000000, 'code', -4),
    at(71, 0x1a000004, 'data', 0x7ff),
    at(72, 0x02c00084, 'data', 0x7ff),
    at(71, 0x1a000004, 'data', 0x804),
    at(72, 0x28c00084, 'data', 0x804),
    at(83, 0x14000004, 'thread', 0x1234),
    at(84, 0x03800084, 'thread', 0x1234),
    at(99, 0, 'data', -4),
  ],
}

/** lui and addiu of the same address; the addend stands in both. */
const mipsCases = (form: 'rel' | 'rela'): Case[] => {
  const upper = (addend: number): number => (form === 'rel' ? ((addend + 0x8000) >> 16) & 0xffff : 0)
  const lower = (addend: number): number => (form === 'rel' ? addend & 0xffff : 0)
  return [
    at(4, 0x0c000000 | (form === 'rel' ? 2 : 0), 'code', 8),
    at(5, 0x3c020000 | upper(0x9abc), 'data', 0x9abc),
    at(6, 0x24420000 | lower(0x9abc), 'data', 0x9abc),
    at(5, 0x3c020000 | upper(-0x7000), 'data', -0x7000),
    at(6, 0x8c420000 | lower(-0x7000), 'data', -0x7000),
    at(49, 0x3c020000, 'thread', 0),
    at(50, 0x24420000 | lower(0x40), 'thread', 0x40),
  ]
}

const mips = (bits: 32 | 64, endian: 'little' | 'big'): Processor => ({
  name: `MIPS${bits === 64 ? '64' : ''}, ${endian}-endian`,
  machine: 8,
  bits,
  endian,
  flags: bits === 64 ? 0x20000004 : 0x50001004,
  form: bits === 64 ? 'rela' : 'rel',
  words: [2, bits === 64 ? 18 : undefined],
  cases: mipsCases(bits === 64 ? 'rela' : 'rel'),
})

const ppc64: Processor = {
  name: 'PowerPC64, little-endian',
  machine: 21,
  bits: 64,
  endian: 'little',
  flags: 2,
  form: 'rela',
  words: [1, 38],
  cases: [
    at(10, 0x48000001, 'code', 8),
    at(6, 0x3c600000, 'data', 0x8765, true),
    at(4, 0x38630000, 'data', 0x8765, true),
    at(57, 0xe8630001, 'data', 0x8764, true),
    at(72, 0x3c6d0000, 'thread', 0x18000, true),
    at(70, 0x38630000, 'thread', 0x18000, true),
    at(26, 0, 'data', 4),
  ],
}

const s390x: Processor = {
  name: 's390x',
  machine: 22,
  bits: 64,
  endian: 'big',
  flags: 0,
  form: 'rela',
  words: [4, 22],
  cases: [at(19, 0, 'code', 6), at(19, 0, 'data', 2), at(20, 0, 'code', 2), at(5, 0, 'data', 3)],
}

const script = `SECTIONS {
  .text 0x10000 : { *(.text) }
  .more 0x23450 : { *(.more) }
  .data 0x1237ab0 : { *(.data) }
  .tdata : { *(.tdata) }
  /DISCARD/ : { *(.reginfo .MIPS.*) }
}`

function object(target: Processor): Uint8Array {
  const little = target.endian === 'little'
  const builder = new ObjectBuilder({
    bits: target.bits,
    endian: target.endian,
    machine: target.machine,
    flags: target.flags,
    relocations: target.form,
  })
  const more = builder.section('.more', { flags: 'ax', align: 16, bytes: new Uint8Array(64) })
  const code = builder.symbol('code', more, 16, { type: 'func' })
  const content = new DataView(new ArrayBuffer(32))
  const data = builder.section('.data', { flags: 'aw', align: 16, bytes: new Uint8Array(content.buffer) })
  const variable = builder.symbol('data', data, 16, { type: 'object', size: 4 })
  const block = builder.section('.tdata', { flags: 'awT', align: 16, bytes: new Uint8Array(0x20000) })
  const thread = builder.symbol('thread', block, 16, { type: 'tls' })
  const symbols = { code, data: variable, thread }
  const view = new DataView(new ArrayBuffer(4 * target.cases.length))
  const text = builder.section('.text', { flags: 'ax', align: 16, bytes: new Uint8Array(view.buffer) })
  text.label('_start', 0, { type: 'func' })
  target.cases.forEach(({ type, word, symbol, addend, half }, i) => {
    view.setUint32(4 * i, word, little)
    const offset = 4 * i + (half === true && !little ? 2 : 0)
    text.relocate(offset, type, symbols[symbol], addend)
  })
  const [word32, word64] = target.words
  if (target.form === 'rel') content.setInt32(0, 12, little)
  data.relocate(0, word32, code, 12)
  if (word64 !== undefined) data.relocate(8, word64, code, 0x1_2345_6780)
  return builder.build()
}

for (const target of [loong64, mips(32, 'big'), mips(32, 'little'), mips(64, 'big'), ppc64, s390x])
  test(`${target.name}: the bytes of ld.lld`, () => {
    const bytes = object(target)
    const own = linkMemory(script, { 'a.o': bytes })
    assert.equal(
      own.diagnostics.map(each => each.message),
      [],
    )
    if (!needs(`relocations of ${target.name}`, 'ld.lld')) return
    const folder = mkdtempSync(join(tmpdir(), 'tsld-processors-'))
    try {
      writeFileSync(join(folder, 'a.o'), bytes)
      writeFileSync(join(folder, 'script.ld'), script)
      const run = runTool('ld.lld', ['-T', 'script.ld', 'a.o', '-o', 'out'], { cwd: folder })
      assert.is(run.status, 0, String(run.stderr))
      const peer = readElf(new Uint8Array(readFileSync(join(folder, 'out'))))
      for (const name of ['.text', '.data']) {
        const wanted = Buffer.from(sectionBytes(peer, sectionNamed(peer, name)!)).toString('hex')
        assert.is(Buffer.from(own.content(name)).toString('hex'), wanted, name)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

test('MIPS64, little-endian: the symbol stands in front of the types', () => {
  const target = mips(64, 'little')
  const bytes = object(target)
  // ObjectBuilder writes r_info as everywhere else: put the parts where this processor has them.
  const file = readElf(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const section of file.sections.filter(each => each.type === 4))
    for (let row = section.offset; row < section.offset + section.size; row += 24) {
      const type = view.getUint32(row + 8, true)
      view.setUint32(row + 8, view.getUint32(row + 12, true), true)
      view.setUint32(row + 12, type, false)
    }
  const own = linkMemory(script, { 'a.o': bytes })
  assert.equal(
    own.diagnostics.map(each => each.message),
    [],
  )
  const big = linkMemory(script, { 'a.o': object(mips(64, 'big')) })
  const swapped = Buffer.from(big.content('.text'))
  assert.is(Buffer.from(own.content('.text')).toString('hex'), swapped.swap32().toString('hex'))
})

test('what these processors do not do is an error that names it', () => {
  const builder = new ObjectBuilder({ machine: 22, endian: 'big' })
  const text = builder.section('.text', { flags: 'ax', align: 4, bytes: new Uint8Array(8) })
  text.label('_start').relocate(2, 26, builder.undefined('_start'), 2)
  const got = linkMemory(script, { 'a.o': builder.build() })
  assert.match(got.diagnostics.map(each => each.message).join(), /26/)
  const dynamic = linkMemory(script, { 'a.o': object(s390x) }, { kind: 'pie' })
  assert.match(dynamic.diagnostics.map(each => each.message).join(), /dynamic linking for s390x is not supported/)
})

test.run()
