/** The architecture that a command line links for, by Go's name of it, which the catalogue of layouts uses. */
import { architectureName } from '../../layouts/catalog.ts'
import { type Host, isFailure } from '../host.ts'
import { type CommandInput, emulations, supportedEmulations } from '../tsld.ts'
import type { CommandLine } from './command-line.ts'

/** Go's names by e_machine and class, and `be` where the byte order is the other one. */
const names: Readonly<Record<string, string>> = {
  '62/64': 'amd64',
  '3/32': '386',
  '40/32': 'arm',
  '183/64': 'arm64',
  '243/64': 'riscv64',
  '243/32': 'riscv32',
  '258/64': 'loong64',
  '8/32': 'mipsle',
  '8/32be': 'mips',
  '8/64': 'mips64le',
  '8/64be': 'mips64',
  '21/64': 'ppc64le',
  '21/64be': 'ppc64',
  '22/64be': 's390x',
}

function nameOf(machine: number, bits: number, littleEndian: boolean): string | undefined {
  return names[`${machine}/${bits}${littleEndian ? '' : 'be'}`]
}

/** The -m name of an architecture that --arch names: inputs for another one are errors. */
export function architectureEmulation(line: CommandLine): string | undefined {
  if (line.emulation !== undefined || line.architecture === undefined) return line.emulation
  const name = architectureName(line.architecture)
  const row = emulations.find(each => nameOf(each.machine, each.bits, each.littleEndian) === name)
  return row !== undefined && supportedEmulations().includes(row.emulation) ? row.emulation : undefined
}

/** --os, else what -m says, else linux. */
export function linkSystem(line: CommandLine): string {
  const row = line.emulation === undefined ? undefined : emulations.find(each => each.emulation === line.emulation)
  return line.operatingSystem ?? (row?.os === 'freebsd' ? row.os : 'linux')
}

/** bytes of an ELF header up to e_machine */
const headerBytes = 20

/** --arch, else -m, else the first ELF file among the inputs; undefined: nothing says. */
export function linkArchitecture(line: CommandLine, host: Host): string | undefined {
  if (line.architecture !== undefined) return architectureName(line.architecture)
  if (line.emulation !== undefined) {
    const row = emulations.find(each => each.emulation === line.emulation)
    return row === undefined ? undefined : nameOf(row.machine, row.bits, row.littleEndian)
  }
  return firstInput(line.inputs, host)
}

function firstInput(inputs: readonly CommandInput[], host: Host): string | undefined {
  for (const input of inputs) {
    if (input.kind === 'group') {
      const found = firstInput(input.members, host)
      if (found !== undefined) return found
    }
    if (input.kind !== 'file' || input.state.format !== 'elf') continue
    const found = machineOf(input.path, host)
    if (found !== undefined) return found
  }
  return undefined
}

function machineOf(path: string, host: Host): string | undefined {
  const bytes = host.readStart === undefined ? host.read(path) : host.readStart(path, headerBytes)
  if (bytes === undefined || isFailure(bytes) || bytes.length < headerBytes) return undefined
  if (bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46) return undefined
  const machine = bytes[5] === 1 ? bytes[18]! | (bytes[19]! << 8) : (bytes[18]! << 8) | bytes[19]!
  return nameOf(machine, bytes[4] === 2 ? 64 : 32, bytes[5] === 1)
}
