import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { filesToReadAhead, mayUseThreads } from '../../src/cli/read-ahead.ts'
import { NodeHost } from '../../src/host-node/node-host.ts'
import { largeFiles, readFiles } from '../../src/host-node/prefetch.ts'
import { awaitFile, readAll, shareFiles } from '../../src/host-node/shared-files.ts'

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
  assert.is(ahead.totalBytes, 6 * 300_000 + 21)
  assert.is(ahead.read(join(folder, 'gone')), undefined)
  const host = new NodeHost(ahead)
  assert.is(host.read(paths[2]!), ahead.read(paths[2]!))
  assert.equal(new NodeHost().read(paths[2]!), host.read(paths[2]!))
})

test('files read into shared memory are the same bytes; one that changed or is missing is not handed out', () => {
  const paths = [1, 2].map(i => file(`s${i}`, new Uint8Array(1000 + i).fill(i)))
  const shared = shareFiles([
    { path: paths[0]!, size: 1001 },
    { path: paths[1]!, size: 5 },
    { path: join(folder, 'gone'), size: 5 },
    { path: paths[1]!, size: 1002 },
  ])
  assert.equal(awaitFile(shared, 3), new NodeHost().read(paths[1]!))
  readAll(shared)
  assert.equal(awaitFile(shared, 0), new NodeHost().read(paths[0]!))
  assert.is(awaitFile(shared, 1), undefined)
  assert.is(awaitFile(shared, 2), undefined)
})

test('small links read directly; outputs and options are no inputs', () => {
  const small = file('small.o', new Uint8Array(300_000))
  const large = file('large.a', new Uint8Array(25 << 20))
  const list = file('list', `${large} -o ${small}`)
  const ahead = (...words: string[]): string[] | undefined => filesToReadAhead(words)?.map(each => each.path)
  assert.is(ahead(small, '-o', large), undefined)
  assert.is(ahead('--help'), undefined)
  assert.equal(ahead(small, large, '-static'), [small, large])
  assert.equal(ahead(`@${list}`), [large])
})

test('--threads and --no-threads: the last one counts', () => {
  assert.ok(mayUseThreads(['a.o', '-o', 'x']))
  assert.ok(mayUseThreads(['--no-threads', '--threads=4']))
  assert.not.ok(mayUseThreads(['--threads', '--no-threads']))
  assert.not.ok(mayUseThreads(['--threads=1']))
  assert.not.ok(mayUseThreads(['--thread-count', '1']))
})

test.run()
