/** What cannot be laid out is said clearly; Go's own linker passes some of it in silence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ObjectBuilder, type ObjectOptions } from '../support/object-builder.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

interface Mistake {
  readonly name: string
  readonly options: readonly string[]
  readonly says: RegExp
  readonly objects?: readonly Uint8Array[]
}

function object(options: ObjectOptions, more: (builder: ObjectBuilder) => void = () => undefined): Uint8Array {
  const builder = new ObjectBuilder(options)
  builder.section('.text', { flags: 'ax', align: 4, bytes: new Uint8Array(16) }).label('_start')
  more(builder)
  return builder.build()
}

const mips: ObjectOptions = { bits: 32, endian: 'big', machine: 8, relocations: 'rel' }
const abiFlags = (builder: ObjectBuilder): void => {
  builder.section('.MIPS.abiflags', { type: 0x7000002a, flags: 'a', align: 8, bytes: new Uint8Array(24) })
}

const mistakes: readonly Mistake[] = [
  {
    name: '-T and -R of Go that do not go together',
    options: ['-Ttext=0x2010000', '-z', 'max-page-size=0x10000'],
    says: /no multiple of the page size/,
  },
  {
    name: 'a processor that the system has not',
    options: ['--os', 'openbsd', '--arch', 'mips'],
    says: /no form for openbsd-mips/,
  },
  {
    name: 'headers that do not fit, when they must',
    options: ['-D', 'STRICT_RESERVE=true'],
    says: /the headers end at file offset/,
    objects: [
      object({}, builder => {
        for (let i = 0; i < 70; i++) builder.section(`own_${i}`, { flags: 'aw', bytes: [1] })
      }),
    ],
  },
  {
    name: 'several .MIPS.abiflags',
    options: ['--arch', 'mips'],
    says: /several objects have a section \.MIPS\.abiflags/,
    objects: [object(mips, abiFlags), second()],
  },
  {
    name: 'a program for PowerPC64 that may be loaded anywhere',
    options: ['--arch', 'ppc64le', '-pie'],
    says: /dynamic linking for ppc64le is not supported/,
    objects: [object({ machine: 21, flags: 2 })],
  },
]

/** An object with nothing but .MIPS.abiflags. */
function second(): Uint8Array {
  const builder = new ObjectBuilder(mips)
  abiFlags(builder)
  return builder.build()
}

for (const { name, options, says, objects = [object({})] } of mistakes)
  test(name, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(name, obstacle)
    const folder = mkdtempSync(join(tmpdir(), 'tsld-go-modern-'))
    try {
      for (const [i, bytes] of objects.entries()) writeFileSync(join(folder, `${i}.o`), bytes)
      const inputs = objects.map((_, i) => `${i}.o`)
      const run = runLinker(['--layout', 'go1.24', ...options, '-o', 'out', ...inputs], folder)
      assert.is(run.status, 1)
      assert.match(run.text, says)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

test.run()
