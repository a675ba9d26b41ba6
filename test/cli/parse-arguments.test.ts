import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CommandLine } from '../../src/cli/command-line.ts'
import { settleKeywords } from '../../src/cli/options/keywords.ts'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { Report } from '../../src/diag/report.ts'

function parse(text: string): CommandLine {
  const report = new Report()
  const line = parseArguments(text.split(' '), report)
  assert.equal(report.diagnostics, [])
  return line
}

function mistakes(text: string): string[] {
  const report = new Report()
  parseArguments(text === '' ? [] : text.split(' '), report)
  return report.diagnostics.map(each => `${each.code} ${each.message}`)
}

test('values are joined, behind an = or the next word', () => {
  for (const text of ['-o x', '-ox', '--output x', '--output=x']) assert.is(parse(text).output, 'x')
  for (const text of ['-T a.ld', '-Ta.ld', '--script=a.ld', '-script a.ld'])
    assert.equal(
      parse(text).pieces.map(piece => (piece.kind === 'script' ? piece.path : '')),
      ['a.ld'],
    )
  assert.equal(parse('-L/a -L /b --library-path=/c').searchPaths, ['/a', '/b', '/c'])
})

test('long names take one dash or two, but -o... is always the output', () => {
  assert.is(parse('-gc-sections').gcSections, true)
  assert.is(parse('-hash-style=sysv').hashStyle, 'sysv')
  assert.is(parse('--hash-style both').hashStyle, 'both')
  assert.is(parse('-omagic').output, 'magic')
  assert.is(parse('--omagic').magic, 'omagic')
  assert.is(parse('-export-dynamic').exportDynamic, true)
  assert.is(parse('-e main').entry, 'main')
  assert.is(parse('-emain').entry, 'main')
  assert.is(parse('-entry=main').entry, 'main')
})

test('addresses of -Ttext are hexadecimal, sizes are not', () => {
  assert.equal(
    [...parse('-Ttext 1000 -Tdata=0x2000 --section-start .x=ff').sectionStarts],
    [
      ['.text', 0x1000n],
      ['.data', 0x2000n],
      ['.x', 0xffn],
    ],
  )
  assert.equal([...parse('-Ttext-segment=10000').segmentStarts], [['text-segment', 0x10000n]])
  assert.is(parse('-z max-page-size=4096').maxPageSize, 4096)
  assert.is(parse('-zcommon-page-size=0x1000').commonPageSize, 4096)
})

test('emulations come joined and apart', () => {
  assert.is(parse('-melf_x86_64').emulation, 'elf_x86_64')
  assert.is(parse('-m elf_x86_64').emulation, 'elf_x86_64')
})

test('positional switches stay with the inputs they stand in front of', () => {
  const { inputs } = parse(
    'a.o --push-state --whole-archive b.a --pop-state -Bstatic -lc -Bdynamic --start-group -lm -lgcc --end-group -b binary d.bin',
  )
  assert.is(inputs.length, 5)
  const [a, b, c, group, d] = inputs
  assert.ok(a.kind === 'file' && !a.state.wholeArchive)
  assert.ok(b.kind === 'file' && b.state.wholeArchive)
  assert.ok(c.kind === 'library' && c.state.staticOnly && !c.state.wholeArchive)
  assert.ok(group.kind === 'group' && group.members.length === 2)
  assert.ok(d.kind === 'file' && d.state.format === 'binary' && !d.state.staticOnly)
})

test('-static in front of -pie makes a static pie', () => {
  const line = parse('-static -pie --no-dynamic-linker -z text -pie a.o')
  assert.is(line.kind, 'pie')
  assert.is(line.isStatic, true)
  assert.is(line.noDynamicLinker, true)
})

test('the place of a script among the inputs is kept', () => {
  assert.equal(
    parse('a.o -T x.ld b.o').inputs.map(input => input.kind),
    ['file', 'plan-inputs', 'file'],
  )
})

test('a driver can say which linker it means', () => {
  assert.equal(parse('-flavor gnu a.o').inputs.length, 1)
})

test('what gcc passes is understood', () => {
  const line = parse(
    '-plugin p.so -plugin-opt=lto-wrapper -plugin-opt=-fresolution=x.res -plugin-opt=-pass-through=-lgcc --build-id -m elf_x86_64 --hash-style=gnu --as-needed -static -o hello -L/usr/lib crt1.o main.o --start-group -lgcc -lgcc_eh -lc --end-group crtn.o',
  )
  assert.equal(line.buildId, { kind: 'sha1' })
  assert.is(line.isStatic, true)
  assert.is(line.inputs.length, 4)
})

test('words behind -z undo each other', () => {
  const line = parse('-z norelro -z now -z lazy -z relro')
  assert.equal([...settleKeywords(['separate-code', 'relro'], line.keywords)].sort(), [
    'lazy',
    'relro',
    'separate-code',
  ])
})

test('a build id can be given', () => {
  const { buildId } = parse('--build-id=0xab01')
  assert.ok(buildId?.kind === 'hex')
  assert.equal([...buildId.bytes], [0xab, 1])
})

test('mistakes name the option and what is near', () => {
  assert.equal(mistakes('--gc-section'), [])
  assert.equal(mistakes('--gc-sektions'), ["U7001 unrecognized option '--gc-sektions'; did you mean --gc-sections?"])
  assert.equal(mistakes('--qqqq'), ["U7001 unrecognized option '--qqqq'"])
  assert.equal(mistakes('a.o -o'), ['U7002 option -o needs an argument: -o FILE'])
  assert.equal(mistakes('--gc-sections=yes'), ["U7003 option --gc-sections takes no argument, but 'yes' was given"])
  assert.equal(mistakes('-Ttext zz'), ["U7004 -Ttext: 'zz' is not a hexadecimal address"])
  assert.equal(mistakes('-z max-page-size=3'), ["U7004 -z max-page-size: '3' is not a power of two"])
  assert.equal(mistakes('--hash-style=x'), ["U7005 --hash-style: 'x' is not one of sysv, gnu, both"])
  assert.equal(mistakes('-c x'), [
    'U7006 option -c is not carried out: MRI scripts are not read; write a GNU linker script',
  ])
  assert.equal(mistakes('-z relo'), ['U7008 -z relo is not known and ignored; did you mean -z relro?'])
  assert.equal(mistakes('--pop-state'), ['U7009 --pop-state without --push-state'])
  assert.equal(mistakes('-( -lc'), ['U7009 --start-group without --end-group'])
  assert.equal(mistakes('--defsym x'), ["U7015 --defsym: 'x' should have the form SYMBOL=EXPRESSION"])
})

test.run()
