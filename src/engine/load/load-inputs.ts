/**
 * Loading and resolving: every file named by the command line and the script, in order, until no name asks for more.
 *
 * Order is meaning here: an archive is searched for what is undefined when its turn comes, a script's assignments define
 * names from its place on. Afterwards no file and no name is added.
 */

import { NameTable, nameBlock } from '../../base/name-table.ts'
import {
  cannotFindFile,
  cannotFindLibrary,
  inputScriptCycle,
  isDirectory,
  noInputFiles,
  readAsScript,
  unknownFormat,
  unsupportedInput,
} from '../../diag/catalogue/input.ts'
import { requiredUndefined } from '../../diag/catalogue/symbols.ts'
import { inFile, inScript, nowhere, type Place } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { ET_DYN } from '../../elf/constants.ts'
import { type Host, isFailure } from '../../host.ts'
import { openArchive } from '../../input/archive.ts'
import { detectKind } from '../../input/detect.ts'
import { readElfHeader } from '../../input/elf-file.ts'
import { ObjectIndexer } from '../../input/object-index.ts'
import { type Memory, plainCompute } from '../../kernels/compute.ts'
import { mergeFragment, numberedBehind } from '../../plan/merge.ts'
import type { AssignStatement, InputRequest, LayoutPlan } from '../../plan/plan.ts'
import { archForEmulation } from '../../target/arch/index.ts'
import type { GroupTable, InputFile, Program } from '../records/program.ts'
import type { CommandInput, InputState, LinkRequest } from '../records/request.ts'
import { SectionTable, SymbolFlag, SymbolState, SymbolTable } from '../records/tables.ts'
import { allocateCommons } from './commons.ts'
import { EarlyWalk } from './early-walks.ts'
import { entryNames, entrySymbol } from './entry-symbol.ts'
import { findLibrary, findScriptInput, searchFolder } from './library-search.ts'
import { defineLinkerSymbols } from './linker-symbols.ts'
import { loadBinary } from './load-binary.ts'
import { loadObject } from './load-object.ts'
import { loadShared } from './load-shared.ts'
import { type ArchLookup, addFile, addSource, type Loading } from './loading.ts'
import { loadAllMembers, type OpenArchive, prepareArchive, searchArchive } from './pull-archives.ts'
import { givenFile, inScriptOrder } from './script-order.ts'
import { applyProvides, assignmentsOf, hideNames, requireSymbol, settleAssignments } from './script-symbols.ts'

/** Loads all inputs and resolves their symbols. Undefined after an error that leaves nothing to go on with. */
export function loadInputs(request: LinkRequest, archs: ArchLookup, host: Host, report: Report): Program | undefined {
  if (request.emitRelocations && request.strip === 'all')
    report.add(unsupportedInput({ what: '--emit-relocs together with --strip-all' }), nowhere)
  const loading = newLoading(request, archs, host, report)
  const early = new EarlyWalk(loading)
  const walk = new InputWalk(loading, early)
  const required = enterRequests(loading, early)
  walk.all(request.inputs)
  if (loading.files.length === 1 && !report.failed) report.add(noInputFiles({}), nowhere)
  if (loading.arch === undefined || report.failed) return undefined
  return finish(loading, early, walk.assignments, required)
}

function newLoading(request: LinkRequest, archs: ArchLookup, host: Host, report: Report): Loading {
  // Of a large link a share is known by its bytes: growing a table means to touch twice as much memory.
  const bytes = host.expectedBytes ?? 0
  const compute = host.compute ?? plainCompute
  const { memory } = compute
  const symbols = new SymbolTable(
    new NameTable(roomFor(bytes / 1900, 10, 18), memory, roomFor(bytes / 12, 14, 26)),
    memory,
  )
  const slimMark = symbols.names.internText('__gnu_lto_slim')
  const sections = new SectionTable(memory, roomFor(bytes / 500, 10, 20))
  const loading: Loading = {
    request,
    archs,
    host,
    compute,
    report,
    indexer: new ObjectIndexer(compute),
    arch: request.emulation === undefined ? undefined : archForEmulation(request.emulation),
    files: [],
    sections,
    sectionNames: new NameTable(roomFor(bytes / 1900, 8, 18), memory, roomFor(bytes / 12, 12, 26)),
    symbols,
    groups: newGroups(memory),
    groupColumns: undefined,
    plan: request.plan,
    pulls: [],
    loads: [],
    shared: [],
    linkerSymbols: [],
    symbolWarnings: [],
    wrap: wrapped(request, symbols),
    groupOwner: memory.int32(1024),
    linkOnce: new Map(),
    commons: [],
    nameKinds: memory.uint8(1024),
    cachedOffset: new Int32Array(1024),
    cachedName: new Int32Array(1024),
    blockSections: new Int32Array(nameBlock),
    blockNames: new Int32Array(nameBlock),
    slimMark,
    progress: 0,
    early: new Map(),
    mayBeRead: new Set(),
    provided: new Set(),
  }
  loading.files.push(linkerFile(loading))
  return loading
}

/** A capacity, at least 2^`least`, at most 2^`most`. */
function roomFor(wanted: number, least: number, most: number): number {
  return Math.max(1 << least, Math.min(Math.ceil(wanted), 1 << most))
}

function newGroups(memory: Memory): GroupTable {
  return {
    count: 0,
    section: memory.int32(256),
    signature: memory.int32(256),
    comdat: memory.uint8(256),
    kept: memory.uint8(256),
  }
}

/** The file that owns what the linker makes; its sections are added by addSynthetic. */
function linkerFile(loading: Loading): InputFile {
  const bytes = new Uint8Array(0)
  const source = addSource(loading, '<linker>', bytes)
  return {
    id: 0,
    name: '<linker>',
    kind: 'linker',
    bytes,
    view: source.view,
    littleEndian: loading.arch?.littleEndian ?? true,
    bits: loading.arch?.bits ?? 64,
    start: 0,
    size: 0,
    firstSection: 0,
    sectionCount: 0,
    symbolTable: { offset: 0, count: 0, firstGlobal: 0 },
    strings: { offset: 0, size: 0 },
    extendedIndex: 0,
    globals: new Int32Array(0),
    source: source.symbolSource,
    machineFlags: 0,
  }
}

/** --wrap=f: references to f mean __wrap_f, references to __real_f mean f. */
function wrapped(request: LinkRequest, symbols: SymbolTable): ReadonlyMap<number, number> | undefined {
  if (request.wrap.length === 0) return undefined
  const map = new Map<number, number>()
  for (const name of request.wrap) {
    const plain = symbols.names.internText(name)
    map.set(plain, symbols.names.internText(`__wrap_${name}`))
    map.set(symbols.names.internText(`__real_${name}`), plain)
  }
  symbols.grow()
  return map
}

/** -u, --require-defined, EXTERN, the entry: undefined from the start, roots of garbage collection. */
function enterRequests(loading: Loading, early: EarlyWalk): readonly number[] {
  const { request, symbols } = loading
  const want = (name: string): number => {
    const id = requireSymbol(loading, name)
    symbols.flags[id]! |= SymbolFlag.Required
    return id
  }
  for (const name of request.undefinedSymbols) want(name)
  for (const { name } of request.plan.symbols.required) want(name)
  const required = request.requireDefined.map(want)
  for (const entry of entryNames(request, loading.plan)) want(entry)
  for (const region of request.plan.regions) {
    early.read(region.origin)
    early.read(region.length)
  }
  if (!namesPlan(request)) for (const each of assignmentsOf(request.plan)) if (each.option === true) early.enter(each)
  return required
}

/** True when -T has a place among the inputs. --defsym then counts as standing behind it, else in front of a default script. */
function namesPlan(request: LinkRequest): boolean {
  return request.inputs.some(each => each.kind === 'plan-inputs')
}

/** Goes through the inputs in order. */
class InputWalk {
  private readonly loading: Loading
  private readonly early: EarlyWalk
  private readonly paths: string[]
  /** scripts among the inputs whose own inputs are being read */
  private readonly openScripts: string[] = []
  /** archives opened so far, by path: a library named twice is prepared once */
  private readonly archives = new Map<string, OpenArchive>()
  /** archives of the innermost group, which are searched again */
  private group: OpenArchive[] | undefined
  private planEntered = false
  /** files that patterns without wildcards name, and those of them that are read before their turn comes, if it does */
  private readonly namedFiles = new Set<string>()
  private readonly earlyFiles = new Set<string>()
  /** all assignments met, for PROVIDE */
  readonly assignments: AssignStatement[] = []

  constructor(loading: Loading, early: EarlyWalk) {
    this.loading = loading
    this.early = early
    this.paths = [...loading.request.searchPaths]
    for (const each of loading.plan.inputs)
      if (each.kind === 'search-dir') this.paths.push(searchFolder(loading, each.path))
  }

  all(inputs: readonly CommandInput[]): void {
    for (const request of this.loading.request.plan.inputs)
      if (request.kind === 'startup') this.request(request, plainState)
    for (const input of inputs) this.input(input)
    if (!this.planEntered) this.planInputs()
  }

  private input(input: CommandInput): void {
    switch (input.kind) {
      case 'file':
        if (!this.isReadEarly(input.path)) this.file(input.path, input.state, inFile(input.path))
        return
      case 'library':
        this.library(input.name, input.state, { kind: 'option', text: `-l${input.name}` })
        return
      case 'group':
        this.inGroup(() => {
          for (const member of input.members) this.input(member)
        })
        return
      case 'plan-inputs':
        this.planInputs()
        return
    }
  }

  /** Searches the archives of a group until nothing new comes. */
  private inGroup(run: () => void): void {
    const { loading } = this
    const outer = this.group
    const mine: OpenArchive[] = []
    this.group = mine
    let before = loading.progress
    loading.loads.push({ kind: 'group-start' })
    run()
    loading.loads.push({ kind: 'group-end' })
    while (before !== loading.progress) {
      before = loading.progress
      for (const archive of mine) searchArchive(loading, archive)
    }
    this.group = outer
    outer?.push(...mine)
  }

  /** The place of the plan among the inputs. */
  private planInputs(): void {
    if (this.planEntered) return
    this.planEntered = true
    this.loading.loads.push({ kind: 'plan' })
    const { plan } = this.loading.request
    const assignments = assignmentsOf(plan)
    this.assignments.push(...assignments)
    this.inOrder(plan, plainState, !namesPlan(this.loading.request))
  }

  private request(request: InputRequest, state: InputState): void {
    const { loading } = this
    switch (request.kind) {
      case 'file':
      case 'startup': {
        if (this.isReadEarly(request.name)) return
        const script = request.span.file
        const path = findScriptInput(loading, request.name, script, this.paths) ?? request.name
        const asNeeded = request.kind === 'file' && request.asNeeded
        this.file(path, { ...state, asNeeded: state.asNeeded || asNeeded }, inScript(request.span))
        return
      }
      case 'library':
        this.library(request.name, { ...state, asNeeded: state.asNeeded || request.asNeeded }, inScript(request.span))
        return
      case 'group':
        this.inGroup(() => {
          for (const member of request.members) this.request(member, state)
        })
        return
      case 'search-dir':
        return
    }
  }

  private library(name: string, state: InputState, place: Place): void {
    const tried: string[] = []
    const path = findLibrary(this.loading, name, state, this.paths, tried)
    if (path === undefined) this.loading.report.add(cannotFindLibrary({ name, tried: tried.join(', ') }), place)
    else this.file(path, state, place)
  }

  private file(path: string, state: InputState, place: Place): void {
    const { loading } = this
    const { report } = loading
    const known = this.archives.get(path)
    loading.loads.push({ kind: 'file', path })
    if (known !== undefined && !state.wholeArchive && state.format === 'elf') {
      this.search(known)
      return
    }
    const bytes = loading.host.read(path)
    if (isFailure(bytes)) {
      if (bytes.failure === 'directory') report.add(isDirectory({ path }), place)
      else {
        const detail = bytes.failure === 'missing' ? 'No such file or directory' : bytes.detail
        report.add(cannotFindFile({ path, detail }), place)
      }
      return
    }
    if (state.format === 'binary') {
      loadBinary(loading, path, bytes)
      return
    }
    switch (detectKind(bytes)) {
      case 'elf':
        this.elf(path, bytes, state, place)
        return
      case 'archive':
      case 'thin-archive': {
        const archive = openArchive(path, bytes, report, !state.wholeArchive)
        if (archive === undefined) return
        if (state.wholeArchive) {
          loadAllMembers(loading, archive)
          return
        }
        const open = prepareArchive(loading, archive)
        this.archives.set(path, open)
        this.search(open)
        return
      }
      case 'empty':
      case 'text':
        this.script(path, bytes, state)
        return
      case 'bitcode':
        report.add(unsupportedInput({ what: 'LLVM bitcode (compile without -flto)' }), inFile(path))
        return
      case 'unknown':
        report.add(unknownFormat({ found: firstBytes(bytes) }), inFile(path))
        return
    }
  }

  private search(open: OpenArchive): void {
    this.group?.push(open)
    searchArchive(this.loading, open)
  }

  private elf(path: string, bytes: Uint8Array, state: InputState, place: Place): void {
    const { loading } = this
    const source = addFile(loading, path, bytes)
    const header = readElfHeader(source.view, 0, bytes.length, inFile(path), loading.report)
    if (header === undefined) return
    if (header.type === ET_DYN && !state.justSymbols) {
      loadShared(loading, source, header, state.asNeeded, place)
      return
    }
    loadObject(loading, { source, name: path, start: 0, size: bytes.length }, state.justSymbols)
  }

  /** A text among the inputs is a linker script that adds to the layout: libc.so, libm.a of glibc. */
  private script(path: string, bytes: Uint8Array, state: InputState): void {
    const { loading } = this
    const compile = loading.request.compileImplicit
    if (compile === undefined) {
      loading.report.add(unknownFormat({ found: firstBytes(bytes) }), inFile(path))
      return
    }
    if (this.openScripts.includes(path)) {
      loading.report.add(inputScriptCycle({ chain: [...this.openScripts, path] }), inFile(path))
      return
    }
    const compiled = compile(path, bytes)
    if (compiled === undefined) {
      loading.report.add(readAsScript({ file: path }))
      return
    }
    const fragment = numberedBehind(loading.plan, compiled)
    loading.plan = mergeFragment(loading.plan, fragment, loading.report)
    const assignments = assignmentsOf(fragment)
    this.assignments.unshift(...assignments)
    for (const { name } of fragment.symbols.required) {
      const id = requireSymbol(loading, name)
      loading.symbols.flags[id]! |= SymbolFlag.Required
    }
    for (const request of fragment.inputs)
      if (request.kind === 'search-dir') this.paths.push(searchFolder(loading, request.path))
    this.openScripts.push(path)
    this.inOrder(fragment, state, false)
    this.openScripts.pop()
  }

  /** @param skipsOptions the assignments of options have been carried out */
  private inOrder(plan: LayoutPlan, state: InputState, skipsOptions: boolean): void {
    inScriptOrder(plan, {
      assign: statement => {
        if (!skipsOptions || statement.option !== true) this.early.enter(statement)
      },
      request: request => this.request(request, state),
      file: (name, span) => this.literalFile({ kind: 'file', name, asNeeded: false, span }),
    })
  }

  /** `main.o(.text)`: the file is read here, also one of the command line, and also when nothing else names it. */
  private literalFile(request: InputRequest & { readonly kind: 'file' }): void {
    const { name } = request
    if (this.namedFiles.has(name)) return
    this.namedFiles.add(name)
    const { loads, request: command } = this.loading
    if (loads.some(each => each.kind === 'file' && each.path === name)) return
    const given = givenFile(command.inputs, name)
    if (given !== undefined) this.file(name, given, inFile(name))
    else this.request(request, plainState)
    this.earlyFiles.add(name)
  }

  /** The file was read before its turn came. Archives of a group are searched all the same. */
  private isReadEarly(name: string): boolean {
    if (this.group !== undefined && this.archives.has(name)) return false
    return this.earlyFiles.size > 0 && this.earlyFiles.delete(name)
  }
}

const plainState: InputState = {
  wholeArchive: false,
  asNeeded: false,
  staticOnly: false,
  format: 'elf',
  justSymbols: false,
}

function firstBytes(bytes: Uint8Array): string {
  const hex = [...bytes.subarray(0, 4)].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
  return bytes.length === 0 ? 'the file is empty' : `it begins with bytes ${hex}`
}

/** --exclude-libs: what these archives define is not for others to see. */
function excludeLibraries(loading: Loading): void {
  const { symbols, files, request } = loading
  const named = new Set(request.excludeLibs)
  const isHidden = files.map(file => {
    if (file.archive === undefined) return false
    return named.has('ALL') || named.has(file.archive.slice(file.archive.lastIndexOf('/') + 1))
  })
  for (let id = 0; id < symbols.names.count; id++)
    if (symbols.state[id] === SymbolState.Defined && isHidden[symbols.file[id]!])
      symbols.flags[id]! |= SymbolFlag.ForcedLocal
}

/** What can be decided only when every file is known. */
function finish(
  loading: Loading,
  early: EarlyWalk,
  assignments: readonly AssignStatement[],
  required: readonly number[],
): Program {
  const { symbols, report } = loading
  settleAssignments(loading, assignments)
  early.walkAll(loading.plan)
  applyProvides(loading, assignments)
  hideNames(loading, assignments)
  defineLinkerSymbols(loading)
  allocateCommons(loading)
  if (loading.request.excludeLibs.length > 0) excludeLibraries(loading)
  for (const id of required) {
    const state = symbols.state[id]!
    if (state === SymbolState.Undefined || state === SymbolState.UndefinedWeak)
      report.add(requiredUndefined({ name: symbols.name(id) }), nowhere)
  }
  return {
    arch: loading.arch!,
    compute: loading.compute,
    files: loading.files,
    sections: loading.sections,
    sectionNames: loading.sectionNames,
    symbols,
    groups: loading.groups,
    plan: loading.plan,
    pulls: loading.pulls,
    loads: loading.loads,
    entrySymbol: entrySymbol(loading),
    shared: loading.shared,
    linkerSymbols: loading.linkerSymbols,
    provided: loading.provided,
    early: loading.early,
    mayBeRead: loading.mayBeRead,
    symbolWarnings: loading.symbolWarnings,
  }
}

export type { ArchLookup }
