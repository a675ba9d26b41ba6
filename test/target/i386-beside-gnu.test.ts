/** i386 code through GNU ld and tsld: bytes of what is loaded, and relocations left to the loader, must agree. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type ElfFile, readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { needs, runTool } from '../support/peers.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

interface Links {
  readonly name: string
  readonly sources: readonly string[]
  /** words of both linkers; names of sections that must agree */
  readonly words?: readonly string[]
  readonly sections: readonly string[]
  /** GNU ld leaves words for symbols that need none in the end, so that other addresses differ */
  readonly isElsewhere?: boolean
  /** words of the assembler */
  readonly assemble?: readonly string[]
}

function compare(links: Links): void {
  test(links.name, () => {
    if (!needs(links.name, 'as', 'ld.bfd') || whyNoLinker() !== undefined) return
    const folder = mkdtempSync(join(tmpdir(), 'tsld-'))
    try {
      const { own, gnu } = both(links, folder)
      for (const name of links.sections) {
        const expected = sectionNamed(gnu, name)
        const found = sectionNamed(own, name)
        assert.ok(expected, `GNU ld makes ${name}`)
        assert.ok(found, `${name} is missing`)
        if (!links.isElsewhere) assert.is(found.address, expected.address, `address of ${name}`)
        assert.is(hex(sectionBytes(own, found)), hex(sectionBytes(gnu, expected)), name)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

function both(links: Links, folder: string): { own: ElfFile; gnu: ElfFile } {
  const objects = links.sources.map((source, i) => {
    writeFileSync(join(folder, `${i}.s`), source)
    const run = runTool('as', ['--32', ...(links.assemble ?? []), `${i}.s`, '-o', `${i}.o`], { cwd: folder })
    assert.is(run.status, 0, run.stderr)
    return `${i}.o`
  })
  const words = ['-m', 'elf_i386', ...(links.words ?? []), ...objects]
  const peer = runTool('ld.bfd', ['--no-ld-generated-unwind-info', ...words, '-o', 'gnu'], { cwd: folder })
  assert.is(peer.status, 0, peer.stderr)
  const own = runLinker(['-flavor', 'gnu', ...words, '-o', 'own'], folder)
  assert.is(own.status, 0, own.text)
  return { own: readElf(readFileSync(join(folder, 'own'))), gnu: readElf(readFileSync(join(folder, 'gnu'))) }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').replace(/.{32}/g, '$&\n')
}

compare({
  name: 'i386: addends stand at their places, words of 8, 16 and 32 bits',
  sources: [
    `.globl _start, far; _start: movl $far+8, %eax; call far; jmp near-2; .byte 0xe8; .long near-.-4; ret
.section .text.b, "ax"; near: nop; movw $small-3, %ax; movb $tiny+1, %al
.data; .long far, far+4, _start-., near+100, 0xffffffff; .short small+1, other-.; .byte tiny, here-.; here: .long .text.b+1
.globl other; other: .long 0; .long far@SIZE`,
    '.globl far, small, tiny; small = 0x1234; tiny = -5; .text; .zero 7; .type far,@object; .size far, 11; far: .zero 11',
  ],
  sections: ['.text', '.data'],
})

compare({
  name: 'i386: merged strings behind section symbols',
  sources: [
    `.globl _start; _start: movl $.LC0, %eax; movl $.LC1+2, %eax; ret; .data; .long .LC0, .LC1+1
.section .rodata.str1.1, "aMS", @progbits, 1; .LC0: .string "twice"; .LC1: .string "once"`,
    `movl $.LC0, %eax; movl $.LC1, %ecx; .section .rodata.str1.1, "aMS", @progbits, 1; .LC1: .string "more"; .LC0: .string "twice"`,
  ],
  sections: ['.text', '.rodata', '.data'],
})

const gotCode = `.globl _start; _start:
movl foo@GOT(%ebx), %eax; testl %ecx, foo@GOT(%ebx); addl foo@GOT(%ebx), %edx; cmpl foo@GOT(%ebx), %edi
call *foo@GOT(%ebx); jmp *foo@GOT(%ebx); movl abs@GOT(%ebx), %esi; leal foo@GOTOFF(%ebx), %eax
addl $_GLOBAL_OFFSET_TABLE_, %ebx; ret; .globl foo, abs; foo: ret; abs = 1234`
const baseless = '\nmovl foo@GOT, %eax; movl foo@GOT, %ecx; cmpl foo@GOT, %edx; call *foo@GOT; jmp *foo@GOT'
const weakCode = '\n.weak weak; movl weak@GOT(%ebx), %eax; call *weak@GOT(%ebx)'

compare({
  name: 'i386: GOT32X of a program',
  sources: [gotCode + baseless + weakCode],
  sections: ['.text'],
})
compare({
  name: 'i386: GOT32X of a PIE',
  sources: [gotCode],
  words: ['-pie', '--no-dynamic-linker'],
  sections: ['.text'],
})
compare({
  name: 'i386: GOT32 stays',
  sources: [gotCode + baseless + weakCode],
  assemble: ['-mrelax-relocations=no'],
  sections: ['.text', '.got'],
})
compare({
  name: 'i386: GOT32X with --no-relax, which says nothing here',
  sources: [gotCode + baseless],
  words: ['--no-relax'],
  sections: ['.text'],
})

const threadCode = `.globl _start; _start:
leal x@tlsgd(,%ebx,1), %eax; call ___tls_get_addr@PLT
leal x@tlsgd(%ebx), %eax; call ___tls_get_addr@PLT; nop
leal x@tlsgd(%ecx), %eax; call *___tls_get_addr@GOT(%ecx)
leal x@tlsldm(%ebx), %eax; call ___tls_get_addr@PLT
leal x@tlsldm(%ecx), %eax; call *___tls_get_addr@GOT(%ecx)
leal x@dtpoff(%eax), %edx; movl x@gotntpoff(%ebx), %eax; addl x@gotntpoff(%ebx), %ecx
movl x@gottpoff(%ebx), %eax; subl x@gottpoff(%ebx), %edi
leal x@tlsdesc(%ebx), %eax; call *x@tlscall(%eax); movl $x@ntpoff, %eax; movl $x@tpoff+4, %eax; ret
.section .tdata, "awT"; .p2align 4; .globl x; .long 7; x: .long 5; .section .tbss, "awT", @nobits; .zero 20
.data; .long x@dtpoff, x@ntpoff, x@tpoff`
const direct = '\n.text; movl x@indntpoff, %eax; movl x@indntpoff, %ecx; addl x@indntpoff, %ecx'

compare({ name: 'i386: thread-local code of a program', sources: [threadCode + direct], sections: ['.text'] })
compare({
  name: 'i386: thread-local code of a PIE',
  sources: [threadCode],
  words: ['-pie', '--no-dynamic-linker'],
  sections: ['.text'],
  isElsewhere: true,
})
compare({
  name: 'i386: thread-local code of a shared object',
  sources: [
    `.text; leal x@tlsgd(,%ebx,1), %eax; call ___tls_get_addr@PLT
.section .tdata, "awT"; .globl x, y; .long 7; x: .long 5; y: .long 6; .data; .long x@dtpoff`,
  ],
  words: ['-shared'],
  sections: ['.tdata', '.text', '.got'],
  isElsewhere: true,
})

compare({
  name: 'i386: indirect functions of a static program',
  sources: [
    `.globl _start, h; .type f,@gnu_indirect_function; .type g,@gnu_indirect_function; .type h,@gnu_indirect_function
_start: call f@PLT; call g; movl h@GOT(%ebx),%eax; movl $f, %eax; ret
f: ret; g: ret; h: ret; .data; .long f, h`,
  ],
  sections: ['.rel.plt', '.plt', '.text', '.got', '.got.plt', '.data'],
})

const calling = `.globl _start; _start: call a@PLT; call b@PLT; movl a@GOT(%ebx), %eax; call c@PLT; leal own@GOTOFF(%ebx), %eax
addl $_GLOBAL_OFFSET_TABLE_, %ebx; own: ret; .data; .long data, data+4, d; data: .long b, w; .weak w`
const fixed = `.globl f, g, v; f: call a; call g; jmp own; movl v+4, %eax; movl $own, %ecx; call b@PLT; call c@PLT
movl d@GOT(%ebx), %eax; ret; g: ret; own: ret; .type g,@function; .data; .long own, f; v: .long a-.`
const marked = `.section ".note.gnu.property", "a"; .p2align 2; .long 4, 12, 5; .asciz "GNU"; .long 0xc0000002, 4, 3`
for (const [kind, words, sources] of [
  ['a program', ['libx.so'], [calling]],
  ['a PIE', ['-pie', 'libx.so'], [calling]],
  ['a shared object', ['-shared', 'libx.so'], [calling]],
  ['a shared object of code for a fixed place', ['-shared', '-z', 'notext', 'libx.so'], [fixed]],
  ['a program with branch tracking', ['libx.so'], [`${calling}\n${marked}`]],
  ['a PIE with branch tracking', ['-pie', 'libx.so'], [`${calling}\n${marked}`]],
] as const)
  test(`i386: stubs and relocations of ${kind}`, () => {
    if (!needs(kind, 'as', 'ld.bfd') || whyNoLinker() !== undefined) return
    const folder = mkdtempSync(join(tmpdir(), 'tsld-'))
    try {
      const lib = '.globl a,b,c,d; .irp n,a,b,c,d; .type \\n,@function; .size \\n,1; \\n: ret; .endr'
      writeFileSync(join(folder, 'x.s'), lib)
      runTool('as', ['--32', 'x.s', '-o', 'x.o'], { cwd: folder })
      assert.is(runTool('ld.bfd', ['-m', 'elf_i386', '-shared', 'x.o', '-o', 'libx.so'], { cwd: folder }).status, 0)
      const { own, gnu } = both({ name: kind, sources, words, sections: [] }, folder)
      const tables = sources[0] === fixed ? ['.text'] : sources[0] === calling ? ['.plt.got'] : ['.plt.got', '.plt.sec']
      for (const name of ['.plt', '.got', '.data', ...tables])
        assert.is(hex(bytesOf(own, name)), hex(bytesOf(gnu, name)), name)
      // The first word is the address of .dynamic, in which the linkers leave different room.
      assert.is(hex(bytesOf(own, '.got.plt').subarray(4)), hex(bytesOf(gnu, '.got.plt').subarray(4)), '.got.plt')
      assert.equal(rows(own, '.rel.dyn'), rows(gnu, '.rel.dyn'))
      assert.equal(rows(own, '.rel.plt'), rows(gnu, '.rel.plt'))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

function bytesOf(file: ElfFile, name: string): Uint8Array {
  const section = sectionNamed(file, name)
  assert.ok(section, `${name} is missing`)
  return sectionBytes(file, section)
}

/** Place and type of the relocations, in order of places: the order of symbols is the linker's own. */
function rows(file: ElfFile, name: string): string[] {
  const bytes = bytesOf(file, name)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: string[] = []
  for (let at = 0; at < bytes.length; at += 8)
    found.push(`${view.getUint32(at, true).toString(16)} ${view.getUint8(at + 4)}`)
  return found.sort()
}

test.run()
