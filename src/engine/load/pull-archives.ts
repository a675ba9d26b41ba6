/**
 * Archives in a link: members are loaded when they define a name that is undefined.
 *
 * As GNU ld: the index is walked in its order, again and again until a walk adds nothing, because a member may need another
 * one in front of it. The names of the index are entered once as ids; a walk is then one look at a byte per name.
 */
import { thinMemberMissing } from '../../diag/catalogue/input.ts'
import { inFile } from '../../diag/diagnostic.ts'
import { isFailure } from '../../host.ts'
import {
  type Archive,
  type ArchiveIndex,
  damagedIndex,
  type Member,
  memberAt,
  nextMember,
} from '../../input/archive.ts'
import { forEachDefined } from '../../input/defined-symbols.ts'
import { detectKind } from '../../input/detect.ts'
import { SymbolState } from '../records/tables.ts'
import { loadObject } from './load-object.ts'
import { addFile, type Loading, type ObjectPlace, type Source } from './loading.ts'

/** An archive that takes part in the link; searched several times when it is in a group. */
export interface OpenArchive {
  readonly archive: Archive
  readonly source: Source
  /** by index entry: symbol id */
  readonly ids: Int32Array
  /** by index entry: number of the member */
  readonly memberOf: Int32Array
  /** by member number: offset of its header */
  readonly headers: number[]
  /** by member number: 1 when it was loaded (or is no object) */
  readonly loaded: Uint8Array
}

const noIds = new Int32Array(0)

/** Prepares the index for searching: ids for its names, numbers for its members. */
export function prepareArchive(loading: Loading, archive: Archive): OpenArchive {
  const source = addFile(loading, archive.path, archive.bytes)
  const { index } = archive
  if (index === undefined) return indexMembers(loading, archive, source)
  const ids = loading.compute.memory.int32(index.count)
  if (!enterIndex(loading, source, index, ids)) {
    damagedIndex(archive, loading.report)
    return { archive, source, ids: noIds, memberOf: noIds, headers: [], loaded: new Uint8Array(0) }
  }
  const memberOf = new Int32Array(index.count)
  const headers: number[] = []
  const numbers = new Map<number, number>()
  let lastOffset = -1
  let lastNumber = -1
  for (let i = 0; i < index.count; i++) {
    const offset = index.members[i]!
    if (offset !== lastOffset) {
      lastOffset = offset
      const known = numbers.get(offset)
      if (known === undefined) {
        lastNumber = headers.length
        headers.push(offset)
        numbers.set(offset, lastNumber)
      } else lastNumber = known
    }
    memberOf[i] = lastNumber
  }
  loading.symbols.grow()
  return { archive, source, ids, memberOf, headers, loaded: new Uint8Array(headers.length) }
}

/** Ids for the names of an index. False when it is damaged. */
function enterIndex(loading: Loading, source: Source, index: ArchiveIndex, ids: Int32Array): boolean {
  const { names } = loading.symbols
  if (typeof index.names === 'number') {
    const { compute } = loading
    names.makeRoom(index.count, index.end - index.names)
    return compute.kernels.enterSequence(
      names.columns,
      source.view,
      index.names,
      index.end,
      index.count,
      ids,
      compute.memory.int32(3),
    )
  }
  for (let i = 0; i < index.count; i++) {
    names.scan(source.symbolSource, index.names[i]!, index.end)
    ids[i] = names.intern(source.symbolSource, index.names[i]!, names.scannedLength, names.scannedHash)
  }
  return true
}

/** An archive without an index: the members' own symbol tables are read. */
function indexMembers(loading: Loading, archive: Archive, source: Source): OpenArchive {
  const { names } = loading.symbols
  const ids: number[] = []
  const memberOf: number[] = []
  const headers: number[] = []
  for (let at = archive.firstMember; at < archive.bytes.length; at = nextMember(archive, at)) {
    const place = locateMember(loading, archive, source, at)
    if (place === undefined) break
    const number = headers.length
    headers.push(at)
    if (!isObject(place)) continue
    forEachDefined(place.source.view, place.start, place.size, (name, limit) => {
      names.scan(place.source.symbolSource, name, limit)
      ids.push(names.intern(place.source.symbolSource, name, names.scannedLength, names.scannedHash))
      memberOf.push(number)
    })
  }
  loading.symbols.grow()
  return {
    archive,
    source,
    ids: Int32Array.from(ids),
    memberOf: Int32Array.from(memberOf),
    headers,
    loaded: new Uint8Array(headers.length),
  }
}

/** Walks the index until nothing more is needed from this archive. */
export function searchArchive(loading: Loading, open: OpenArchive): void {
  const { ids, memberOf, loaded } = open
  const { symbols } = loading
  for (let again = true; again; ) {
    again = false
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!
      const state = symbols.state[id]!
      if (state !== SymbolState.Undefined && state !== SymbolState.Common) continue
      const member = memberOf[i]!
      if (loaded[member] === 1) continue
      if (state === SymbolState.Common && !definesStrongly(loading, open, member, id)) continue
      loaded[member] = 1
      const because = symbols.file[id]!
      const file = loadMember(loading, open.archive, open.source, open.headers[member]!)
      if (file < 0) continue
      loading.pulls.push({ file, because, symbol: id })
      again = true
    }
  }
}

/** --whole-archive: every member, in order. */
export function loadAllMembers(loading: Loading, archive: Archive): void {
  const source = addFile(loading, archive.path, archive.bytes)
  for (let at = archive.firstMember; at < archive.bytes.length; at = nextMember(archive, at)) {
    const file = loadMember(loading, archive, source, at)
    if (file === damagedMember) return
    if (file >= 0) loading.pulls.push({ file, because: -1, symbol: -1 })
  }
}

/** returned by loadMember when the walk through the archive cannot go on */
const damagedMember = -2

/** Loads the member with its header at `at`: file id, -1 when it is no object, -2 after an error in the archive itself. */
function loadMember(loading: Loading, archive: Archive, source: Source, at: number): number {
  const place = locateMember(loading, archive, source, at)
  return place === undefined ? damagedMember : isObject(place) ? loadObject(loading, place) : -1
}

/** Where the member's bytes are; for a thin archive its file is read. */
function locateMember(loading: Loading, archive: Archive, source: Source, at: number): ObjectPlace | undefined {
  const member = memberAt(archive, at, loading.report)
  if (member === undefined) return undefined
  if (!archive.thin)
    return { source, name: member.name, archive: archive.path, start: member.offset, size: member.size }
  return locateThin(loading, archive, member)
}

function locateThin(loading: Loading, archive: Archive, member: Member): ObjectPlace | undefined {
  const slash = archive.path.lastIndexOf('/')
  const path = member.name.startsWith('/') ? member.name : archive.path.slice(0, slash + 1) + member.name
  const bytes = loading.host.read(path)
  if (isFailure(bytes)) {
    loading.report.add(thinMemberMissing({ path, detail: bytes.detail }), inFile(archive.path, member.name))
    return undefined
  }
  const source = addFile(loading, path, bytes)
  return { source, name: path, archive: archive.path, start: 0, size: bytes.length }
}

/** Members that are no ELF files (metadata of a Rust library, a text) are passed over. */
function isObject(place: ObjectPlace): boolean {
  return detectKind(place.source.bytes, place.start, place.size) === 'elf'
}

/** True when the member defines the symbol and does not merely declare it common again. */
function definesStrongly(loading: Loading, open: OpenArchive, member: number, id: number): boolean {
  const place = locateMember(loading, open.archive, open.source, open.headers[member]!)
  if (place === undefined || !isObject(place)) return false
  const { names } = loading.symbols
  let found = false
  forEachDefined(place.source.view, place.start, place.size, (name, limit, common) => {
    if (common || found) return
    names.scan(place.source.symbolSource, name, limit)
    found = names.find(place.source.symbolSource, name, names.scannedLength, names.scannedHash) === id
  })
  return found
}
