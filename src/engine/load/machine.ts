/** Whether a file is for the machine of this link. The first file decides when no option does. */
import { unsupportedMachine, wrongMachine } from '../../diag/catalogue/input.ts'
import { machineName } from '../../elf/names.ts'
import { type Loading, placeOf } from './loading.ts'

export interface MachineFacts {
  readonly machine: number
  readonly bits: 32 | 64
  readonly littleEndian: boolean
}

/** 'x86-64 (64 bit, little endian)' */
export function machineWords(facts: MachineFacts): string {
  return `${machineName(facts.machine)} (${facts.bits} bit, ${facts.littleEndian ? 'little' : 'big'} endian)`
}

/** @param at the file and, for a member, its archive */
export function acceptMachine(
  loading: Loading,
  file: MachineFacts,
  at: { readonly name: string; readonly archive?: string },
): boolean {
  const { arch } = loading
  if (arch === undefined) {
    loading.arch = loading.archs(file.machine, file.bits, file.littleEndian)
    if (loading.arch !== undefined) return true
    loading.report.add(unsupportedMachine({ found: machineWords(file) }), placeOf(at))
    return false
  }
  if (arch.machine === file.machine && arch.bits === file.bits && arch.littleEndian === file.littleEndian) return true
  loading.report.add(wrongMachine({ found: machineWords(file), expected: machineWords(arch) }), placeOf(at))
  return false
}
