/**
 * REL or RELA: whether relocations hold their addends (RELA) or find them at their places (REL). Names, types and sizes of
 * relocation sections follow from it.
 */
import { SHT_REL, SHT_RELA } from '../elf/constants.ts'
import type { Arch } from './target.ts'

/** Bytes of one relocation. */
export function relocationBytes(arch: Arch): number {
  return (arch.bits / 8) * (arch.relocationForm === 'rela' ? 3 : 2)
}

/** sh_type of a section of relocations. */
export function relocationSectionType(arch: Arch): number {
  return arch.relocationForm === 'rela' ? SHT_RELA : SHT_REL
}

/**
 * Name of the section that holds the relocations of another one.
 * @example relocationSectionName(arch, '.plt') // '.rela.plt' or '.rel.plt'
 */
export function relocationSectionName(arch: Arch, section: string): string {
  return `.${arch.relocationForm}${section}`
}
