/** `-b binary`: a file of any bytes becomes the section .data of an object with three symbols that frame it. */
import { SHF_ALLOC, SHF_WRITE, SHT_PROGBITS, STB_GLOBAL, STT_NOTYPE } from '../../elf/constants.ts'
import { SectionState } from '../records/tables.ts'
import type { FileDraft } from './load-object.ts'
import { addSource, type Loading } from './loading.ts'
import { define } from './resolve-symbols.ts'

/** Loads `bytes` as raw data. The names are made of the path, with `_` for all but letters and digits. */
export function loadBinary(loading: Loading, path: string, bytes: Uint8Array): void {
  const source = addSource(loading, path, bytes)
  const { sections, symbols, sectionNames } = loading
  const firstSection = sections.add(2)
  const section = firstSection + 1
  const stem = `_binary_${path.replace(/[^A-Za-z0-9]/g, '_')}`
  const names = [`${stem}_start`, `${stem}_end`, `${stem}_size`]
  const ids = names.map(name => symbols.names.internText(name))
  symbols.grow()
  const file: FileDraft = {
    id: loading.files.length,
    name: path,
    kind: 'binary',
    bytes,
    view: source.view,
    littleEndian: loading.arch?.littleEndian ?? true,
    bits: loading.arch?.bits ?? 64,
    start: 0,
    size: bytes.length,
    firstSection,
    sectionCount: 2,
    symbolTable: { offset: 0, count: 0, firstGlobal: 0 },
    strings: { offset: 0, size: 0 },
    extendedIndex: 0,
    globals: Int32Array.from(ids),
    source: source.symbolSource,
    machineFlags: 0,
  }
  loading.files.push(file)
  loading.progress++
  sections.file[firstSection] = file.id
  sections.state[firstSection] = SectionState.Table
  sections.file[section] = file.id
  sections.name[section] = sectionNames.internText('.data')
  sections.type[section] = SHT_PROGBITS
  sections.flags[section] = SHF_WRITE | SHF_ALLOC
  sections.size[section] = bytes.length
  const from = { file: file.id, index: 0, binding: STB_GLOBAL, type: STT_NOTYPE, other: 0, size: 0, wide: undefined }
  define(loading, ids[0]!, { ...from, section, value: 0 })
  define(loading, ids[1]!, { ...from, section, value: bytes.length })
  define(loading, ids[2]!, { ...from, section: -1, value: bytes.length })
}
