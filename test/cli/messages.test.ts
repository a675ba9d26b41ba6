/**
 * What build systems and people look at: words and exit status after the usual mistakes, and that a failed link leaves an
 * earlier output alone. Each row was compared with GNU ld 2.44; the words it prints are in ours.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runLinker } from '../support/tsld.ts'

const example = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'layouts', 'example')
const objects = [join(example, 'main.o'), join(example, 'print.o')]
const [main, print] = objects as [string, string]

/** Files that the rows below speak of. */
function prepare(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-messages-'))
  mkdirSync(join(folder, 'folder'))
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content)
  write('out', 'earlier output')
  write('text.o', 'hello\n')
  write('cycle.ld', 'INCLUDE other.ld\n')
  write('other.ld', 'INCLUDE cycle.ld\n')
  write('open.ld', 'SECTIONS { .text : { *(.text) }\n')
  write(
    'binary.ld',
    Uint8Array.from({ length: 300 }, (_, i) => (i * 89 + 200) & 0xff),
  )
  write('self.rsp', '@self.rsp\n')
  write('long.rsp', `${Array.from({ length: 5000 }, (_, i) => `-Ldirectory/${i}`).join('\n')}\n${objects.join(' ')}\n`)
  write('empty.o', '')
  write('empty.a', '!<arch>\n')
  write('thin.a', '!<thin>\n/               0 ')
  write('cut.o', readFileSync(main).subarray(0, 300))
  write('cut.a', '!<arch>\nmain.o/         0           0     0     644     99999     `\n1234')
  return folder
}

/** Command lines that fail, with what they must say. */
const failures: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [[], /no input files/],
  [['--frobnicate', main], /unrecognized option '--frobnicate'/],
  [['-o'], /-o needs an argument/],
  [[main, 'missing.o'], /cannot find missing\.o: No such file or directory/],
  [[...objects, '-lfoo'], /cannot find -lfoo: No such file or directory/],
  [[main], /in function `_start':\n.*main\.o:\(\.text\+0x11\): .*undefined reference to `print'/],
  [[main, main, print], /multiple definition of `_start'[\s\S]*first defined here/],
  [['folder'], /folder is a directory/],
  [[...objects, '-o', 'no/such/out'], /cannot write no\/such\/out: No such file or directory/],
  [[...objects, '-o', 'folder'], /cannot write folder: Is a directory/],
  [[...objects, '-Map=no/such/map'], /cannot write no\/such\/map: No such file or directory/],
  [['-T', 'missing.ld', main], /missing\.ld: No such file or directory/],
  [['-T', 'cycle.ld', main], /includes itself: cycle\.ld -> other\.ld -> cycle\.ld/],
  [['-T', 'open.ld', main], /open\.ld:2:1: .*`{` of line 1 is never closed/],
  [['-T', 'binary.ld', main], /binary\.ld:1:\d+: error/],
  [['@none.rsp'], /cannot read response file none\.rsp: No such file or directory/],
  [['@self.rsp'], /self\.rsp: more than 64 response files/],
  [['-m', 'elf_nothing', main], /unrecognised emulation mode: elf_nothing/],
  [['-m', 'elf_iamcu', main], /elf_iamcu[\s\S]*does not link for it yet/],
  [[...objects, 'text.o'], /text\.o:2:1: error[\s\S]*text\.o: file format not recognized; treated as a linker script/],
  [['cut.o'], /cut\.o: .*truncated/],
  [[...objects, 'cut.a'], /cut\.a: .*damaged archive at offset 8/],
  [[...objects, 'thin.a'], /thin\.a: .*damaged archive/],
  [[...objects, '--build-id=zz'], /--build-id=zz/],
  [[...objects, '--layout', 'nosuch'], /no layout is named nosuch/],
  [[...objects, '--defsym', 'a'], /SYMBOL=EXPRESSION/],
  [[...objects, '--pop-state'], /--pop-state without --push-state/],
  [[...objects, '--end-group'], /--end-group without --start-group/],
  [[...objects, '-Ttext=here'], /'here' is not a hexadecimal address/],
  [[...objects, '--oformat', 'coff'], /output format 'coff'/],
]

test('mistakes are named in words that build systems know, and an earlier output survives', () => {
  const folder = prepare()
  try {
    for (const [words, says] of failures) {
      const { status, text } = runLinker(words.includes('-o') ? words : ['-o', 'out', ...words], folder)
      const shown = `tsld ${words.join(' ')}\n${text}`
      if (words.length > 0) assert.is(status, 1, shown)
      assert.match(text, says, shown)
      assert.not.match(text, /internal error|\n +at /, shown)
      assert.is(readFileSync(join(folder, 'out'), 'utf8'), 'earlier output', shown)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Command lines that succeed, with what they say (nothing, where no words are given). */
const successes: readonly (readonly [words: readonly string[], says?: RegExp])[] = [
  [objects],
  [['@long.rsp']],
  [[...objects, 'empty.a']],
  [[...objects, '-z', 'foo'], /warning U\d+: -z foo/],
  [[...objects, '-e', 'nosuch'], /warning L\d+: cannot find entry symbol nosuch; defaulting to 0x400c00/],
  [['--layout', 'gnu', ...objects, '-e', 'nosuch'], /cannot find entry symbol nosuch; defaulting to 0x401000/],
  [[...objects, '--trace'], /main\.o\n.*print\.o/],
  [[...objects, '--stats'], /assign addresses/],
  [['-plugin', 'x.so', '-plugin-opt=y', ...objects]],
]

test('what works says no more than it must', () => {
  const folder = prepare()
  try {
    for (const [words, says] of successes) {
      const { status, text } = runLinker([...words, '-o', 'out'], folder)
      assert.is(status, 0, `tsld ${words.join(' ')}\n${text}`)
      if (says === undefined) assert.is(text, '')
      else assert.match(text, says)
      assert.ok(readFileSync(join(folder, 'out')).length > 1000)
    }
    assert.is(runLinker([...objects, '-o', '/dev/null'], folder).status, 0)
    assert.ok(existsSync('/dev/null'))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every code of a diagnostic is explained', () => {
  const folder = prepare()
  try {
    const list = runLinker(['explain'], folder).text
    const codes = [...list.matchAll(/^ +([A-Z]\d{4}) /gm)].map(match => match[1] ?? '')
    assert.ok(codes.length > 100)
    for (const code of codes) {
      const { status, text } = runLinker(['explain', code], folder)
      assert.is(status, 0)
      assert.match(text, new RegExp(`^${code} \\((error|warning|note)\\)\n\n\\S`))
    }
    assert.is(runLinker(['explain', 'Q9999'], folder).status, 1)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
