/** The registry: one line per architecture. */
import { emulationNamed, emulationOfFormat } from '../emulations.ts'
import type { Arch } from '../target.ts'
import { aarch64 } from './aarch64/index.ts'
import { arm } from './arm/index.ts'
import { i386 } from './i386/index.ts'
import { loong64 } from './loong64/index.ts'
import { mips } from './mips/index.ts'
import { ppc64 } from './ppc64/index.ts'
import { riscv32, riscv64 } from './riscv64/index.ts'
import { s390x } from './s390x/index.ts'
import { x86_64 } from './x86-64/index.ts'

export const archs: readonly Arch[] = [x86_64, aarch64, riscv64, riscv32, i386, arm, loong64, ...mips, ...ppc64, s390x]

/** The architecture of an ELF header's e_machine, class and byte order; undefined: tsld does not have it. */
export function archForMachine(machine: number, bits: 32 | 64, littleEndian: boolean): Arch | undefined {
  return archs.find(arch => arch.machine === machine && arch.bits === bits && arch.littleEndian === littleEndian)
}

/** The architecture of a `-m` emulation (elf_x86_64) or a BFD target name (elf64-x86-64); undefined: unknown or missing. */
export function archForEmulation(name: string): Arch | undefined {
  const found = emulationNamed(name) ?? emulationOfFormat(name)
  return found && archForMachine(found.machine, found.bits, found.littleEndian)
}
