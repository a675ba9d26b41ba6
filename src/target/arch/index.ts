/** The registry. x86-64 is at hand; the others are read when a link is for one of them (scripts/bundle.ts: doors). */
import { emulationNamed, emulationOfFormat } from '../emulations.ts'
import type { Arch } from '../target.ts'
import { otherArchs } from './others.ts'
import { x86_64 } from './x86-64/index.ts'

/** All architectures. */
export function allArchs(): readonly Arch[] {
  return [x86_64, ...otherArchs()]
}

/** The architecture of an ELF header's e_machine, class and byte order; undefined: tsld does not have it. */
export function archForMachine(machine: number, bits: 32 | 64, littleEndian: boolean): Arch | undefined {
  const isOf = (arch: Arch): boolean =>
    arch.machine === machine && arch.bits === bits && arch.littleEndian === littleEndian
  return isOf(x86_64) ? x86_64 : otherArchs().find(isOf)
}

/** The architecture of a `-m` emulation (elf_x86_64) or a BFD target name (elf64-x86-64); undefined: unknown or missing. */
export function archForEmulation(name: string): Arch | undefined {
  const found = emulationNamed(name) ?? emulationOfFormat(name)
  return found && archForMachine(found.machine, found.bits, found.littleEndian)
}
