import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { inputsAhead, threadsAsked } from '../../src/cli/read-ahead.ts'
import { sizedFiles } from '../../src/host-node/file-status.ts'
import { readIndex } from '../../src/host-node/index-file.ts'
import { NodeHost } from '../../src/host-node/node-host.ts'
import { awaitFile, readAll, shareFiles } from '../../src/host-node/shared-files.ts'
import { plainCompute } from '../../src/kernels/compute.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsld-ahead-'))
test.after(() => rmSync(folder, { recursive: true }))

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

test('files are listed once, folders are not', () => {
  const paths = [1, 2, 3].map(i => file(`f${i}`, new Uint8Array(300_000 + i).fill(i)))
  const files = sizedFiles([...paths, paths[0]!, file('small', ''), join(folder, 'missing'), folder])
  assert.equal(
    files.map(each => each.size),
    [300_001, 300_002, 300_003, 0],
  )
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

test('an index that cannot be made keeps nobody waiting', () => {
  const bytes = new Uint8Array(1000)
  bytes[0] = 0x7f
  const shared = shareFiles([{ path: file('odd', bytes), size: 1000 }], plainCompute.memory)
  const fails = (): never => {
    throw new Error('trap')
  }
  const indexer = { exported: { surveyObject: fails, indexNames: fails }, cache: new Int32Array(1) }
  assert.equal(awaitFile(shared, 0, indexer), bytes)
  assert.is(readIndex(shared.files[0]!.index!).rowOf(0), -1)
})

test('small links are as they were, others have compiled kernels, large ones threads; outputs and options are no inputs', () => {
  const small = file('small.o', new Uint8Array(100_000))
  const middle = file('middle.o', new Uint8Array(1_000_000))
  const large = file('large.a', new Uint8Array(25 << 20))
  file('libbig.a', new Uint8Array(2 << 20))
  const list = file('list', `${large} -o ${small}`)
  const paths = (...words: string[]): string[] | undefined => inputsAhead(words)?.files.map(each => each.path)
  assert.is(inputsAhead([small, '-o', large]), undefined)
  assert.is(inputsAhead(['--help']), undefined)
  assert.is(
    inputsAhead(['-plugin', large, '-dynamic-linker', large, small, file('lib.so.6', new Uint8Array(2 << 20))]),
    undefined,
  )
  assert.equal(inputsAhead([small, middle, '-static']), { files: [], bytes: 1_100_000, isLarge: false })
  assert.equal(paths(small, middle, large, '-static'), [middle, large])
  assert.equal(paths(`@${list}`), [large])
  assert.is(inputsAhead(['-static', `-L${folder}`, '-lbig', small])?.bytes, 100_000 + (2 << 20))
  assert.is(inputsAhead(['-Bstatic', '-L', folder, '-l', 'big'])?.bytes, 2 << 20)
  assert.is(inputsAhead([`-L${folder}`, '-lbig', small]), undefined)
})

test('a response file that is a pipe is read once, by those who need it', () => {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const command = `echo --version | '${process.execPath}' --import tsx '${main}' @/dev/stdin`
  const found = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
  assert.match(found.stdout, /^tsld /)
})

test('of very many files nothing is asked beforehand', () => {
  const list = file('many', `${join(folder, 'some-file.o')}\n`.repeat(5000))
  assert.equal(inputsAhead([`@${list}`]), { files: [], bytes: 0, isLarge: true })
  assert.equal(inputsAhead(Array.from({ length: 3000 }, (_, i) => `${i}.o`)), { files: [], bytes: 0, isLarge: true })
})

test('--threads and --no-threads: the last one counts', () => {
  assert.is(threadsAsked(['a.o', '-o', 'x']), undefined)
  assert.is(threadsAsked(['--no-threads', '--threads=4']), 4)
  assert.is(threadsAsked(['--threads=3', '--threads']), undefined)
  assert.is(threadsAsked(['--threads', '--no-threads']), 1)
  assert.is(threadsAsked(['--threads=1']), 1)
  assert.is(threadsAsked(['--thread-count', '2']), 2)
})

test.run()
