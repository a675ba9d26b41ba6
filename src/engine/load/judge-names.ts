/** What follows from the names of sections: old COMDAT groups, warnings, debugging information that is stripped. */
import { SHF_ALLOC, SHF_EXCLUDE, SHT_NULL } from '../../elf/constants.ts'
import { NameKind } from '../../kernels/symbols.ts'
import { SectionState } from '../records/tables.ts'
import { enterLinkOnce } from './comdat.ts'
import type { FileDraft } from './load-object.ts'
import type { Loading } from './loading.ts'
import { nameKind } from './section-names.ts'

/** All sections of a file. */
export function judgeNames(loading: Loading, file: FileDraft): void {
  const { type: types, flags, state: states, name: names } = loading.sections
  const end = file.firstSection + file.sectionCount
  for (let id = file.firstSection; id < end; id++) {
    if (states[id] !== 0 || (flags[id]! & SHF_EXCLUDE) !== 0 || types[id] === SHT_NULL) continue
    if (nameKind(loading, names[id]!) !== NameKind.Known) judgeName(loading, file, id)
  }
}

/** One section whose name is of some kind. */
export function judgeName(loading: Loading, file: FileDraft, id: number): void {
  const { flags, state: states, name: names } = loading.sections
  const kind = nameKind(loading, names[id]!)
  if ((kind & NameKind.LinkOnce) !== 0) enterLinkOnce(loading, id)
  if ((kind & NameKind.Warning) !== 0) enterWarning(loading, file, id)
  if ((kind & NameKind.Debug) !== 0 && (flags[id]! & SHF_ALLOC) === 0 && loading.request.strip !== 'none')
    states[id] = SectionState.Excluded
}

/** `.gnu.warning.gets`: its text is shown to those who refer to `gets`. The section itself is for the linker only. */
function enterWarning(loading: Loading, file: FileDraft, id: number): void {
  const { sections, symbols, request } = loading
  if (request.kind === 'relocatable') return
  sections.state[id]! |= SectionState.Excluded
  const symbol = symbols.names.internText(loading.sectionNames.text(sections.name[id]!).slice('.gnu.warning.'.length))
  symbols.grow()
  const start = sections.offset[id]!
  const text = String.fromCharCode(...file.bytes.subarray(start, start + Math.min(sections.size[id]!, 1000)))
  loading.symbolWarnings.push({ symbol, text: text.replace(/\0.*$/s, '') })
}
