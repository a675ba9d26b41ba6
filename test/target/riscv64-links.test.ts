/** RISC-V code beside GNU ld's: what is shortened, aligned, counted from gp, and what is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { needs, runTool } from '../support/peers.ts'
import { type LinkRun, runLinker } from '../support/tsld.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsld-riscv-'))
test.after(() => rmSync(folder, { recursive: true }))

/** Every section has its own output section, which both linkers place alike; gp in the middle of the small data. */
const script = `ENTRY(_start)
SECTIONS
{
  . = 0x10000;
  .text : { *(.text.first) *(.text .text.*) }
  .rodata : { *(.rodata .rodata.*) }
  .eh_frame : { *(.eh_frame) }
  .tdata : { *(.tdata) }
  .tbss : { *(.tbss) }
  .got : { *(.got) }
  .got.plt : { *(.got.plt) }
  .data : { *(.data) }
  .sdata : { __global_pointer$ = . + 0x800; *(.sdata) }
  .bss : { *(.bss) }
  /DISCARD/ : { *(.note* .comment) }
}
`

function assemble(name: string, source: string, words: readonly string[] = []): string {
  writeFileSync(join(folder, `${name}.s`), source)
  const run = runTool('riscv64-linux-gnu-gcc', [...words, '-c', `${name}.s`, '-o', `${name}.o`], { cwd: folder })
  assert.is(run.status, 0, run.stderr)
  return `${name}.o`
}

function link(objects: readonly string[], words: readonly string[] = [], layout = script): LinkRun {
  writeFileSync(join(folder, 'script.ld'), layout)
  return runLinker([...words, '-T', 'script.ld', ...objects, '-o', 'ours'], folder)
}

/** Links with both and compares the bytes of sections. */
function same(
  objects: readonly string[],
  names: readonly string[],
  words: readonly string[] = [],
  layout = script,
): ElfFile {
  const run = link(objects, words, layout)
  assert.is(run.status, 0, run.text)
  const peer = runTool('riscv64-linux-gnu-ld', [...words, '-T', 'script.ld', ...objects, '-o', 'theirs'], {
    cwd: folder,
  })
  assert.is(peer.status, 0, peer.stderr)
  const ours = readElf(readFileSync(join(folder, 'ours')))
  const theirs = readElf(readFileSync(join(folder, 'theirs')))
  for (const name of names) assert.is(firstDifference(hexOf(ours, name), hexOf(theirs, name)), undefined, name)
  return ours
}

/** Offset and the bytes from there. */
function firstDifference(ours: string, theirs: string): string | undefined {
  if (ours === theirs) return undefined
  let at = 0
  while (ours.slice(at, at + 2) === theirs.slice(at, at + 2)) at += 2
  return `0x${(at / 2).toString(16)}: ours ${ours.slice(at, at + 32)}, GNU ld's ${theirs.slice(at, at + 32)}`
}

function hexOf(file: ElfFile, name: string): string {
  const section = sectionNamed(file, name)
  return section === undefined ? 'none' : Buffer.from(sectionBytes(file, section)).toString('hex')
}

const gccAndLd = ['riscv64-linux-gnu-gcc', 'riscv64-linux-gnu-ld'] as const

const calls = `
  .section .text.first,"ax"
  .globl _start
  .type _start,@function
_start:
  call near
  tail near
  call far
  call weak
  .weak weak
  .size _start, . - _start
  .text
  .globl near
near:
  call _start
  ret
  .balign 64
aligned:
  nop
  .p2align 4
  j aligned
  .section .text.z,"ax"
  .zero 0x180000
  .globl far
far:
  call near
  beqz a0, far
`

for (const isa of ['rv64gc', 'rv64g'])
  for (const words of [[], ['--no-relax']])
    test(`calls and alignments, ${isa} ${words.join(' ')}`, () => {
      if (!needs('RISC-V code', ...gccAndLd)) return
      const file = same([assemble('calls', calls, [`-march=${isa}`])], ['.text'], words)
      const start = file.symbols.find(symbol => symbol.name === '_start')!
      const shortest = isa === 'rv64gc' ? 22n : 24n
      assert.is(BigInt(start.size), words.length > 0 ? 32n : shortest)
    })

const data = `
  .text
  .globl _start
_start:
  lui a0, %hi(small)
  lw a1, %lo(small)(a0)
  sw a1, %lo(small)(a0)
  lui a0, %hi(large)
  addi a0, a0, %lo(large)
  lla a2, small
  lla a3, large
  lla a4, text
  lui a5, %hi(12)
  addi a5, a5, %lo(12)
1:
  auipc a0, %pcrel_hi(small)
  lw a1, %pcrel_lo(1b)(a0)
  sw a1, %pcrel_lo(1b)(a0)
  lui a5, %tprel_hi(variable)
  add a5, a5, tp, %tprel_add(variable)
  lw a1, %tprel_lo(variable)(a5)
  sw a1, %tprel_lo(variable)(a5)
  lui a5, %tprel_hi(distant)
  add a5, a5, tp, %tprel_add(distant)
  lw a1, %tprel_lo(distant)(a5)
  # __GOT__
  .section .rodata.str,"aMS",@progbits,1
text: .asciz "text"
  .section .sdata,"aw"
  .balign 8
small: .word 1
  .data
  .zero 0x3000
large: .quad large, small - large
  .section .tdata,"awT"
variable: .word 5
  .section .tbss,"awT",@nobits
  .zero 0x2000
distant: .word 0
`

for (const isa of ['rv64gc', 'rv64g'])
  for (const words of [[], ['--no-relax']])
    test(`data, ${isa} ${words.join(' ')}`, () => {
      if (!needs('RISC-V code', ...gccAndLd)) return
      for (const model of ['ie', 'gd']) {
        const object = assemble('data', data.replace('# __GOT__', `la.tls.${model} a0, variable`), [`-march=${isa}`])
        same([object], ['.text', '.data', '.sdata', '.rodata', '.tdata', '.got'], words)
      }
    })

test('differences and frames follow code that gets shorter', () => {
  if (!needs('RISC-V code', ...gccAndLd)) return
  const source = `
  .text
  .globl _start
_start:
  .cfi_startproc
  call f
  .cfi_def_cfa_offset 16
  call f
1:
  .cfi_endproc
f:
  ret
  .section .rodata
  .dword 1b - _start
  .word 1b - _start
  .half 1b - _start
  .byte 1b - _start
`
  same([assemble('differences', source)], ['.text', '.rodata', '.eh_frame'])
})

test('a GOT word of a local symbol that stands behind thousands of others', () => {
  if (!needs('RISC-V code', ...gccAndLd)) return
  const labels = Array.from({ length: 5000 }, (_, i) => `local${i}: nop`).join('\n')
  const source = `.text\n.globl _start\n_start: la.tls.ie a0, variable\n${labels}
  .section .tdata,"awT"\n.word 1\nvariable: .word 2\n.data\nword: .word 3\n`
  same([assemble('many', source, ['-fpic'])], ['.text', '.got'])
})

test('bytes that an alignment lacks are reported', () => {
  if (!needs('RISC-V code', 'riscv64-linux-gnu-gcc')) return
  const object = assemble('align', '.text\n.globl _start\n_start: nop\n.balign 64\nnop\n', ['-march=rv64g'])
  const run = link([object], [], 'SECTIONS { .text 0x1003e : SUBALIGN(2) { *(.text) } }')
  assert.is(run.status, 1)
  assert.match(run.text, /R5015|alignment needs/)
})

test('a jump that does not reach is an error', () => {
  if (!needs('RISC-V code', 'riscv64-linux-gnu-gcc')) return
  const object = assemble('jump', '.text\n.globl _start\n_start: jal zero, far\n.section .data,"aw"\nfar: nop\n')
  const run = link([object], [], 'SECTIONS { .text 0x10000 : { *(.text) } .data 0x400000 : { *(.data) } }')
  assert.is(run.status, 1)
  assert.match(run.text, /R_RISCV_JAL/)
})

test('halves of addresses find each other through section symbols, and add to the target', () => {
  if (!needs('RISC-V code', ...gccAndLd)) return
  const source = `.text\n.globl _start\n_start: nop\nfirst: auipc a0, 0\n.reloc first, R_RISCV_PCREL_HI20, word
second: addi a0, a1, 100\n.reloc second, R_RISCV_PCREL_LO12_I, first + 4\n.data\nword: .word 1, 2\n`
  const object = assemble('pair', source)
  same([object], ['.text'])
  assert.is(runTool('riscv64-linux-gnu-ld', ['-r', '-x', object, '-o', 'moved.o'], { cwd: folder }).status, 0)
  same(['moved.o'], ['.text'])
})

for (const words of [[], ['--no-relax']])
  test(`numbers and missing symbols out of reach of the program counter ${words.join(' ')}`, () => {
    if (!needs('RISC-V code', ...gccAndLd)) return
    const source = `.text\n.globl _start\n_start: lla a0, missing\nlla a1, number\n1: auipc a2, %pcrel_hi(number)
sw a2, %pcrel_lo(1b)(a2)\ncall missing\n.weak missing\n`
    const layout = script.replace('0x10000', '0x81234560')
    const object = assemble('far', source)
    const peers = [...words, '--defsym', 'number=0x12345']
    same([object], ['.text'], peers, layout)
  })

test('a lower half without the upper one is an error', () => {
  if (!needs('RISC-V code', 'riscv64-linux-gnu-gcc')) return
  const source =
    '.text\n.globl _start\n_start: nop\nsecond: addi a0, a1, 100\n.reloc second, R_RISCV_PCREL_LO12_I, _start\n'
  const run = link([assemble('alone', source)])
  assert.is(run.status, 1)
  assert.match(run.text, /R5017|label of an instruction/)
})

test('objects with other calling conventions do not go together; architectures are united', () => {
  if (!needs('RISC-V attributes', ...gccAndLd)) return
  const one = assemble('one', '.globl _start\n_start: nop\n', ['-march=rv64imac', '-mabi=lp64'])
  const two = assemble('two', '.globl f\nf: nop\n', ['-march=rv64gc', '-mabi=lp64d'])
  const run = link([one, two])
  assert.is(run.status, 1)
  assert.match(run.text, /double-float code.*soft-float code/)
  const three = assemble('three', '.globl g\ng: nop\n', ['-march=rv64i_zba_zbb', '-mabi=lp64'])
  const file = same([one, three], ['.riscv.attributes'])
  assert.match(
    Buffer.from(hexOf(file, '.riscv.attributes'), 'hex').toString('latin1'),
    /rv64i\dp\d_m\dp\d_a\dp\d_c.*_zba1p0_zbb1p0/,
  )
})

test.run()
