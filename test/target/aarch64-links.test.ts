/** AArch64 code beside GNU ld's: thread-local sequences, branches to nobody, veneers, stubs, what is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { needs, runTool } from '../support/peers.ts'
import { type LinkRun, runLinker } from '../support/tsld.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsld-aarch64-'))
test.after(() => rmSync(folder, { recursive: true }))

/** Every section has its own place, so that what comes before it does not matter. */
const script = `ENTRY(_start)
SECTIONS
{
  .text 0x10000 : { *(.text .text.*) }
  .plt 0x20000 : { *(.plt) *(.iplt) }
  .tdata 0x30000 : { *(.tdata) }
  .tbss : { *(.tbss) }
  .got 0x31000 : { *(.got) }
  .got.plt 0x32000 : { *(.got.plt) *(.igot.plt) }
  .data 0x33000 : { *(.data) }
  .far 0x20000000 : { *(.far) }
  .farther 0x400000000 : { *(.farther) }
  /DISCARD/ : { *(.comment) }
}
`

function assemble(name: string, source: string): string {
  writeFileSync(join(folder, `${name}.s`), source)
  const run = runTool('aarch64-linux-gnu-gcc', ['-c', `${name}.s`, '-o', `${name}.o`], { cwd: folder })
  assert.is(run.status, 0, run.stderr)
  return `${name}.o`
}

function link(words: readonly string[], output = 'ours'): LinkRun {
  writeFileSync(join(folder, 'script.ld'), script)
  return runLinker([...words, '-o', output], folder)
}

/** Links with both and compares the bytes of sections. */
function same(words: readonly string[], names: readonly string[]): ElfFile {
  const run = link(words)
  assert.is(run.status, 0, run.text)
  const peer = runTool('aarch64-linux-gnu-ld', [...words, '-o', 'theirs'], { cwd: folder })
  assert.is(peer.status, 0, peer.stderr)
  const ours = readElf(readFileSync(join(folder, 'ours')))
  const theirs = readElf(readFileSync(join(folder, 'theirs')))
  for (const name of names) assert.equal(wordsOf(ours, name), wordsOf(theirs, name), name)
  return ours
}

function wordsOf(file: ElfFile, name: string): string[] {
  const section = sectionNamed(file, name)
  if (section === undefined) return []
  const hex = Buffer.from(sectionBytes(file, section)).toString('hex')
  return hex.match(/.{1,8}/g) ?? []
}

const tools = ['aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-ld'] as const

/** Every thread-local sequence about one symbol. */
const sequences = (symbol: string): string => `
  adrp x0, :tlsgd:${symbol}
  add x0, x0, :tlsgd_lo12:${symbol}
  bl __tls_get_addr
  nop
  adrp x0, :tlsdesc:${symbol}
  ldr x1, [x0, :tlsdesc_lo12:${symbol}]
  add x0, x0, :tlsdesc_lo12:${symbol}
  .tlsdesccall ${symbol}
  blr x1
  adrp x7, :tlsdesc:${symbol}
  ldr x5, [x7, :tlsdesc_lo12:${symbol}]
  add x0, x7, :tlsdesc_lo12:${symbol}
  .tlsdesccall ${symbol}
  blr x5
  adrp x3, :gottprel:${symbol}
  ldr x4, [x3, :gottprel_lo12:${symbol}]
  ldr x9, :gottprel:${symbol}
  adr x0, :tlsgd:${symbol}
  bl __tls_get_addr
  nop
  ldr x1, :tlsdesc:${symbol}
  adr x0, :tlsdesc:${symbol}
  .tlsdesccall ${symbol}
  blr x1
  movz x0, #:tlsdesc_off_g1:${symbol}
  movk x0, #:tlsdesc_off_g0_nc:${symbol}
  .tlsdescldr ${symbol}
  ldr x1, [x8, x0]
  .tlsdescadd ${symbol}
  add x0, x8, x0
  .tlsdesccall ${symbol}
  blr x1
`

const own = `
  .section .tdata,"awT"
  .balign 16
  .xword 0
v: .word 1
  .text
  .globl _start, __tls_get_addr
__tls_get_addr:
_start:
  ${sequences('v')}
  adrp x0, :tlsldm:v
  add x0, x0, :tlsldm_lo12_nc:v
  bl __tls_get_addr
  nop
  add x1, x0, :dtprel_hi12:v
  add x1, x1, :dtprel_lo12_nc:v
  ldr w1, [x1, :dtprel_lo12_nc:v]
  adr x0, :tlsldm:v
  bl __tls_get_addr
  nop
  movz x0, #:tlsgd_g1:v
  movk x0, #:tlsgd_g0_nc:v
  add x0, x0, x8
  bl __tls_get_addr
  nop
  add x1, x1, :tprel_hi12:v
  add x1, x1, :tprel_lo12:v
  movz x1, #:tprel_g1:v
  movz x1, #:tprel_g2:v
`

test('thread-local variables of a program: offsets from the thread pointer', () => {
  if (!needs('thread-local variables', ...tools)) return
  same(['-T', 'script.ld', assemble('own', own)], ['.text', '.got'])
})

test('variables of a shared object: offsets from words of the GOT', () => {
  if (!needs('thread-local variables', ...tools)) return
  const library = `.section .tdata,"awT"\n.globl ext\n.type ext,%object\n.size ext,8\next: .xword 5\n`
  const shared = runTool('aarch64-linux-gnu-ld', ['-shared', assemble('library', library), '-o', 'library.so'], {
    cwd: folder,
  })
  assert.is(shared.status, 0, shared.stderr)
  const main = `.globl _start, __tls_get_addr\n__tls_get_addr:\n_start:\n${sequences('ext')}`
  same(['-T', 'script.ld', assemble('main', main), 'library.so'], ['.text'])
})

test('the block starts behind two words, or more where it is aligned to more', () => {
  if (!needs('thread-local variables', ...tools)) return
  const source = own.replace('.balign 16', '.balign 64')
  const run = link(['-T', 'script.ld', assemble('aligned', source)])
  assert.is(run.status, 0, run.text)
  const words = wordsOf(readElf(readFileSync(join(folder, 'ours'))), '.text')
  assert.is(words.filter(word => word === '00000191').length, 2, 'add x0, x0, #64 for each local-dynamic sequence')
})

test('calls of nobody do nothing, branches to nobody stay', () => {
  if (!needs('weak branches', ...tools)) return
  const source = `.weak w\n.globl _start\n_start: bl w\nb w\ncbz x0, w\ntbz x0, #1, w\nb.eq w+8\nadrp x5, :got:w
ldr x5, [x5, :got_lo12:w]\nldr x6, [x6, :gotpage_lo15:w]\nmovz x1, #:abs_g0:w\n.data\n.xword w\n`
  same(['-T', 'script.ld', assemble('weak', source)], ['.text', '.data', '.got'])
})

test('addresses in instructions and words', () => {
  if (!needs('addresses', ...tools)) return
  const source = `.globl _start\n_start: adrp x0, d+4\nadd x0, x0, :lo12:d+4\nldrb w1, [x0, :lo12:d+3]
ldrh w1, [x0, :lo12:d+2]\nldr w1, [x0, :lo12:d+4]\nldr x1, [x0, :lo12:d+8]\nldr q1, [x0, :lo12:d+16]\nadr x0, d\nldr x0, d
movz x1, #:abs_g3:d\nmovk x1, #:abs_g2_nc:d\nmovk x1, #:abs_g1_nc:d\nmovk x1, #:abs_g0_nc:d\nmovz x1, #:abs_g0_s:n
movz x1, #:prel_g1:d\nmovk x1, #:prel_g0_nc:d\nadrp x2, :got:d\nldr x2, [x2, :got_lo12:d]\nldr x3, :got:d
adrp x4, _GLOBAL_OFFSET_TABLE_\nldr x4, [x4, :gotpage_lo15:d]\nb.ne _start\ntbnz x3, #40, _start
.set n, -5\n.globl d\n.data\n.balign 16\nd: .xword d+8\n.word d\n.word d-.\n.xword d-.-8\n.hword d-.\n.hword 7\n`
  same(['-T', 'script.ld', assemble('addresses', source)], ['.text', '.data', '.got'])
})

test('far calls go through veneers', () => {
  if (!needs('veneers', ...tools, 'qemu-aarch64')) return
  const source = `.globl _start, far1, far2\n_start: mov x20, #1\nbl far1\nbl far2\nbl far1\nmov x8, #93\nmov x0, x20\nsvc 0
.section .far,"ax"\nfar1: add x20, x20, #1\nret\nfar2: mov x22, x30\nbl _back\nbl far3\nbr x22
.section .farther,"ax"\nfar3: add x20, x20, #10\nret\n.text\n_back: add x20, x20, #4\nret\n`
  const run = link(['-T', 'script.ld', assemble('far', source)])
  assert.is(run.status, 0, run.text)
  const words = wordsOf(readElf(readFileSync(join(folder, 'ours'))), '.text')
  // adrp x16, .far; add x16, x16, #0; br x16
  assert.ok(words.join(' ').includes('90ff0f90 10020091 00021fd6'), words.join(' '))
  assert.is(runTool('qemu-aarch64', [join(folder, 'ours')]).status, 17)
})

const markedNote = `.section .note.gnu.property,"a"\n.balign 8\n.word 4, 16, 5\n.asciz "GNU"\n.word 0xc0000000, 4, 1, 0\n`

test('stubs, with and without branch target identification', () => {
  if (!needs('stubs', ...tools)) return
  const library = `.globl ext1, ext2\n.type ext1,%function\n.type ext2,%function\n.variant_pcs ext2\next1: ret\next2: ret\n`
  const object = assemble('functions', library)
  assert.is(runTool('aarch64-linux-gnu-ld', ['-shared', object, '-o', 'functions.so'], { cwd: folder }).status, 0)
  const calls = `.text\n.globl _start\n.type f,%gnu_indirect_function\n_start: bl ext1\nbl ext2\nbl ext1\nret\n`
  const plain = assemble('calls', calls)
  const marked = assemble('marked', `${markedNote}${calls}`)
  for (const kind of [[], ['-pie'], ['-shared']]) {
    same([...kind, '-T', 'script.ld', plain, 'functions.so'], ['.text', '.plt', '.got.plt'])
    const ours = same([...kind, '-T', 'script.ld', marked, 'functions.so'], ['.text', '.plt', '.got.plt'])
    const dynamic = wordsOf(ours, '.dynamic').join(' ')
    assert.ok(dynamic.includes('01000070 00000000'), 'DT_AARCH64_BTI_PLT')
    for (const object of [plain, marked])
      same([...kind, '-z', 'pac-plt', '-T', 'script.ld', object, 'functions.so'], ['.text', '.plt', '.got.plt'])
  }
})

test('indirect functions of a static program', () => {
  if (!needs('indirect functions', ...tools)) return
  const source = `.globl _start\n.type f,%gnu_indirect_function\nf: ret\n_start: bl f\nb f
adrp x0, f\nadd x0, x0, :lo12:f\nadrp x6, :got:_start
ldr x6, [x6, :got_lo12:_start]\n.data\n.xword f\n`
  const object = assemble('indirect', source)
  const ours = same(['-T', 'script.ld', object], ['.plt', '.text'])
  assert.is(wordsOf(ours, '.text').length, 7)
})

/** Links with both; the code in front of the veneers, which GNU ld rounds up, without branches into them. */
function sameCode(words: readonly string[], count: number): void {
  const text = (file: string): string[] =>
    wordsOf(readElf(readFileSync(join(folder, file))), '.text')
      .slice(0, count)
      .filter(word => !word.endsWith('14'))
  assert.is(link(words).status, 0)
  assert.is(runTool('aarch64-linux-gnu-ld', [...words, '-o', 'theirs'], { cwd: folder }).status, 0)
  assert.equal(text('ours'), text('theirs'))
}

test('Cortex-A53: addresses at the end of a page', () => {
  if (!needs('errata', ...tools, 'qemu-aarch64')) return
  // What looks like the sequence at the end of the third page is data.
  const source = (to: string): string => `.globl _start\n_start: mov x2, sp\nb 1f\n.org 0xff8
1: adrp x0, d\nldr x1, [x2]\nldr x3, [x0, :lo12:d]\nb 2f\n.org 0x1ff8
2: adrp x0, d\nstr x1, [sp, #-16]!\nadd x5, x5, x6\nldr x3, [x0, :lo12:d]\nmov x8, #93\nmov x0, x3\nsvc 0\nret
.org 0x2ff8\n.word 0x90000000, 0xf9400041, 0xf9400003\n.section ${to},"aw"\nd: .xword 42\n`
  // adr where the page is near, veneers where it is not
  for (const to of ['.data', '.far']) {
    sameCode(['-T', 'script.ld', '--fix-cortex-a53-843419', assemble(`page${to}`, source(to))], 0x3004 / 4)
    assert.is(runTool('qemu-aarch64', [join(folder, 'ours')]).status, 42, to)
  }
})

test('Cortex-A53: multiplications behind accesses to memory', () => {
  if (!needs('errata', ...tools)) return
  const source = `.globl _start\n_start: ldr x1, [x2]\nmadd x3, x4, x5, x6\nldr x1, [x2]\nmadd x3, x1, x5, x6\nstr x1, [x2]
mul x3, x4, x5\nstr x1, [x2]\nsmaddl x3, w4, w5, x6\nldp x1, x7, [x2]\nmsub x3, x4, x5, x6\nmadd x3, x4, x5, x6
ldr x6, [x2]\nmadd x3, x4, x5, x6\nldr x1, [x2]\nmadd w3, w4, w5, w6\nldr d1, [x2]\numsubl x3, w4, w5, x6
ldxr x1, [x2]\nmadd x3, x4, x5, x6\nldp d1, d2, [x2]\nmadd x3, x4, x5, x6\nldr x1, _start\nmadd x3, x4, x5, x6
ld1 {v0.4s}, [x2]\nmadd x3, x4, x5, x6\nprfm pldl1keep, [x2]\nmadd x3, x4, x5, x6\nldrsw x4, [x2]\nmadd x3, x4, x5, x6\n`
  sameCode(['-T', 'script.ld', '--fix-cortex-a53-835769', assemble('multiply', source)], 29)
})

test('what does not fit is refused with the range, what GNU ld takes is taken', () => {
  if (!needs('ranges', ...tools)) return
  const cases: readonly (readonly [instruction: string, fits: readonly string[], doesNot: readonly string[]])[] = [
    ['.hword x', ['0xffff'], ['0x10000', '-1']],
    ['.word x', ['0xffffffff'], ['0x100000000', '-1']],
    ['.word x-.', ['0x8000ffff'], ['0x80010000']],
    ['cbz x0, x', ['0x10fffc'], ['0x110000']],
    ['ldr x1, x', ['0x10fffc'], ['0x110000', '0x10002']],
    ['movz x0, #:abs_g0:x', ['0xffff'], ['0x10000', '-1']],
    ['movz x0, #:abs_g0_s:x', ['0xffff', '-65536'], ['0x10000', '-65537']],
    ['movz x0, #:abs_g3:x', ['0xffff000000000000', '-1'], []],
    ['ldr x1, [x0, :lo12:x]', ['8'], ['4']],
    ['ldr q1, [x0, :lo12:x]', ['16'], ['8']],
    ['adrp x0, x', ['0x10000ffff', '0xffffffff00010000'], ['0x100010000', '0xffffffff0000f000']],
    ['tbz x0, #3, x', ['0x17ffc'], ['0x18000']],
    ['adr x0, x', ['0x10ffff'], ['0x110000']],
  ]
  cases.forEach(([instruction, fits, doesNot], i) => {
    const object = assemble(`range${i}`, `.globl _start\n_start:\n${instruction}\n`)
    for (const value of fits) same(['-T', 'script.ld', '--defsym', `x=${value}`, object], ['.text'])
    for (const value of doesNot) {
      const words = ['-T', 'script.ld', '--defsym', `x=${value}`, object]
      assert.match(link(words, 'none').text, /R5001.*outside of/, `${instruction} ${value}`)
      assert.is.not(runTool('aarch64-linux-gnu-ld', [...words, '-o', 'none'], { cwd: folder }).status, 0)
    }
  })
})

test.run()
