/** The processors that Go programs are linked for, with the compilers and emulators that it takes here. */
import { spawnSync } from 'node:child_process'
import { findTool, type Tool } from '../support/peers.ts'

export interface GoTarget {
  /** GOARCH */
  readonly arch: string
  /** the C compiler first */
  readonly tools: readonly Tool[]
  /** undefined: the program runs as it is */
  readonly emulator?: { readonly tool: Tool; readonly root: string }
  /** for the C compiler when it links */
  readonly linkWords: string
  /** assembler text: makes of the stack that the kernel leaves the arguments of main */
  readonly start: string
  /** layouts that a program without a C library is linked with */
  readonly layouts: readonly string[]
}

const i386Root = '/usr/i686-linux-gnu'

export const goTargets: readonly GoTarget[] = [
  {
    arch: 'amd64',
    tools: ['gcc'],
    linkWords: '',
    start: 'mov (%rsp), %rdi; lea 8(%rsp), %rsi; jmp main',
    layouts: ['go', 'go1.24'],
  },
  {
    // qemu-i386 cannot run Go's threads; the processor can
    arch: '386',
    tools: ['i686-linux-gnu-gcc'],
    linkWords: `-Wl,-dynamic-linker,${i386Root}/lib/ld-linux.so.2 -Wl,-rpath,${i386Root}/lib`,
    start: 'mov (%esp), %eax; lea 4(%esp), %ecx; push %ecx; push %eax; call main',
    layouts: ['go', 'go1.24'],
  },
  {
    arch: 'arm',
    tools: ['arm-linux-gnueabihf-gcc', 'qemu-arm'],
    emulator: { tool: 'qemu-arm', root: '/usr/arm-linux-gnueabihf' },
    linkWords: '',
    start: 'ldr r0, [sp]; add r1, sp, #4; b main',
    layouts: ['go', 'go1.24'],
  },
  {
    arch: 'arm64',
    tools: ['aarch64-linux-gnu-gcc', 'qemu-aarch64'],
    emulator: { tool: 'qemu-aarch64', root: '/usr/aarch64-linux-gnu' },
    linkWords: '',
    start: 'ldr x0, [sp]; add x1, sp, #8; b main',
    layouts: ['go1.24'],
  },
  {
    arch: 'riscv64',
    tools: ['riscv64-linux-gnu-gcc', 'qemu-riscv64'],
    emulator: { tool: 'qemu-riscv64', root: '/usr/riscv64-linux-gnu' },
    linkWords: '',
    start: 'ld a0, 0(sp); addi a1, sp, 8; tail main',
    layouts: ['go1.24'],
  },
]

/** What the program prints, and `exit N`. */
export function runProgram(target: GoTarget, program: string): string {
  const { emulator } = target
  const words = emulator === undefined ? [program] : [findTool(emulator.tool)!, '-L', emulator.root, program]
  const run = spawnSync(words[0]!, words.slice(1), { encoding: 'latin1', timeout: 300_000 })
  return `${run.stdout}${run.stderr}exit ${run.signal ?? run.status}`
}
