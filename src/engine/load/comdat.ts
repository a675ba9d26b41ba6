/**
 * Section groups and .gnu.linkonce: of several copies the first in link order stays.
 *
 * A C++ compiler puts each inline function into a group whose signature is the function's name. The first file that brings
 * a signature wins; the members of later groups are dropped, and global symbols defined in them become references.
 */
import { extended, nameBlock } from '../../base/name-table.ts'
import { damagedGroup } from '../../diag/catalogue/input.ts'
import { GRP_COMDAT, SHT_GROUP, STT_SECTION } from '../../elf/constants.ts'
import type { GroupColumns } from '../../kernels/symbols.ts'
import { SectionState } from '../records/tables.ts'
import type { FileDraft } from './load-object.ts'
import { expected, type Loading, placeOf } from './loading.ts'

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
  reserveGroups(loading, 1)
  const index = groups.count++
  groups.section[index] = id
  groups.signature[index] = signature
  groups.comdat[index] = isComdat ? 1 : 0
  let kept = true
  if (isComdat) {
    if (loading.groupOwner[signature]! !== 0) kept = false
    else loading.groupOwner[signature] = index + 1
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

/** Makes room for `more` groups, and for an owner of each signature that the table of names has room for. */
export function reserveGroups(loading: Loading, more: number): void {
  const { groups, compute } = loading
  const { memory } = compute
  const names = loading.symbols.names.capacity
  if (loading.groupOwner.length < names && more > 0)
    loading.groupOwner = extended(loading.groupOwner, memory.int32(names))
  const count = groups.count + more
  if (count <= groups.section.length) return
  const capacity = Math.max(count, expected(loading, groups.count, more) || groups.section.length * 4)
  groups.section = extended(groups.section, memory.int32(capacity))
  groups.signature = extended(groups.signature, memory.int32(capacity))
  groups.comdat = extended(groups.comdat, memory.uint8(capacity))
  groups.kept = extended(groups.kept, memory.uint8(capacity))
}

/** The columns of the groups as kernels take them: another record after they grew. */
export function groupColumns(loading: Loading): GroupColumns {
  const { section, signature, comdat, kept } = loading.groups
  const owner = loading.groupOwner
  const known = loading.groupColumns
  if (known !== undefined && known.section === section && known.owner === owner) return known
  const columns = { section, signature, comdat, kept, owner }
  loading.groupColumns = columns
  return columns
}

/** `.gnu.linkonce.t.f`: the first section of that very name stays. */
export function enterLinkOnce(loading: Loading, section: number): void {
  const { sections } = loading
  const name = sections.name[section]!
  const winner = loading.linkOnce.get(name)
  if (winner === undefined) loading.linkOnce.set(name, section)
  else if (sections.file[winner] !== sections.file[section]) sections.state[section]! |= SectionState.ComdatLoser
}
