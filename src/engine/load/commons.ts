/**
 * Common symbols (C globals without initialiser under -fcommon) get places.
 *
 * Each file that owns some has a pseudo section COMMON behind its section headers; a script claims it as `*(COMMON)`. The
 * symbols stand in it one after the other, each aligned, in order of appearance or as --sort-common says.
 */
import { inhibitedCommons } from '../../diag/catalogue/symbols.ts'
import { SHF_ALLOC, SHF_WRITE, SHT_NOBITS } from '../../elf/constants.ts'
import { SectionState, SymbolFlag, SymbolState } from '../records/tables.ts'
import type { Loading } from './loading.ts'

/** GNU ld's passes of --sort-common: alignments of 16 and more, 8, 4, 2, 1. */
const alignClasses = [16, 8, 4, 2, 1] as const

export function allocateCommons(loading: Loading): void {
  const { sections, symbols, request } = loading
  const { features } = loading.plan
  const name = loading.sectionNames.internText('COMMON')
  for (const file of loading.files) {
    const section = file.firstSection + file.sectionCount - 1
    if (file.sectionCount === 0 || sections.state[section] !== SectionState.Common) continue
    sections.name[section] = name
    sections.type[section] = SHT_NOBITS
    sections.flags[section] = SHF_WRITE | SHF_ALLOC
  }
  if (features.inhibitCommonAllocation) {
    if (request.kind === 'shared') leaveToOthers(loading)
    else loading.report.add(inhibitedCommons({}))
    return
  }
  if (request.kind === 'relocatable' && !request.defineCommon && !features.forceCommonAllocation) return
  const ids = loading.commons.filter(id => symbols.state[id] === SymbolState.Common)
  if (request.sortCommon === undefined) {
    for (const id of ids) allocate(loading, id)
    return
  }
  const classes = request.sortCommon === 'descending' ? alignClasses : [...alignClasses].reverse()
  for (const wanted of classes) {
    for (const id of ids) {
      const align = symbols.value[id]!
      if (Math.min(align, 16) === wanted) allocate(loading, id)
    }
  }
}

/** INHIBIT_COMMON_ALLOCATION in a shared object: the definition is expected of the program or another library. */
function leaveToOthers({ commons, symbols }: Loading): void {
  for (const id of commons) {
    if (symbols.state[id] !== SymbolState.Common) continue
    symbols.state[id] = SymbolState.Undefined
    symbols.flags[id]! |= SymbolFlag.Referenced | SymbolFlag.StrongReference
    symbols.section[id] = -1
    symbols.value[id] = 0
    symbols.size[id] = 0
  }
}

function allocate(loading: Loading, id: number): void {
  const { sections, symbols, files } = loading
  if (symbols.state[id] !== SymbolState.Common) return
  const file = files[symbols.file[id]!]!
  const section = file.firstSection + file.sectionCount - 1
  const align = symbols.value[id]!
  const place = Math.ceil(sections.size[section]! / align) * align
  sections.size[section] = place + symbols.size[id]!
  if (align > sections.align[section]!) sections.align[section] = align
  symbols.state[id] = SymbolState.Defined
  symbols.section[id] = section
  symbols.value[id] = place
}
