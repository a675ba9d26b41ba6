/**
 * Section groups and .gnu.linkonce: of several copies the first in link order stays.
 *
 * A C++ compiler puts each inline function into a group whose signature is the function's name. The first file that brings
 * a signature wins; the members of later groups are dropped, and global symbols defined in them become references.
 */
import { damagedGroup } from '../../diag/catalogue/input.ts'
import { GRP_COMDAT, SHT_GROUP, STT_SECTION } from '../../elf/constants.ts'
import type { GroupTable } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'
import type { FileDraft } from './load-object.ts'
import { type Loading, placeOf } from './loading.ts'

/** Reads the groups of a file and decides which of them stay. False after an error. */
export function enterGroups(loading: Loading, file: FileDraft): boolean {
  const { type } = loading.sections
  const end = file.firstSection + file.sectionCount
  for (let id = file.firstSection; id < end; id++) {
    if (type[id] === SHT_GROUP && !enterGroup(loading, file, id)) return false
  }
  return true
}

function enterGroup(loading: Loading, file: FileDraft, id: number): boolean {
  const { sections, groups } = loading
  const { view, littleEndian: little, firstSection } = file
  const bad = (problem: string): false => {
    loading.report.add(damagedGroup({ index: id - firstSection, problem }), placeOf(file))
    return false
  }
  const size = sections.size[id]!
  if (size < 4 || size % 4 !== 0) return bad(`its size is ${size}, expected a multiple of 4, at least 4`)
  if (sections.info[id]! >= file.symbolTable.count)
    return bad(`sh_info names symbol ${sections.info[id]}, but there are ${file.symbolTable.count}`)
  const signature = signatureOf(loading, file, sections.info[id]!)
  if (signature < 0) return bad('its signature has no name')
  const at = sections.offset[id]!
  const isComdat = (view.getUint32(at, little) & GRP_COMDAT) !== 0
  const index = addGroup(groups)
  groups.section[index] = id
  groups.signature[index] = signature
  groups.comdat[index] = isComdat ? 1 : 0
  let kept = true
  if (isComdat) {
    if (signature >= loading.groupOwner.length) {
      const larger = new Int32Array(Math.max(signature + 1, loading.groupOwner.length * 2)).fill(-1)
      larger.set(loading.groupOwner)
      loading.groupOwner = larger
    }
    if (loading.groupOwner[signature]! >= 0) kept = false
    else loading.groupOwner[signature] = index
  }
  groups.kept[index] = kept ? 1 : 0
  if (!kept) sections.state[id]! |= SectionState.ComdatLoser
  const count = file.sectionCount
  for (let offset = 4; offset < size; offset += 4) {
    const member = view.getUint32(at + offset, little)
    if (member === 0 || member >= count) return bad(`member ${member} is no section (1 to ${count - 1})`)
    const section = firstSection + member
    if (sections.group[section] !== -1) return bad(`section ${member} is in two groups`)
    sections.group[section] = index
    if (!kept) sections.state[section]! |= SectionState.ComdatLoser
  }
  return true
}

/** Id of the signature in the symbol name table, or -1. */
function signatureOf(loading: Loading, file: FileDraft, symbol: number): number {
  const { names } = loading.symbols
  const { view, littleEndian: little } = file
  const wide = file.bits === 64
  const at = file.symbolTable.offset + symbol * (wide ? 24 : 16)
  if ((view.getUint8(at + (wide ? 4 : 12)) & 15) === STT_SECTION) {
    const index = view.getUint16(at + (wide ? 6 : 14), little)
    if (index === 0 || index >= file.sectionCount) return -1
    return names.internText(loading.sectionNames.text(loading.sections.name[file.firstSection + index]!))
  }
  const offset = view.getUint32(at, little)
  if (offset === 0 || offset >= file.strings.size) return -1
  const start = file.strings.offset + offset
  names.scan(file.source, start, file.strings.offset + file.strings.size)
  return names.intern(file.source, start, names.scannedLength, names.scannedHash)
}

function addGroup(groups: GroupTable): number {
  const index = groups.count++
  if (index >= groups.section.length) {
    const capacity = groups.section.length * 2
    const grown = (old: Int32Array): Int32Array => {
      const larger = new Int32Array(capacity)
      larger.set(old)
      return larger
    }
    groups.section = grown(groups.section)
    groups.signature = grown(groups.signature)
    const comdat = new Uint8Array(capacity)
    comdat.set(groups.comdat)
    groups.comdat = comdat
    const kept = new Uint8Array(capacity)
    kept.set(groups.kept)
    groups.kept = kept
  }
  return index
}

/** `.gnu.linkonce.t.f`: the first section of that very name stays. */
export function enterLinkOnce(loading: Loading, section: number): void {
  const { sections } = loading
  const name = sections.name[section]!
  const winner = loading.linkOnce.get(name)
  if (winner === undefined) loading.linkOnce.set(name, section)
  else if (sections.file[winner] !== sections.file[section]) sections.state[section]! |= SectionState.ComdatLoser
}
