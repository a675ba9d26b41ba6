/** What cannot be laid out as asked is an error that says why; Go's own linkers passed some of these in silence. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ObjectBuilder } from '../support/object-builder.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { machinesOfFacts } from './facts.ts'
import { sharedObject } from './shared-objects.ts'

function program(): ObjectBuilder {
  const builder = new ObjectBuilder()
  const text = builder.section('.text', { flags: 'ax', align: 16, bytes: [0xe8, 0, 0, 0, 0, 0xc3] })
  text.label('_rt0_amd64_linux', 0, { type: 'func' })
  text.relocate(1, 4, builder.undefined('import'), -4)
  return builder
}

/** Links `a.o`, which imports a function, with liba.so and `options`; it must fail with `message`. */
function fails(what: string, options: readonly string[], message: RegExp, object = program()): void {
  test(what, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(what, obstacle)
    const folder = mkdtempSync(join(tmpdir(), 'tsld-go-mistakes-'))
    try {
      writeFileSync(join(folder, 'a.o'), object.build())
      const target = machinesOfFacts['amd64']!
      writeFileSync(join(folder, 'liba.so'), sharedObject(target, 'liba.so', [{ name: 'import', isCode: true }]))
      const inputs = options.includes('a.o') ? [] : ['a.o', 'liba.so']
      const run = runLinker([...inputs, ...options, '-o', 'out.elf'], folder)
      assert.is(run.status, 1, run.text)
      assert.match(run.text, message)
      assert.not(existsSync(join(folder, 'out.elf')), 'no output')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

const exact = ['--layout', 'go-2013-exact']

fails('headers that do not fit into the reserve', [...exact, '-I', `/${'x'.repeat(1000)}`], /L4801.*\.interp starts at/)
fails(
  'an interpreter that does not fit by itself',
  ['-I', `/${'x'.repeat(3000)}`],
  /do not fit into the reserved 3 KiB/,
)
for (const layout of ['go', 'go-2013-exact']) {
  const chosen = ['--layout', layout]
  fails(`text at a wrong place in its page, ${layout}`, [...chosen, '-Ttext=0x801000'], /multiple of the page size/)
  fails(`an image that starts inside a page, ${layout}`, [...chosen, '--image-base=0x400010'], /multiple of the page/)
  fails(`a page size that the base does not fit, ${layout}`, [...chosen, '-z', 'max-page-size=0x800000'], /page size/)
  fails(`an import without a shared object, ${layout}`, [...chosen, 'a.o'], /undefined reference to `import'/)
  fails(`imports in a static program, ${layout}`, [...chosen, '-static'], /static link of dynamic object/)
}
fails('a system without a layout', ['--os', 'solaris'], /U7011.*solaris-amd64.*linux-amd64/)
fails('a pair without a layout', ['--arch', 'riscv64'], /U7011.*linux-riscv64/)
fails('objects of another processor', ['--arch', 'arm'], /I2005.*x86-64.*ARM/i)
fails('a build id with an odd number of digits', ['--build-id=0xabc'], /U7022.*3 hex digits are an odd number/)
fails('a build id that is no number', ['--build-id=0x12g4'], /U7022.*'g' is no hex digit/)
fails('a build id without digits', ['--build-id=0x'], /U7022.*no digits/)
fails('a build id of 33 bytes', [...exact, `--build-id=0x${'ab'.repeat(33)}`], /at most 32 bytes/)

const direct = new ObjectBuilder()
const text = direct.section('.text', { flags: 'ax', align: 16, bytes: new Uint8Array(16) })
text.label('_rt0_amd64_linux', 0, { type: 'func' })
text.relocate(3, 2, direct.undefined('variable', { type: 'object' }), -4)

test('a variable of a shared object is not copied by the exact layout', () => {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip('copied variables', obstacle)
  const folder = mkdtempSync(join(tmpdir(), 'tsld-go-mistakes-'))
  try {
    writeFileSync(join(folder, 'a.o'), direct.build())
    const target = machinesOfFacts['amd64']!
    writeFileSync(join(folder, 'liba.so'), sharedObject(target, 'liba.so', [{ name: 'variable', isCode: false }]))
    const run = runLinker([...exact, 'a.o', 'liba.so', '-o', 'out.elf'], folder)
    assert.is(run.status, 1)
    assert.match(run.text, /`variable' of a shared object.*copies no variables; compile with -fPIC/)
    assert.is(runLinker(['a.o', 'liba.so', '-o', 'out.elf'], folder).status, 0, 'the default layout copies it')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
