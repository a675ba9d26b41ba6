/** Loading by compiled kernels, with indexes made beforehand and without, finds what loading by TypeScript finds. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { Report } from '../../src/diag/report.ts'
import { loadInputs } from '../../src/engine/load/load-inputs.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import { type Host, MemoryHost } from '../../src/host.ts'
import { type IndexRoom, indexFile, indexRoom, newCache, readIndex } from '../../src/host-node/index-file.ts'
import { SharedCompute } from '../../src/host-node/shared-compute.ts'
import { SharedMemory } from '../../src/host-node/shared-memory.ts'
import { archForMachine } from '../../src/target/arch/index.ts'
import { archive } from '../support/archive-builder.ts'
import { input, type Loaded, load } from '../support/load.ts'
import { picture } from '../support/load-picture.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

/** An object with functions of its own, inline ones it shares with others, commons, and references to the next. */
function part(number: number): Uint8Array {
  const object = new ObjectBuilder()
  for (let i = 0; i < 40; i++) {
    const name = `function_${number}_${'x'.repeat(i)}${i}`
    const section = object.section(`.text.${name}`, { flags: 'ax', bytes: new Uint8Array(8) })
    section.label(name, 4, { visibility: i % 5 === 0 ? 'hidden' : 'default' })
    section.relocate(1, 2, object.undefined(`function_${number + 1}_${'x'.repeat(i)}${i}`, { binding: 'weak' }), -4)
  }
  for (let i = 0; i < 10; i++) {
    const inline = object.section(`.text.inline${i}`, { flags: 'axG', bytes: [0xc3] })
    inline.label(`inline${i}`, 0, { binding: 'weak' })
    object.group(object.symbols.find(each => each.name === `inline${i}`)!, [inline])
  }
  object.common(`common${number % 3}`, 8 * number, 8)
  object.absolute(`absolute${number}`, number % 2 === 0 ? 5n : 0x7fff_ffff_ffff_fff0n)
  return object.build()
}

const members = Array.from({ length: 30 }, (_, i) => ({
  name: `part${i}.o`,
  bytes: part(i),
  symbols: [`function_${i}_0`, `absolute${i}`],
}))
const files: Record<string, Uint8Array> = {
  'first.o': part(30),
  'libparts.a': archive(members),
  'libold.a': archive(members.slice(10), { names: 'bsd' }),
}
const inputs = [input('first.o'), input('libparts.a', { wholeArchive: true }), input('libold.a')]

const { bytes, signatures } = await compileKernels('src/kernels/all.ts')

function loadCompiled(indexed: boolean): Loaded {
  const memory = new SharedMemory(1 << 24)
  const compute = new SharedCompute(memory, { bytes, signatures })
  const inMemory = new MemoryHost()
  const rooms = new Map<string, IndexRoom>()
  for (const [name, content] of Object.entries(files)) {
    const held = memory.uint8(content.length)
    held.set(content)
    inMemory.files.set(name, held)
    const room = indexRoom(memory, content.length)
    indexFile(held, room, { exported: compute.exported, cache: newCache(memory) })
    rooms.set(name, room)
  }
  const host: Host = {
    read: path => inMemory.read(path),
    exists: path => inMemory.exists(path),
    compute,
    indexOf: path => (indexed && rooms.has(path) ? readIndex(rooms.get(path)!) : undefined),
  }
  const report = new Report()
  const request = { ...defaultRequest, isStatic: true, inputs }
  const program = loadInputs(request, archForMachine, host, report)
  return { program, diagnostics: report.diagnostics, report, request }
}

test('the sample has what it takes: groups that lose, indexes for its objects', () => {
  const loaded = loadCompiled(true)
  const { groups } = loaded.program!
  assert.is(groups.count, 310)
  assert.is(groups.kept.subarray(0, groups.count).filter(kept => kept === 1).length, 10)
})

test('compiled kernels load what TypeScript loads', () => {
  const plain = JSON.stringify(picture(load(files, {}, inputs)))
  assert.is(JSON.stringify(picture(loadCompiled(true))), plain)
  assert.is(JSON.stringify(picture(loadCompiled(false))), plain)
})

test.run()
