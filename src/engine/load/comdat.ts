/**
 * Section groups and .gnu.linkonce: of several copies the first in link order stays.
 *
 * A C++ compiler puts each inline function into a group whose signature is the function's name. The first file that brings
 * a signature wins; the members of later groups are dropped, and global symbols defined in them become references.
 */
import { nameBlock } from '../../base/name-table.ts'
import { damagedGroup } from '../../diag/catalogue/input.ts'
import { GRP_COMDAT, SHT_GROUP, STT_SECTION } from '../../elf/constants.ts'
import type { GroupTable } from '../records/program.ts'
import { SectionState } from '../records/tables.ts'
import type { FileDraft } from './load-object.ts'
import { type Loading, placeOf } from './loading.ts'

/** Reads the groups of a file and decides which of them stay. False after an error. */
export function enterGroups(loading: Loading, file: FileDraft): boolean {
  const { blockSections, blockNames } = loading
  const { names } = loading.symbols
  const { type } = loading.sections
  const end = file.firstSection + file.sectionCount
  let block = 0
  const enterBlock = (): boolean => {
    names.internBlock(file.source, block, file.strings.offset + file.strings.size, blockNames, 0)
    let isFine = true
    for (let i = 0; i < block && isFine; i++) isFine = enterGroup(loading, file, blockSections[i]!, blockNames[i]!)
    block = 0
    return isFine
  }
  for (let id = file.firstSection; id < end; id++) {
    if (type[id] !== SHT_GROUP) continue
    const signature = signatureOf(loading, file, id)
    if (signature === noSignature) return false
    if (signature < 0) {
      // The name of a section.
      if (!enterBlock()) return false
      const name = loading.sectionNames.text(loading.sections.name[-1 - signature]!)
      if (!enterGroup(loading, file, id, names.internText(name))) return false
      continue
    }
    blockSections[block] = id
    names.blockOffsets[block++] = signature
    if (block === nameBlock && !enterBlock()) return false
  }
  return enterBlock()
}

function bad(loading: Loading, file: FileDraft, id: number, problem: string): false {
  loading.report.add(damagedGroup({ index: id - file.firstSection, problem }), placeOf(file))
  return false
}

function enterGroup(loading: Loading, file: FileDraft, id: number, signature: number): boolean {
  const { sections, groups } = loading
  const { view, littleEndian: little, firstSection } = file
  const size = sections.size[id]!
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
    if (member === 0 || member >= count)
      return bad(loading, file, id, `member ${member} is no section (1 to ${count - 1})`)
    const section = firstSection + member
    if (sections.group[section] !== -1) return bad(loading, file, id, `section ${member} is in two groups`)
    sections.group[section] = index
    if (!kept) sections.state[section]! |= SectionState.ComdatLoser
  }
  return true
}

/** returned by signatureOf after an error */
const noSignature = -0x8000_0000

/** Where the name that is the signature of a group stands; -1 - id of a section that is called so; `noSignature`. */
function signatureOf(loading: Loading, file: FileDraft, id: number): number {
  const { sections } = loading
  const { view, littleEndian: little } = file
  const fail = (problem: string): number => {
    bad(loading, file, id, problem)
    return noSignature
  }
  const size = sections.size[id]!
  if (size < 4 || size % 4 !== 0) return fail(`its size is ${size}, expected a multiple of 4, at least 4`)
  const symbol = sections.info[id]!
  if (symbol >= file.symbolTable.count)
    return fail(`sh_info names symbol ${symbol}, but there are ${file.symbolTable.count}`)
  const wide = file.bits === 64
  const at = file.symbolTable.offset + symbol * (wide ? 24 : 16)
  if ((view.getUint8(at + (wide ? 4 : 12)) & 15) === STT_SECTION) {
    const index = view.getUint16(at + (wide ? 6 : 14), little)
    return index === 0 || index >= file.sectionCount
      ? fail('its signature has no name')
      : -1 - (file.firstSection + index)
  }
  const offset = view.getUint32(at, little)
  return offset === 0 || offset >= file.strings.size ? fail('its signature has no name') : file.strings.offset + offset
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
