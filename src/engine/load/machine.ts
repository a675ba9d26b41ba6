/** Whether a file is for the machine of this link. The first file decides when no option does. */
import { unsupportedMachine, wrongMachine } from '../../diag/catalogue/input.ts'
import type { Place } from '../../diag/diagnostic.ts'
import { machineName } from '../../elf/names.ts'
import type { Loading } from './loading.ts'

export interface MachineFacts {
  readonly machine: number
  readonly bits: 32 | 64
  readonly littleEndian: boolean
}

/** 'x86-64 (64 bit, little endian)' */
export function machineWords(facts: MachineFacts): string {
  return `${machineName(facts.machine)} (${facts.bits} bit, ${facts.littleEndian ? 'little' : 'big'} endian)`
}

export function acceptMachine(loading: Loading, file: MachineFacts, place: Place): boolean {
  const { arch } = loading
  if (arch === undefined) {
    loading.arch = loading.archs(file.machine, file.bits, file.littleEndian)
    if (loading.arch !== undefined) return true
    loading.report.add(unsupportedMachine({ found: machineWords(file) }), place)
    return false
  }
  if (arch.machine === file.machine && arch.bits === file.bits && arch.littleEndian === file.littleEndian) return true
  loading.report.add(wrongMachine({ found: machineWords(file), expected: machineWords(arch) }), place)
  return false
}
