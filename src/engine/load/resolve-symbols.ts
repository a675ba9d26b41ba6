/**
 * One definition per name, as the gABI and GNU ld decide it.
 *
 * Files are entered in link order and each global symbol meets what is known of its name so far:
 *
 *             known:  unknown    undefined  defined      weak def.  common     script
 *   strong reference  undefined  undefined  -            -          -          -
 *   weak reference    weak ref.  -          -            -          -          -
 *   strong definition defined    defined    ERROR        defined    defined    -
 *   weak definition   defined    defined    -            -          -          -
 *   common            common     common     -            common     larger     -
 *
 * A symbol in a section that lost its COMDAT group counts as a reference. Local symbols are only checked, never entered.
 * A million globals pass through here: columns and DataView reads, nothing allocated per symbol.
 */
import { nameBlock } from '../../base/name-table.ts'
import { damagedSymbol, slimObject } from '../../diag/catalogue/input.ts'
import { commonOverridden, multipleDefinition, tlsMismatch } from '../../diag/catalogue/symbols.ts'
import type { Place } from '../../diag/diagnostic.ts'
import {
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHN_XINDEX,
  STB_GLOBAL,
  STB_GNU_UNIQUE,
  STB_LOCAL,
  STB_WEAK,
  STT_COMMON,
  STT_NOTYPE,
  STT_OBJECT,
  STT_TLS,
} from '../../elf/constants.ts'
import { SectionState, SymbolFlag, SymbolState } from '../records/tables.ts'
import type { FileDraft } from './load-object.ts'
import { expected, type Loading, placeOf } from './loading.ts'
import { otherVersionedNames } from './symbol-versions.ts'

/** Where the symbol that is being entered stands; one record per file, rewritten for each symbol. */
export interface Incoming {
  readonly file: number
  index: number
  binding: number
  type: number
  other: number
  /** section id, -1 for absolute */
  section: number
  /** signed; alignment of a common symbol */
  value: number
  /** exact value when `value` cannot hold it */
  wide: bigint | undefined
  size: number
}

/**
 * Enters the globals of a file and checks its locals. False after an error.
 *
 * @param justSymbols --just-symbols: values are addresses already, references do not count
 */
export function enterSymbols(loading: Loading, file: FileDraft, source: number, justSymbols: boolean): boolean {
  const { offset: table, count, firstGlobal } = file.symbolTable
  if (count === 0) return true
  const { symbols } = loading
  const { names } = symbols
  const { view, littleEndian: little, sectionCount } = file
  const wide = file.bits === 64
  const step = wide ? 24 : 16
  const infoAt = wide ? 4 : 12
  const indexAt = wide ? 6 : 14
  const strings = file.strings.offset
  const stringsSize = file.strings.size
  const stringsEnd = strings + stringsSize
  const bad = (index: number, field: string, found: string | number, expected: string): false =>
    badSymbol(loading, file, index, field, found, expected)
  if (stringsSize > 0 && file.bytes[stringsEnd - 1] !== 0)
    return bad(0, 'string table', 'without an end', 'a zero byte at its end')

  for (let index = 0, at = table; index < firstGlobal; index++, at += step) {
    const section = view.getUint16(at + indexAt, little)
    if (section >= sectionCount && section < SHN_LORESERVE)
      return bad(index, 'st_shndx', section, `a section index below ${sectionCount}`)
    if (section === SHN_XINDEX && !validExtended(file, index))
      return bad(index, 'st_shndx', 'SHN_XINDEX', 'an entry of SHT_SYMTAB_SHNDX that names a section')
    const name = view.getUint32(at, little)
    if (name >= stringsSize && name !== 0)
      return bad(index, 'st_name', name, `an offset in a string table of ${stringsSize} bytes`)
    if (view.getUint8(at + infoAt) >> 4 !== STB_LOCAL)
      return bad(
        index,
        'binding',
        view.getUint8(at + infoAt) >> 4,
        `local: sh_info says globals begin at ${firstGlobal}`,
      )
  }

  const globals = new Int32Array(count - firstGlobal)
  file.globals = globals
  // A versioned name holds an '@'; most string tables have none at all.
  const at = stringsSize === 0 ? -1 : file.bytes.indexOf(0x40, strings)
  const versioned = at >= 0 && at < stringsEnd
  const incoming = newIncoming(file.id)
  const { blockOffsets } = names
  let hasCommon = false
  let entered = firstGlobal
  for (let index = firstGlobal, at = table + firstGlobal * step; index < count; index++, at += step) {
    if (index === entered) {
      const block = Math.min(nameBlock, count - entered)
      for (let i = 0; i < block; i++) {
        const name = view.getUint32(at + i * step, little)
        if (name >= stringsSize)
          return bad(entered + i, 'st_name', name, `an offset in a string table of ${stringsSize} bytes`)
        blockOffsets[i] = strings + name
      }
      if (names.count + block > names.capacity) names.reserve(expected(loading, names.count, block))
      names.internBlock(source, block, stringsEnd, globals, entered - firstGlobal)
      symbols.grow()
      entered += block
    }
    const outcome = enterSymbol(loading, file, index, incoming, justSymbols, versioned)
    if (outcome === Entered.Failed) return false
    if (outcome === Entered.Common) hasCommon = true
  }
  if (hasCommon) addCommonSection(loading, file)
  return true
}

/** What `enterSymbol` did. */
export const Entered = { Failed: 0, Usual: 1, Common: 2 } as const

/** For `enterSymbol`: written anew for each symbol. */
export function newIncoming(file: number): Incoming {
  return { file, index: 0, binding: 0, type: 0, other: 0, section: -1, value: 0, wide: undefined, size: 0 }
}

/**
 * Lets global symbol `index` of a file, whose name is in `globals` already, meet what is known of its name.
 *
 * @param versioned may its name have a version?
 * @returns one of Entered
 */
export function enterSymbol(
  loading: Loading,
  file: FileDraft,
  index: number,
  incoming: Incoming,
  justSymbols: boolean,
  versioned: boolean,
): number {
  const { sections, symbols, wrap } = loading
  const { view, littleEndian: little, firstSection, sectionCount, extendedIndex, globals } = file
  const { offset: table, firstGlobal } = file.symbolTable
  const wide = file.bits === 64
  const at = table + index * (wide ? 24 : 16)
  const valueAt = wide ? 8 : 4
  const bad = (field: string, found: string | number, expected: string): number => {
    badSymbol(loading, file, index, field, found, expected)
    return Entered.Failed
  }
  let id = globals[index - firstGlobal]!
  const info = view.getUint8(at + (wide ? 4 : 12))
  const binding = info >> 4
  if (binding !== STB_GLOBAL && binding !== STB_WEAK && binding !== STB_GNU_UNIQUE)
    return bad('binding', binding, 'global, weak or unique behind the local symbols')
  let section = view.getUint16(at + (wide ? 6 : 14), little)
  let target = -1
  if (section === SHN_XINDEX) {
    if (!validExtended(file, index))
      return bad('st_shndx', 'SHN_XINDEX', 'an entry of SHT_SYMTAB_SHNDX that names a section')
    target = firstSection + view.getUint32(extendedIndex + index * 4, little)
  } else if (section < SHN_LORESERVE) {
    if (section >= sectionCount) return bad('st_shndx', section, `a section index below ${sectionCount}`)
    target = firstSection + section
  } else if (section !== SHN_ABS && section !== SHN_COMMON)
    return bad('st_shndx', `0x${section.toString(16)}`, 'a section index, SHN_ABS or SHN_COMMON')
  if (target >= 0 && section !== SHN_UNDEF && (sections.state[target]! & SectionState.ComdatLoser) !== 0)
    section = SHN_UNDEF

  if (wrap !== undefined && (section === SHN_UNDEF || section === SHN_COMMON)) id = wrap.get(id) ?? id
  globals[index - firstGlobal] = id

  incoming.index = index
  incoming.binding = binding
  incoming.type = info & 15
  incoming.other = view.getUint8(at + (wide ? 5 : 13))
  if (section === SHN_UNDEF) {
    if (!justSymbols) refer(loading, id, incoming)
    return Entered.Usual
  }
  if (justSymbols) target = -1
  const sizeAt = at + (wide ? 16 : 8)
  incoming.size = wide ? unsigned64(view, sizeAt, little) : view.getUint32(sizeAt, little)
  incoming.section = target
  incoming.wide = undefined
  if (wide) {
    const low = view.getUint32(at + (little ? valueAt : valueAt + 4), little)
    const high = view.getInt32(at + (little ? valueAt + 4 : valueAt), little)
    incoming.value = high * 0x1_0000_0000 + low
    if (high >= 0x20_0000 || high < -0x20_0000) incoming.wide = view.getBigUint64(at + valueAt, little)
  } else incoming.value = view.getUint32(at + valueAt, little)
  if (section === SHN_COMMON) {
    const align = incoming.value
    if (align < 0 || align > 0x8000_0000 || (align & (align - 1)) !== 0)
      return bad('st_value', align, 'the alignment of a common symbol, a power of two')
    if (id === loading.slimMark) {
      loading.report.add(slimObject({}), placeOf(file))
      return Entered.Failed
    }
    tentative(loading, id, incoming)
    return Entered.Common
  }
  define(loading, id, incoming)
  if (versioned) for (const other of otherVersionedNames(symbols.names, id)) defineAlias(loading, other, incoming)
  return Entered.Usual
}

function badSymbol(
  loading: Loading,
  file: FileDraft,
  index: number,
  field: string,
  found: string | number,
  expected: string,
): false {
  loading.report.add(damagedSymbol({ index, field, found: String(found), expected }), placeOf(file))
  return false
}

function unsigned64(view: DataView, at: number, little: boolean): number {
  const low = view.getUint32(little ? at : at + 4, little)
  const high = view.getUint32(little ? at + 4 : at, little)
  return high === 0 ? low : high * 0x1_0000_0000 + low
}

function validExtended(file: FileDraft, index: number): boolean {
  if (file.extendedIndex === 0) return false
  const section = file.view.getUint32(file.extendedIndex + index * 4, file.littleEndian)
  return section !== 0 && section < file.sectionCount
}

/** The pseudo section that will hold the file's common symbols; it stands behind the section headers. */
export function addCommonSection(loading: Loading, file: FileDraft): void {
  const { sections } = loading
  const id = sections.add(1)
  sections.file[id] = file.id
  sections.state[id] = SectionState.Common
  file.sectionCount++
}

/** A reference. */
export function refer(loading: Loading, id: number, from: Incoming): void {
  const { symbols } = loading
  const weak = from.binding === STB_WEAK
  symbols.flags[id]! |= weak
    ? SymbolFlag.Regular | SymbolFlag.Referenced
    : SymbolFlag.Regular | SymbolFlag.Referenced | SymbolFlag.StrongReference
  const state = symbols.state[id]!
  if (from.other !== 0) mergeOther(loading, id, from.other)
  if (state === SymbolState.Unknown || (state === SymbolState.UndefinedWeak && !weak) || isBareRequest(loading, id)) {
    symbols.state[id] = weak && state !== SymbolState.Undefined ? SymbolState.UndefinedWeak : SymbolState.Undefined
    symbols.binding[id] = symbols.state[id] === SymbolState.Undefined ? STB_GLOBAL : STB_WEAK
    symbols.file[id] = from.file
    symbols.index[id] = from.index
    if (state === SymbolState.Unknown || symbols.type[id] === STT_NOTYPE) symbols.type[id] = from.type
  } else if (from.type !== symbols.type[id] && (from.type === STT_TLS || symbols.type[id] === STT_TLS))
    checkTls(loading, id, from, false)
}

/** Undefined by an option or script only: no file is named yet. */
function isBareRequest(loading: Loading, id: number): boolean {
  return loading.symbols.state[id] === SymbolState.Undefined && loading.symbols.file[id]! < 0
}

/** A definition in a section or an absolute one. */
export function define(loading: Loading, id: number, from: Incoming): void {
  const { symbols } = loading
  const state = symbols.state[id]!
  symbols.flags[id]! |= SymbolFlag.Regular
  if (from.other !== 0) mergeOther(loading, id, from.other)
  const weak = from.binding === STB_WEAK
  if (state !== SymbolState.Unknown) {
    if (state === SymbolState.Script) {
      giveWay(loading, id, from)
      return
    }
    // The shared object's own references must find this definition.
    if (state === SymbolState.Shared) symbols.flags[id]! |= SymbolFlag.SharedReference
    if (
      from.type !== symbols.type[id] &&
      (from.type === STT_TLS || symbols.type[id] === STT_TLS) &&
      symbols.file[id]! >= 0 &&
      state !== SymbolState.Shared
    )
      checkTls(loading, id, from, true)
    if (state === SymbolState.Defined) {
      if (weak) return
      if ((symbols.flags[id]! & SymbolFlag.WeakDefinition) === 0) {
        duplicate(loading, id, from)
        return
      }
    } else if (state === SymbolState.Common) {
      if (weak) return
      if (loading.request.warnCommon) {
        const what = 'definition overriding common'
        loading.report.add(commonOverridden({ name: symbols.name(id), what }), placeOf(loading.files[from.file]!))
      }
    }
  }
  if (weak) symbols.flags[id]! |= SymbolFlag.WeakDefinition
  else symbols.flags[id]! &= ~SymbolFlag.WeakDefinition
  symbols.state[id] = SymbolState.Defined
  symbols.binding[id] = from.binding
  symbols.type[id] = from.type
  const kept = 3 | (loading.arch?.variantCalls?.mask ?? 0)
  symbols.other[id] = (from.other & ~3) | (symbols.other[id]! & kept)
  symbols.file[id] = from.file
  symbols.index[id] = from.index
  symbols.section[id] = from.section
  symbols.value[id] = from.value
  symbols.size[id] = from.size
  if (from.wide !== undefined) symbols.wide.set(id, from.wide)
  else if (symbols.wide.size !== 0) symbols.wide.delete(id)
}

/** A definition of what the script defines: the script may still read it (`x = DEFINED(x) ? x : 0`). */
function giveWay(loading: Loading, id: number, from: Incoming): void {
  const { symbols } = loading
  // What the script has given so far is taken back, until the layout assigns it again.
  const takesBack = loading.early.delete(id)
  if (!takesBack && (symbols.flags[id]! & SymbolFlag.ObjectDefinition) !== 0) return
  symbols.flags[id]! |= SymbolFlag.ObjectDefinition
  symbols.type[id] = from.type
  symbols.file[id] = from.file
  symbols.index[id] = from.index
  symbols.section[id] = from.section
  symbols.value[id] = from.value
  symbols.size[id] = from.size
  if (from.wide !== undefined) symbols.wide.set(id, from.wide)
}

/** The definition under another of its versioned names. */
function defineAlias(loading: Loading, name: string, from: Incoming): void {
  const { symbols } = loading
  const id = symbols.names.internText(name)
  symbols.grow()
  define(loading, id, from)
  if (symbols.state[id] === SymbolState.Defined && symbols.file[id] === from.file && symbols.index[id] === from.index)
    symbols.flags[id]! |= SymbolFlag.VersionAlias
}

/** A common symbol: a C global without initialiser, under -fcommon. */
function tentative(loading: Loading, id: number, from: Incoming): void {
  const { symbols } = loading
  const state = symbols.state[id]!
  symbols.flags[id]! |= SymbolFlag.Regular
  if (from.other !== 0) mergeOther(loading, id, from.other)
  if (state === SymbolState.Script) {
    giveWay(loading, id, from)
    return
  }
  if (state === SymbolState.Defined && (symbols.flags[id]! & SymbolFlag.WeakDefinition) === 0) {
    symbols.flags[id]! |= SymbolFlag.Referenced
    if (loading.request.warnCommon) {
      const what = 'common overridden by definition'
      loading.report.add(commonOverridden({ name: symbols.name(id), what }), placeOf(loading.files[from.file]!))
    }
    return
  }
  const align = Math.max(from.value, 1)
  if (state === SymbolState.Common) {
    if (align > symbols.value[id]!) symbols.value[id] = align
    if (from.size <= symbols.size[id]!) return
  } else {
    if (state === SymbolState.Shared) {
      symbols.flags[id]! |= SymbolFlag.SharedReference
      symbols.size[id] = Math.max(symbols.size[id]!, from.size)
      from.size = symbols.size[id]!
    }
    symbols.state[id] = SymbolState.Common
    symbols.flags[id]! &= ~SymbolFlag.WeakDefinition
    symbols.value[id] = align
    loading.commons.push(id)
  }
  symbols.binding[id] = STB_GLOBAL
  symbols.type[id] = from.type === STT_COMMON ? STT_OBJECT : from.type
  symbols.file[id] = from.file
  symbols.index[id] = from.index
  symbols.section[id] = -1
  symbols.size[id] = from.size
}

/**
 * The most constraining visibility of all files counts: internal, hidden, protected, default. Of the other bits those of
 * calling conventions are collected.
 */
function mergeOther(loading: Loading, id: number, other: number): void {
  const { symbols } = loading
  const old = symbols.other[id]! & 3
  const next = other & 3
  if (next !== 0 && (old === 0 || next < old)) symbols.other[id] = (symbols.other[id]! & ~3) | next
  symbols.other[id]! |= other & (loading.arch?.variantCalls?.mask ?? 0)
}

/** Where symbol `index` of a file is defined. */
export function definitionPlace(loading: Loading, file: number, section: number, value: number): Place {
  const owner = loading.files[file]
  if (owner === undefined) return { kind: 'none' }
  const place = placeOf(owner)
  if (place.kind !== 'object' || section < 0) return place
  return { ...place, section: loading.sectionNames.text(loading.sections.name[section]!), offset: value }
}

function duplicate(loading: Loading, id: number, from: Incoming): void {
  const { symbols, request, report } = loading
  if (request.allowMultipleDefinition) return
  // the same absolute value twice is no contradiction
  if (from.section < 0 && symbols.section[id]! < 0 && symbols.value[id] === from.value) return
  report.add(
    multipleDefinition({ name: symbols.name(id) }),
    definitionPlace(loading, from.file, from.section, from.value),
    [
      {
        text: 'first defined here',
        at: definitionPlace(loading, symbols.file[id]!, symbols.section[id]!, symbols.value[id]!),
      },
    ],
  )
}

function checkTls(loading: Loading, id: number, from: Incoming, defines: boolean): void {
  const { symbols, report, files } = loading
  if (symbols.file[id]! < 0) return
  const state = symbols.state[id]!
  const known = state === SymbolState.Defined || state === SymbolState.Common
  const words = (tls: boolean, definition: boolean): string =>
    `${tls ? 'TLS' : 'non-TLS'} ${definition ? 'definition' : 'reference'}`
  report.add(
    tlsMismatch({
      name: symbols.name(id),
      found: words(from.type === STT_TLS, defines),
      before: words(symbols.type[id] === STT_TLS, known),
    }),
    placeOf(files[from.file]!),
    [{ text: 'the other one is here', at: placeOf(files[symbols.file[id]!]!) }],
  )
}
