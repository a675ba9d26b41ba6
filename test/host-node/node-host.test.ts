import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isFailure } from '../../src/host.ts'
import { sizedFiles } from '../../src/host-node/file-status.ts'
import { NodeHost } from '../../src/host-node/node-host.ts'
import { writeOutput } from '../../src/host-node/write-output.ts'

let folder = ''
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsld-host-'))
})
test.after.each(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)

test('small and large files are read whole', () => {
  const host = new NodeHost()
  for (const size of [0, 1, 17, 4 << 20, (4 << 20) + 1]) {
    const content = Buffer.alloc(size, size & 255)
    writeFileSync(at('f'), content)
    const bytes = host.read(at('f'))
    assert.ok(!isFailure(bytes))
    assert.is(Buffer.compare(bytes, content), 0)
  }
})

test('small files share memory and do not overlap', () => {
  const host = new NodeHost()
  writeFileSync(at('a'), 'first')
  writeFileSync(at('b'), 'second')
  const a = host.read(at('a')) as Uint8Array
  const b = host.read(at('b')) as Uint8Array
  assert.is(a.buffer, b.buffer)
  assert.is(b.byteOffset % 16, 0)
  assert.is(Buffer.from(a).toString(), 'first')
})

test('what cannot be read says why', () => {
  const host = new NodeHost()
  mkdirSync(at('d'))
  assert.equal(host.read(at('none')), { failure: 'missing', detail: 'No such file or directory' })
  assert.equal(host.read(at('d')), { failure: 'directory', detail: 'Is a directory' })
  assert.is(host.exists(at('d')), false)
})

test('digests are those of the standards', () => {
  const hex = (algorithm: 'sha1' | 'md5' | 'sha256') =>
    Buffer.from(new NodeHost().digest(algorithm, Buffer.from('abc'))).toString('hex')
  assert.is(hex('sha1'), 'a9993e364706816aba3e25717850c26c9cd0d89d')
  assert.is(hex('md5'), '900150983cd24fb0d6963f7d28e17f72')
})

test('names are bytes', () => {
  writeFileSync(at('größe'), 'x')
  const bytes = new NodeHost().read(at(Buffer.from('größe').toString('latin1')))
  assert.ok(!isFailure(bytes))
})

test('output is executable as the umask allows, replaces what was there and leaves nothing beside it', () => {
  const old = process.umask(0o022)
  try {
    writeFileSync(at('out'), 'old')
    assert.is(writeOutput(at('out'), Buffer.from('new'), 0o777), undefined)
    assert.is(readFileSync(at('out'), 'utf8'), 'new')
    assert.is(statSync(at('out')).mode & 0o777, 0o755)
    assert.equal(readdirSync(folder), ['out'])
  } finally {
    process.umask(old)
  }
})

test('a large output takes the place of the old one, or leaves it alone', () => {
  const path = join(folder, 'large-output')
  const bytes = new Uint8Array(9 << 20).fill(7)
  assert.is(writeOutput(path, bytes, 0o666), undefined)
  bytes[5] = 8
  assert.is(writeOutput(path, bytes, 0o666), undefined)
  assert.is(readFileSync(path).compare(bytes), 0)
  const refused = join(folder, 'large-folder')
  mkdirSync(refused)
  assert.is(writeOutput(refused, bytes, 0o666)?.failure, 'directory')
  assert.equal(
    readdirSync(folder).filter(name => name.includes('.tsld-')),
    [],
  )
})

test('a link as output is replaced, its target stays', () => {
  writeFileSync(at('target'), 'kept')
  symlinkSync(at('target'), at('out'))
  writeOutput(at('out'), Buffer.from('new'), 0o666)
  assert.is(readFileSync(at('target'), 'utf8'), 'kept')
  assert.is(readFileSync(at('out'), 'utf8'), 'new')
})

test('devices are written to, folders are refused, and a failure leaves the old file', () => {
  assert.is(writeOutput('/dev/null', Buffer.from('x'), 0o777), undefined)
  assert.ok(statSync('/dev/null').isCharacterDevice())
  assert.equal(writeOutput(folder, Buffer.from('x'), 0o777), { failure: 'directory', detail: 'Is a directory' })
  assert.equal(writeOutput(at('no/such/out'), Buffer.from('x'), 0o777), {
    failure: 'missing',
    detail: 'No such file or directory',
  })
  if (process.getuid?.() !== 0) {
    mkdirSync(at('locked'))
    writeFileSync(at('locked/out'), 'old')
    chmodSync(at('locked'), 0o555)
    assert.ok(writeOutput(at('locked/out'), Buffer.from('x'), 0o777) !== undefined)
    assert.is(readFileSync(at('locked/out'), 'utf8'), 'old')
    chmodSync(at('locked'), 0o755)
  }
})

test('what cannot be seen is not there for those who look, and a failure for those who read', () => {
  const host = new NodeHost()
  symlinkSync('circle', at('circle'))
  for (const path of [`/${'a'.repeat(300)}`, at('circle'), 'a\0b']) {
    assert.is(host.exists(path), false)
    assert.equal(sizedFiles([path]), [])
    assert.ok(isFailure(host.read(path)))
  }
})

test.run()
