/** The same assembly through GNU ld and tsld: every byte of the loaded sections must agree. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { needs, runTool } from '../support/peers.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

const script = `
ENTRY(_start)
SECTIONS {
  .rela.plt 0x400200 : { *(.rela.iplt) }
  .plt 0x401000 : { *(.plt) *(.iplt) }
  .text 0x402000 : { *(.text .text.*) }
  .rodata 0x405000 : { *(.rodata .rodata.*) }
  .eh_frame 0x406000 : { *(.eh_frame) }
  .tdata 0x407000 : ALIGN(64) { *(.tdata) } .tbss : { *(.tbss) }
  .got 0x408000 : { *(.got) } .got.plt 0x409000 : { *(.got.plt) *(.igot.plt) }
  .data 0x40a000 : { *(.data) }
  .debug_info 0 : { *(.debug_info) }
}`

function compare(name: string, ...sources: string[]): void {
  if (!needs(name, 'as', 'ld.bfd') || whyNoLinker() !== undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'tsld-'))
  try {
    writeFileSync(join(folder, 'test.ld'), script)
    const objects = sources.map((source, i) => {
      writeFileSync(join(folder, `${i}.s`), source)
      const run = runTool('as', [`${i}.s`, '-o', `${i}.o`], { cwd: folder })
      assert.is(run.status, 0, run.stderr)
      return `${i}.o`
    })
    const peer = runTool('ld.bfd', ['-z', 'norelro', '-T', 'test.ld', ...objects, '-o', 'gnu'], { cwd: folder })
    assert.is(peer.status, 0, peer.stderr)
    const own = runLinker(['-z', 'norelro', '-T', 'test.ld', ...objects, '-o', 'own'], folder)
    assert.is(own.status, 0, own.text)
    const expected = readElf(readFileSync(join(folder, 'gnu')))
    const actual = readElf(readFileSync(join(folder, 'own')))
    for (const section of expected.sections) {
      if (section.type === 8 || section.type === 0 || /^\.(sym|str|shstr)tab/.test(section.name)) continue
      const same = sectionNamed(actual, section.name)
      // GNU ld leaves a word of the GOT for a __tls_get_addr that nobody calls any more, and with it the header of .got.plt.
      const got = sectionNamed(expected, '.got')
      const isLeftOver = got !== undefined && sectionBytes(expected, got).every(byte => byte === 0)
      if (same === undefined && isLeftOver && /^\.got(\.plt)?$/.test(section.name)) continue
      assert.ok(same, `${section.name} is missing`)
      assert.equal(hex(sectionBytes(actual, same!)), hex(sectionBytes(expected, section)), section.name)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').replace(/.{32}/g, '$&\n')
}

const gotForms = `
.macro all s
 mov \\s@GOTPCREL(%rip),%rax
 mov \\s@GOTPCREL(%rip),%r9
 mov \\s@GOTPCREL(%rip),%ecx
 mov \\s@GOTPCREL(%rip),%r10d
 call *\\s@GOTPCREL(%rip)
 jmp *\\s@GOTPCREL(%rip)
 add \\s@GOTPCREL(%rip),%rdx
 sub \\s@GOTPCREL(%rip),%r12
 adc \\s@GOTPCREL(%rip),%ebx
 or \\s@GOTPCREL(%rip),%r15d
 cmp \\s@GOTPCREL(%rip),%rsp
 test %r11,\\s@GOTPCREL(%rip)
 test %ebp,\\s@GOTPCREL(%rip)
 imul \\s@GOTPCREL(%rip),%rax
 push \\s@GOTPCREL(%rip)
.endm
.text
.globl _start, g, ext
.weak nobody
g: ret
local: ret
_start: all g
 all nobody
 all absolute
 all local
 all ext
 mov large@GOTPCREL(%rip),%rax
 call nobody
.data
ext: .quad ext, g, local, nobody
 .quad g@GOT, g@GOTOFF, ext@PLTOFF
 .long g@SIZE+3
 .long ext-.
 .word absolute
 .size g, 32
`

test('GOT accesses are rewritten as GNU ld does', () => {
  compare('GOT forms', gotForms, '.globl absolute, large\nabsolute = 0x1234\nlarge = 0x123456789\n')
})

test('TLS sequences become offsets from the thread pointer', () => {
  const registers = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r12', 'r13', 'r15']
  const initial = registers.map(each => ` mov td@gottpoff(%rip),%${each}\n add tb@gottpoff(%rip),%${each}\n`).join('')
  compare(
    'TLS forms',
    `.globl _start
.section .tbss,"awT",@nobits
.p2align 5
.globl tb
tb: .zero 9
tl: .zero 4
.section .tdata,"awT",@progbits
.globl td
.long 1
td: .long 2
.text
.macro gd s
 .byte 0x66
 leaq \\s@tlsgd(%rip),%rdi
 .word 0x6666
 rex64
 call __tls_get_addr@plt
 .byte 0x66
 leaq \\s@tlsgd(%rip),%rdi
 .byte 0x66
 rex64
 call *__tls_get_addr@GOTPCREL(%rip)
.endm
_start:
 gd tb
 gd tl
 leaq tl@tlsld(%rip),%rdi
 call __tls_get_addr@plt
 leaq tl@dtpoff(%rax),%rcx
 leaq tl@tlsld(%rip),%rdi
 call *__tls_get_addr@GOTPCREL(%rip)
 leaq td@dtpoff(%rax),%rcx
${initial}
 lea tb@tlsdesc(%rip),%rax
 call *tb@tlscall(%rax)
 movq $td@tpoff,%rax
 movabs $tl@tpoff,%rax
 leaq tb@tlsgd(%rip),%rdi
 movabs $__tls_get_addr@pltoff,%rax
 addq %rbx,%rax
 call *%rax
 leaq tb@tlsld(%rip),%rdi
 movabs $__tls_get_addr@pltoff,%rax
 addq %rbx,%rax
 call *%rax
 ret
.section .debug_info
 .quad tb@dtpoff
 .long tl@dtpoff
`,
  )
})

test('indirect functions: stubs, slots and IRELATIVE', () => {
  compare(
    'indirect functions',
    `.text
.globl _start, ifn, ifn2, ifn3, ifn4
.type ifn,@gnu_indirect_function
.type ifn2,@gnu_indirect_function
.type ifn3,@gnu_indirect_function
.type ifn4,@gnu_indirect_function
.type ifl,@gnu_indirect_function
ifn: ifn2: ifn3: ifn4: ret
ifl: ret
_start:
 call ifn
 call ifl
 mov ifn@GOTPCREL(%rip),%rax
 mov ifn2@GOTPCREL(%rip),%rax
 lea ifn2(%rip),%rax
 mov ifn3@GOTPCREL(%rip),%rax
 jmp *ifl@GOTPCREL(%rip)
 push foo@GOTPCREL(%rip)
 push loc@GOTPCREL(%rip)
 mov $ifn4,%eax
.data
.globl foo
foo: .quad ifn
loc: .quad ifn4
 .quad ifn2
`,
  )
  compare(
    'an indirect function that only data refers to',
    '.text\n.globl _start,f\n.type f,@gnu_indirect_function\nf: ret\n_start: ret\n.data\n.quad f\n',
  )
})

test('.eh_frame: equal CIEs are shared, padding is dropped, dead functions leave no entry', () => {
  const unit = (name: string) => `.section .text.${name},"ax"
.globl ${name}
${name}: .cfi_startproc
 push %rbp
 .cfi_def_cfa_offset 16
 .cfi_offset 6, -16
 pop %rbp
 .cfi_def_cfa 7, 8
 ret
 .cfi_endproc
`
  compare('.eh_frame', unit('_start'), unit('second') + unit('third'), unit('fourth'))
})

test.run()
