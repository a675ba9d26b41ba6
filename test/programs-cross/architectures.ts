/**
 * Architectures whose programs are linked here by a cross compiler: one row each. How a program of it is run on this
 * machine is the row's matter too.
 */
import { existsSync } from 'node:fs'
import type { Tool } from '../support/peers.ts'

export interface CrossArchitecture {
  /** name in messages; also what `readelf -h` would show as a machine, in our words */
  readonly name: string
  readonly gcc: Tool
  readonly gxx: Tool
  readonly qemu: Tool
  /** folder that the cross compiler's C library lies in, as qemu's -L wants it */
  readonly root: string
  /** e_machine of what is linked */
  readonly machine: number
  /** the loader of `root`, where this machine can run the programs without qemu */
  readonly nativeLoader?: string
  /** the compiler makes TLS descriptors when told this */
  readonly descriptorFlag?: string
  /** scenarios that the toolchain itself cannot build or run, each with the reason */
  readonly without?: Readonly<Record<string, string>>
  /** the same for single words of the compiler */
  readonly withoutWords?: Readonly<Record<string, string>>
}

const x86Loader = '/usr/i686-linux-gnu/lib/ld-linux.so.2'

export const crossArchitectures = {
  i386: {
    name: 'i386',
    gcc: 'i686-linux-gnu-gcc',
    gxx: 'i686-linux-gnu-g++',
    qemu: 'qemu-i386',
    root: '/usr/i686-linux-gnu',
    machine: 3,
    ...(process.arch === 'x64' && process.platform === 'linux' && existsSync(x86Loader)
      ? { nativeLoader: x86Loader }
      : {}),
    descriptorFlag: '-mtls-dialect=gnu2',
  },
  aarch64: {
    name: 'aarch64',
    gcc: 'aarch64-linux-gnu-gcc',
    gxx: 'aarch64-linux-gnu-g++',
    qemu: 'qemu-aarch64',
    root: '/usr/aarch64-linux-gnu',
    machine: 183,
    descriptorFlag: '-mtls-dialect=desc',
  },
  arm: {
    name: 'arm',
    gcc: 'arm-linux-gnueabihf-gcc',
    gxx: 'arm-linux-gnueabihf-g++',
    qemu: 'qemu-arm',
    root: '/usr/arm-linux-gnueabihf',
    machine: 40,
    without: {
      'thread-local storage, -ftls-model=local-dynamic': 'the assembler leaves addends out, GNU ld gives the same',
      'thread-local storage, -ftls-model=local-dynamic, in one program': 'the same',
    },
    withoutWords: { '-static-pie': 'this C library has no rcrt1.o' },
  },
  riscv64: {
    name: 'riscv64',
    gcc: 'riscv64-linux-gnu-gcc',
    gxx: 'riscv64-linux-gnu-g++',
    qemu: 'qemu-riscv64',
    root: '/usr/riscv64-linux-gnu',
    machine: 243,
    withoutWords: { '-static-pie': 'this C library has no rcrt1.o' },
  },
} as const satisfies Readonly<Record<string, CrossArchitecture>>
