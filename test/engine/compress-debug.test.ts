/** --compress-debug-sections=zlib: what the compressed sections hold, where everything behind them stands, and who refuses. */
import { deflateSync, inflateSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { link } from '../../src/engine/link.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import type { LinkRequest } from '../../src/engine/records/request.ts'
import { MemoryHost } from '../../src/host.ts'
import { readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { input } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

class DeflatingHost extends MemoryHost {
  deflate(bytes: Uint8Array): Uint8Array {
    return deflateSync(bytes)
  }
}

const abs64 = 1

/** Code, debug information that refers to it and shrinks, and some that does not. */
function object(options: { bits?: 32 | 64; endian?: 'little' | 'big'; machine?: number } = {}): Uint8Array {
  const builder = new ObjectBuilder(options)
  const text = builder.section('.text', { flags: 'ax', align: 16, bytes: new Uint8Array(32) })
  text.label('_start', 16)
  const info = builder.section('.debug_info', { align: 4, bytes: new Uint8Array(500) })
  if (options.bits !== 32 && options.machine === undefined) info.relocate(8, abs64, builder.symbols[0], 0)
  builder.section('.debug_small', { bytes: [1, 2, 3] })
  builder.section('.comment', {
    bytes: 'not compressed, whatever is in it: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  })
  return builder.build()
}

function run(file: Uint8Array, host: MemoryHost, options: Partial<LinkRequest> = {}) {
  host.files.set('a.o', file)
  const report = new Report()
  const result = link({ ...defaultRequest, inputs: [input('a.o')], compressDebug: 'zlib', ...options }, host, report)
  return { result, messages: report.diagnostics.map(each => each.message) }
}

test('a debug section becomes a header and a zlib stream of the relocated bytes', () => {
  const plain = readElf(run(object(), new MemoryHost(), { compressDebug: 'none' }).result!.bytes)
  const file = readElf(run(object(), new DeflatingHost()).result!.bytes)
  const section = sectionNamed(file, '.debug_info')!
  const bytes = sectionBytes(file, section)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  assert.is(section.flags & 0x800, 0x800)
  assert.is(section.align, 8)
  assert.is(view.getUint32(0, true), 1, 'ELFCOMPRESS_ZLIB')
  assert.is(Number(view.getBigUint64(8, true)), 500)
  assert.is(Number(view.getBigUint64(16, true)), 4, 'alignment of the contents')
  const original = sectionBytes(plain, sectionNamed(plain, '.debug_info')!)
  assert.equal(Buffer.from(inflateSync(bytes.subarray(24))), Buffer.from(original))
  assert.ok(
    original.some(byte => byte !== 0),
    'relocated',
  )
})

test('what would grow, and what is no debug information, stays as it is', () => {
  const file = readElf(run(object(), new DeflatingHost()).result!.bytes)
  for (const name of ['.debug_small', '.comment']) assert.is(sectionNamed(file, name)!.flags & 0x800, 0, name)
  assert.equal([...sectionBytes(file, sectionNamed(file, '.debug_small')!)], [1, 2, 3])
})

test('what stands behind moves up, and the symbols are those of the plain file', () => {
  const plain = readElf(run(object(), new MemoryHost(), { compressDebug: 'none' }).result!.bytes)
  const file = readElf(run(object(), new DeflatingHost()).result!.bytes)
  assert.ok(file.bytes.length < plain.bytes.length - 300)
  assert.equal(file.symbols, plain.symbols)
  assert.equal(file.segments, plain.segments)
  const ends = file.sections
    .filter(each => each.type !== 8)
    .map(each => [each.offset, each.offset + each.size] as const)
  ends.sort((a, b) => a[0] - b[0])
  for (let i = 1; i < ends.length; i++) assert.ok(ends[i]![0] >= ends[i - 1]![1], 'no overlap')
})

test('big-endian files of 32 bits have their own header', () => {
  const file = readElf(run(object({ bits: 32, endian: 'big', machine: 8 }), new DeflatingHost()).result!.bytes)
  const bytes = sectionBytes(file, sectionNamed(file, '.debug_info')!)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  assert.equal([view.getUint32(0), view.getUint32(4), view.getUint32(8)], [1, 500, 4])
  assert.is(inflateSync(bytes.subarray(12)).length, 500)
})

test('a host that cannot compress, and -r, are told', () => {
  assert.match(
    run(object(), new MemoryHost()).messages.join(),
    /cannot compress \.debug_info: this host has no deflate/,
  )
  const { messages } = run(object(), new DeflatingHost(), { kind: 'relocatable' })
  assert.match(messages.join(), /--compress-debug-sections together with -r is not supported/)
})

test.run()
