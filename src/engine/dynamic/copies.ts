/**
 * Copies of variables of shared objects in the program (COPY relocations). After this the variable is the program's: all
 * names that the shared object has for it mean the copy, and the shared object's own references find it there.
 */
import { protectedCopied } from '../../diag/catalogue/dynamic.ts'
import { inFile } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { SHF_WRITE, SHN_LORESERVE, STT_OBJECT, STV_PROTECTED } from '../../elf/constants.ts'
import type { EditedContents } from '../contents/contents.ts'
import type { DynamicNeeds } from '../records/needs.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { DynamicSections } from './declare.ts'

/** A symbol of a shared object and where it stands there. */
interface Original {
  readonly shndx: number
  readonly isWritable: boolean
  readonly isProtected: boolean
  /** bytes, a power of two */
  readonly align: number
}

/**
 * Gives each copied variable a place in .dynbss (or .data.rel.ro, for constants), and defines its symbols there.
 * Returns the ids that get a COPY relocation.
 */
export function placeCopies(
  program: Program,
  needs: DynamicNeeds,
  sections: DynamicSections,
  contents: EditedContents,
  report: Report,
): readonly number[] {
  const placed: number[] = []
  const { symbols } = program
  for (const id of needs.copies) {
    if (symbols.state[id] !== SymbolState.Shared) continue // an alias of one that was placed
    const file = program.files[symbols.file[id]!]!
    const original = originalOf(program, file, id)
    if (original.isProtected) report.add(protectedCopied({ name: symbols.name(id) }), inFile(file.name))
    const section = original.isWritable ? sections.copies : sections.constantCopies
    const offset = Math.ceil(contents.size[section]! / original.align) * original.align
    const value = symbols.value[id]!
    contents.size[section] = offset + symbols.size[id]!
    program.sections.align[section] = Math.max(program.sections.align[section]!, original.align)
    for (const alias of aliasesOf(program, file, original.shndx, value)) {
      symbols.state[alias] = SymbolState.Defined
      symbols.section[alias] = section
      symbols.value[alias] = offset
      symbols.flags[alias]! |= SymbolFlag.Exported | SymbolFlag.Copied
    }
    placed.push(id)
  }
  return placed
}

function originalOf(program: Program, file: InputFile, id: number): Original {
  const { symbols } = program
  const wide = file.bits === 64
  const { view, littleEndian: little } = file
  const at = file.symbolTable.offset + symbols.index[id]! * (wide ? 24 : 16)
  const shndx = view.getUint16(at + (wide ? 6 : 14), little)
  const isProtected = (view.getUint8(at + (wide ? 5 : 13)) & 3) === STV_PROTECTED
  const headers = wide ? Number(view.getBigUint64(40, little)) : view.getUint32(32, little)
  const header = headers + shndx * (wide ? 64 : 40)
  if (shndx === 0 || shndx >= SHN_LORESERVE || header + (wide ? 64 : 40) > file.size)
    return { shndx, isWritable: true, isProtected, align: wide ? 16 : 8 }
  const flags = view.getUint32(header + (wide && !little ? 12 : 8), little)
  let align = view.getUint32(header + (wide ? (little ? 48 : 52) : 32), little)
  align = Math.min(Math.max(align, 1), 0x1000)
  while (align > 1 && symbols.value[id]! % align !== 0) align /= 2
  return { shndx, isProtected, isWritable: (flags & SHF_WRITE) !== 0, align }
}

/** Ids of all names that the shared object has for the byte, the given one among them. */
function aliasesOf(program: Program, file: InputFile, shndx: number, value: number): number[] {
  const { symbols } = program
  const wide = file.bits === 64
  const { view, littleEndian: little } = file
  const { firstGlobal, count, offset } = file.symbolTable
  const found: number[] = []
  for (let index = firstGlobal; index < count; index++) {
    const id = file.globals[index - firstGlobal]!
    if (id < 0 || symbols.file[id] !== file.id || symbols.index[id] !== index) continue
    if (symbols.state[id] !== SymbolState.Shared || symbols.value[id] !== value || symbols.type[id] !== STT_OBJECT)
      continue
    const at = offset + index * (wide ? 24 : 16)
    if (view.getUint16(at + (wide ? 6 : 14), little) === shndx) found.push(id)
  }
  return found
}
