/** The command as a user meets it. Most tests run it in this process (test/support/tsld.ts), the last one starts it. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { replacement, runLinker } from '../support/tsld.ts'

const example = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'layouts', 'example')
let folder = ''

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsld-command-'))
  for (const name of ['main.o', 'print.o', 'layout.ld']) copyFileSync(join(example, name), join(folder, name))
})
test.after.each(() => rmSync(folder, { recursive: true }))

const run = (...words: string[]) => runLinker(words, folder)
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
const read = (name: string) => readFileSync(join(folder, name))

function runs(name: string): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') return
  const done = spawnSync(join(folder, name), { encoding: 'utf8' })
  assert.is(done.status, 0)
  assert.match(done.stdout, 'hello from a program linked by tsld')
}

test('a script, the default layout and the hosted layout give programs that run', () => {
  for (const words of [['-T', 'layout.ld'], [], ['--layout', 'gnu'], ['-flavor', 'gnu', '-static']]) {
    const { status, text } = run(...words, 'main.o', 'print.o', '-o', 'out')
    assert.is(text, '')
    assert.is(status, 0)
    runs('out')
  }
})

test('a plan as JSON gives the same bytes as the script', () => {
  const plan = run('plan', '--json', 'layout.ld')
  assert.is(plan.status, 0, plan.text)
  write('plan.json', plan.text)
  assert.is(run('-T', 'layout.ld', 'main.o', 'print.o', '-o', 'a').status, 0)
  assert.is(run('-T', 'plan.json', 'main.o', 'print.o', '-o', 'b').text, '')
  assert.is(Buffer.compare(read('a'), read('b')), 0)
})

test('a plan in words names what the script does', () => {
  const { text, status } = run('plan', 'layout.ld')
  assert.is(status, 0)
  assert.match(text, 'entry _start')
  assert.match(text, /code: from 0x200000, 0x10000 bytes/)
  assert.match(text, /section \.rodata, in code/)
})

test('options come from response files, and behind inputs', () => {
  write('words.rsp', '-o\n"out"\n-T layout.ld main.o\n')
  assert.equal(run('@words.rsp', 'print.o', '--gc-sections'), { status: 0, text: '' })
  runs('out')
})

test('a failed link leaves the old output alone and nothing beside it', () => {
  write('out', 'old')
  const before = readdirSync(folder).sort()
  const { status, text } = run('main.o', '-o', 'out')
  assert.is(status, 1)
  assert.match(text, /undefined reference to `print'/)
  assert.is(read('out').toString(), 'old')
  assert.equal(readdirSync(folder).sort(), before)
})

test('the output is executable', () => {
  run('main.o', 'print.o', '-o', 'out')
  assert.is(statSync(join(folder, 'out')).mode & 0o100, 0o100)
})

test('mistakes are one clear message and status 1', () => {
  const cases: [words: string[], message: RegExp][] = [
    [[], /no input files/],
    [['none.o'], /none\.o/],
    [['-T', 'none.ld', 'main.o'], /none\.ld: No such file/],
    [['--gc-sektions', 'main.o'], /did you mean --gc-sections/],
    [['-T', 'main.o', 'print.o'], /-T: cannot read main\.o: it is an ELF file, expected text/],
    [['-m', 'elf_none', 'main.o'], /unrecognised emulation mode: elf_none/],
    [['--layout', 'gnuu', 'main.o'], /did you mean gnu/],
    [['-o', '/no/such/folder/out', 'main.o', 'print.o'], /cannot write \/no\/such\/folder\/out/],
    [['.'], /directory/],
    [['@none'], /cannot read response file none/],
    [['-r', '-s', 'main.o'], /-r and -s may not be used together/],
    [['explain', 'X0000'], /no diagnostic has the code X0000/],
    [['setup-driver'], /usage: tsld setup-driver DIR/],
  ]
  for (const [words, message] of cases) {
    const { status, text } = run(...words)
    assert.is(status, 1, words.join(' '))
    assert.match(text, message)
    assert.not.match(text, /\n\s+at /)
  }
})

test('a script with mistakes shows each with its line', () => {
  write('bad.ld', 'SECTIONS {\n  .text : { *(.text) } > nowhere\n  x = ;\n  y = ( 1;\n}\n')
  const { status, text } = run('-T', 'bad.ld', 'main.o', 'print.o')
  assert.is(status, 1)
  assert.match(text, /bad\.ld:3:\d+: error S\d+: /)
  assert.match(text, /bad\.ld:4:\d+: error S\d+: /)
  assert.match(text, '    3 |   x = ;\n')
})

test('messages come as JSON and in the form of GNU tools', () => {
  write('bad.ld', 'SECTIONS { x = ; }\n')
  const json = run('--message-format=json', '-T', 'bad.ld', 'main.o').text.trim().split('\n')
  assert.is(JSON.parse(json[0]).at.span.line, 1)
  assert.match(run('--message-format=gnu', '-T', 'bad.ld', 'main.o').text, /^bad\.ld:1:\d+: error: .* \[S\d+\]$/m)
})

test('configure scripts recognise the version', () => {
  for (const option of ['--version', '-v', '-V']) {
    const { status, text } = run(option)
    assert.is(status, 0)
    assert.match(text.split('\n')[0], /^tsld \d+\.\d+\.\d+ \(compatible with GNU ld 2\.44\)$/)
  }
  assert.match(run('-V').text, '   elf_x86_64\n')
  assert.match(run('--help').text, 'tsld: supported emulations: elf_x86_64')
  assert.is(run('--print-output-format').text, 'elf64-x86-64\n')
})

test('--verbose prints the script, -v goes on when there is something to link', () => {
  for (const arch of ['amd64', '386', 'arm', 'arm64', 'riscv64']) {
    const { text } = run('--layout', 'gnu', '--arch', arch, '--verbose')
    assert.match(text, /={50}\n[\s\S]*SECTIONS[\s\S]*={50}/)
    write(`${arch}.ld`, text.split('='.repeat(50))[1] ?? '')
  }
  const words = ['--layout', 'gnu', 'main.o', 'print.o', '-o']
  assert.is(run(...words, 'by-default').status, 0)
  const shown = run('-T', 'amd64.ld', ...words, 'by-script')
  assert.is(shown.text, '', 'the script that is shown can be given back')
  assert.is(read('by-script').length, read('by-default').length)
  runs('by-script')
  assert.is(run('-v', 'main.o', 'print.o', '-o', 'out').status, 0)
  assert.ok(existsSync(join(folder, 'out')))
})

test('the script of a Go layout that --verbose prints is whole: given back it makes the same bytes', () => {
  for (const layout of ['go', 'go-2013-exact', 'go1.24', 'go1.19'])
    for (const os of ['linux', 'netbsd']) {
      const words = ['--os', os, '--arch', 'amd64', '-e', '_start']
      const shown = run('--layout', layout, ...words, '--verbose').text
      write('shown.ld', shown.split('='.repeat(50))[1] ?? '')
      assert.is(run('--layout', layout, ...words, 'main.o', 'print.o', '-o', 'by-name').text, '')
      assert.is(run('-T', 'shown.ld', ...words, 'main.o', 'print.o', '-o', 'by-script').text, '', layout)
      assert.ok(read('by-script').equals(read('by-name')), `${layout} ${os}`)
    }
})

test('--arch and -m hold for the inputs on every processor, and choose the layout', () => {
  for (const arch of ['386', 'arm', 'arm64', 'riscv64', 'loong64', 'mips', 'mips64le', 'ppc64', 'ppc64le', 's390x']) {
    const { status, text } = run('--layout', 'go1.24', '--arch', arch, 'main.o', 'print.o', '-o', 'out')
    assert.is(status, 1, arch)
    assert.match(text, 'incompatible with the output')
  }
  assert.match(run('--layout', 'gnu', '-m', 'elf64loongarch', 'main.o', '-o', 'out').text, 'no form for linux-loong64')
  assert.match(
    run('--layout', 'go', '--arch', 'arm64', 'main.o').text,
    'note: this has one: --layout gnu, --layout go1.24',
  )
})

test('an output that no memory holds, and a script that names itself as an input, are errors', () => {
  write('far.ld', 'SECTIONS { .data : { *(.data) . += 1 << 44; } }')
  assert.match(run('-T', 'far.ld', 'print.o', '-o', 'out').text, /error L4503: the output file would have \d+ bytes/)
  write('a.so', 'GROUP(b.so)')
  write('b.so', 'INPUT(a.so)')
  assert.match(run('main.o', 'a.so', '-o', 'out').text, 'error I2045: this script names itself as an input')
})

test('explain knows every code', () => {
  const list = run('explain')
  assert.is(list.status, 0)
  const codes = [...list.text.matchAll(/^ {2}([A-Z]\d{4}) /gm)].map(match => match[1])
  assert.ok(codes.length > 50)
  const one = run('explain', 'u7001')
  assert.match(one.text, /^U7001 \(error\)\n\n/)
})

test('reports: map, cross reference, statistics, dependencies', () => {
  const { status, text } = run(
    '-T',
    'layout.ld',
    'main.o',
    'print.o',
    '-o',
    'out',
    '-Map=out.map',
    '--cref',
    '--stats',
    '--print-memory-usage',
    '--dependency-file=out.d',
  )
  assert.is(status, 0)
  assert.match(text, /stage +ms +%/)
  assert.match(text, /Memory region +Used Size/)
  const map = read('out.map').toString()
  assert.match(map, 'Linker script and memory map')
  assert.match(map, 'Cross Reference Table')
  assert.match(read('out.d').toString(), /^out: \\\n {2}main\.o \\\n {2}print\.o\n/)
})

test('started as a process: exit status, output and errors on their own streams', () => {
  const main = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'cli', 'main.ts')
  const start = (...words: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', main, ...words], {
      encoding: 'utf8',
      env: { ...process.env, TSLD_TRACE: '' },
    })
  const version = start('--version')
  assert.is(version.status, 0)
  assert.match(version.stdout, /^tsld /)
  assert.is(version.stderr, '')
  const wrong = start('--gc-sektions')
  assert.is(wrong.status, 1)
  assert.is(wrong.stdout, '')
  assert.match(wrong.stderr, /^tsld: error U7001: unrecognized option '--gc-sektions'/)
})

if (replacement === undefined) test.run()
