import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readAhead } from '../../src/cli/read-ahead.ts'
import { NodeHost } from '../../src/host-node/node-host.ts'
import { largeFiles, readFiles } from '../../src/host-node/prefetch.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsld-ahead-'))
test.after(() => rmSync(folder, { recursive: true }))

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('files read ahead are the same bytes, and the host hands them out', async () => {
  const paths = [1, 2, 3, 4, 5, 6].map(i => file(`f${i}`, new Uint8Array(300_000 + i).fill(i)))
  const files = largeFiles([...paths, paths[0]!, join(folder, 'missing'), folder])
  assert.equal(
    files.map(each => each.size),
    [300_001, 300_002, 300_003, 300_004, 300_005, 300_006],
  )
  const ahead = await readFiles([...files, { path: join(folder, 'gone'), size: 5 }])
  assert.is(ahead.size, 6)
  const host = new NodeHost(ahead)
  assert.is(host.read(paths[2]!), ahead.get(paths[2]!))
  assert.equal(new NodeHost().read(paths[2]!), host.read(paths[2]!))
})

test('small links read directly; outputs and options are no inputs', async () => {
  const small = file('small.o', new Uint8Array(300_000))
  const large = file('large.a', new Uint8Array(25 << 20))
  const list = file('list', `${large} -o ${small}`)
  assert.is(readAhead([small, '-o', large]), undefined)
  assert.is(readAhead(['--help']), undefined)
  assert.equal([...(await readAhead([small, large, '-static']))!.keys()], [small, large])
  assert.equal([...(await readAhead([`@${list}`]))!.keys()], [large])
})

test.run()
