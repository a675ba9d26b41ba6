/**
 * Names by which GNU tools ask for a target: emulations (`-m elf_x86_64`), object formats (`OUTPUT_FORMAT`, `--oformat`,
 * `-b`), architectures (`OUTPUT_ARCH`). A row may name an architecture that tsld does not have yet: then
 * `archForEmulation` finds nothing and the caller says which one is missing.
 */
import type { OperatingSystem } from './os.ts'

export interface Emulation {
  /** -m */
  readonly emulation: string
  /** BFD target name of OUTPUT_FORMAT */
  readonly format: string
  /** e_machine, ELF class, byte order */
  readonly machine: number
  readonly bits: 32 | 64
  readonly littleEndian: boolean
  readonly os: OperatingSystem['id']
  /** BFD architecture name of OUTPUT_ARCH */
  readonly arch: string
}

function row(
  emulation: string,
  format: string,
  machine: number,
  bits: 32 | 64,
  endian: 'little' | 'big',
  arch: string,
  os: OperatingSystem['id'] = 'linux',
): Emulation {
  return { emulation, format, machine, bits, littleEndian: endian === 'little', os, arch }
}

export const emulations: readonly Emulation[] = [
  row('elf_x86_64', 'elf64-x86-64', 62, 64, 'little', 'i386:x86-64'),
  row('elf_x86_64_fbsd', 'elf64-x86-64-freebsd', 62, 64, 'little', 'i386:x86-64', 'freebsd'),
  row('elf_x86_64_sol2', 'elf64-x86-64-sol2', 62, 64, 'little', 'i386:x86-64', 'solaris'),
  row('elf32_x86_64', 'elf32-x86-64', 62, 32, 'little', 'i386:x64-32'),
  row('elf_i386', 'elf32-i386', 3, 32, 'little', 'i386'),
  row('elf_i386_fbsd', 'elf32-i386-freebsd', 3, 32, 'little', 'i386', 'freebsd'),
  row('elf_iamcu', 'elf32-iamcu', 6, 32, 'little', 'iamcu', 'none'),
  row('aarch64linux', 'elf64-littleaarch64', 183, 64, 'little', 'aarch64'),
  row('aarch64linuxb', 'elf64-bigaarch64', 183, 64, 'big', 'aarch64'),
  row('aarch64elf', 'elf64-littleaarch64', 183, 64, 'little', 'aarch64', 'none'),
  row('aarch64elfb', 'elf64-bigaarch64', 183, 64, 'big', 'aarch64', 'none'),
  row('armelf_linux_eabi', 'elf32-littlearm', 40, 32, 'little', 'arm'),
  row('armelfb_linux_eabi', 'elf32-bigarm', 40, 32, 'big', 'arm'),
  row('armelf', 'elf32-littlearm', 40, 32, 'little', 'arm', 'none'),
  row('armelfb', 'elf32-bigarm', 40, 32, 'big', 'arm', 'none'),
  row('elf64lriscv', 'elf64-littleriscv', 243, 64, 'little', 'riscv'),
  row('elf32lriscv', 'elf32-littleriscv', 243, 32, 'little', 'riscv'),
  // Of other calling conventions: they differ in the folders of libraries alone.
  row('elf64lriscv_lp64f', 'elf64-littleriscv', 243, 64, 'little', 'riscv'),
  row('elf64lriscv_lp64', 'elf64-littleriscv', 243, 64, 'little', 'riscv'),
  row('elf32lriscv_ilp32f', 'elf32-littleriscv', 243, 32, 'little', 'riscv'),
  row('elf32lriscv_ilp32', 'elf32-littleriscv', 243, 32, 'little', 'riscv'),
  row('elf64briscv', 'elf64-bigriscv', 243, 64, 'big', 'riscv'),
  row('elf32briscv', 'elf32-bigriscv', 243, 32, 'big', 'riscv'),
  row('elf64loongarch', 'elf64-loongarch', 258, 64, 'little', 'Loongarch64'),
  row('elf32btsmip', 'elf32-tradbigmips', 8, 32, 'big', 'mips'),
  row('elf32ltsmip', 'elf32-tradlittlemips', 8, 32, 'little', 'mips'),
  row('elf64btsmip', 'elf64-tradbigmips', 8, 64, 'big', 'mips:isa64'),
  row('elf64ltsmip', 'elf64-tradlittlemips', 8, 64, 'little', 'mips:isa64'),
  row('elf64ppc', 'elf64-powerpc', 21, 64, 'big', 'powerpc:common64'),
  row('elf64lppc', 'elf64-powerpcle', 21, 64, 'little', 'powerpc:common64'),
  row('elf64_s390', 'elf64-s390', 22, 64, 'big', 's390:64-bit'),
  row('avr', 'elf32-avr', 83, 32, 'little', 'avr', 'none'),
  ...['1', '2', '25', '3', '31', '35', '4', '5', '51', '6', 'tiny', 'xmega1', 'xmega2', 'xmega3', 'xmega4'].map(core =>
    row(`avr${core}`, 'elf32-avr', 83, 32, 'little', `avr:${core.replace(/^xmega/, '10')}`, 'none'),
  ),
]

/** OUTPUT_ARCH names that mean the same e_machine as the name in the table. */
const archAliases: Readonly<Record<string, string>> = {
  'i386:x86-64:intel': 'i386:x86-64',
  'i386:x64-32:intel': 'i386:x64-32',
  'i386:intel': 'i386',
  x86_64: 'i386:x86-64',
}

/** Row of a `-m` name. */
export function emulationNamed(name: string): Emulation | undefined {
  return emulations.find(each => each.emulation === name)
}

/** First row of a BFD target name such as elf64-x86-64. */
export function emulationOfFormat(name: string): Emulation | undefined {
  return emulations.find(each => each.format === name)
}

/** First row of an OUTPUT_ARCH name such as i386:x86-64. */
export function emulationOfArch(name: string): Emulation | undefined {
  const plain = archAliases[name] ?? name
  return emulations.find(each => each.arch === plain) ?? emulations.find(each => each.arch === plain.split(':')[0])
}

/** First row for the numbers of an ELF header. */
export function emulationOfMachine(machine: number, bits: 32 | 64, littleEndian: boolean): Emulation | undefined {
  return emulations.find(each => each.machine === machine && each.bits === bits && each.littleEndian === littleEndian)
}

/** Output formats that are not ELF; which of them can be written is the matter of src/output. */
export const plainFormats: readonly string[] = ['binary', 'ihex', 'srec', 'verilog', 'uf2']
