/**
 * The pipeline: from a plan and a request to the bytes of an output file.
 *
 * Every stage is a function from earlier results to one new record. Stages report mistakes and go on; the pipeline stops
 * between stages when something was reported. The order is forced by what depends on what:
 * KEEP needs the script's claims, so matching comes before garbage collection; the sizes of merged strings, .eh_frame and
 * .got need to know what lives; addresses need all sizes; relocation needs all addresses.
 */

import { outputTooLarge } from '../diag/catalogue/layout.ts'
import { notSupported } from '../diag/catalogue/output.ts'
import { Report } from '../diag/report.ts'
import { SHT_STRTAB } from '../elf/constants.ts'
import type { Host } from '../host.ts'
import { type Compute, plainCompute } from '../kernels/compute.ts'
import { encodeOutput } from '../output/index.ts'
import { archForMachine } from '../target/arch/index.ts'
import { makeContents } from './contents/contents.ts'
import { bindSymbols } from './dynamic/bind.ts'
import { checkSharedReferences } from './dynamic/check-shared.ts'
import { declareDynamic } from './dynamic/declare.ts'
import { LoaderRelocations } from './dynamic/loader-relocations.ts'
import { type DynamicTables, selectDynamic } from './dynamic/select.ts'
import { writeDynamic } from './dynamic/write.ts'
import { fitRegions } from './layout/fit-regions.ts'
import { solveLayout } from './layout/fixpoint.ts'
import { loadInputs } from './load/load-inputs.ts'
import { separateImports } from './load/separate-imports.ts'
import { matchSections } from './match/match-sections.ts'
import { orderLinked } from './place/link-order.ts'
import { placeSections } from './place/place-sections.ts'
import type { Needs } from './records/needs.ts'
import type { Contents, Layout, Live, Matches, Placement } from './records/placement.ts'
import type { Program } from './records/program.ts'
import type { LinkRequest } from './records/request.ts'
import { checkCrossReferences } from './references/check-cross-references.ts'
import { collectGarbage } from './references/collect-garbage.ts'
import { reportUndefined } from './references/report-undefined.ts'
import { linkRelocatable } from './relocatable/link-relocatable.ts'
import { applyRelocations } from './relocate/apply.ts'
import { emitRelocations } from './relocate/emit-relocations.ts'
import type { LoaderWork } from './relocate/loader-words.ts'
import { scanRelocations } from './relocate/scan-relocations.ts'
import { shortenSections } from './relocate/shorten.ts'
import { UsualRows } from './relocate/usual-rows.ts'
import { addVeneers } from './relocate/veneers.ts'
import { joinAttributes } from './synthetic/attributes.ts'
import { declareSynthetics } from './synthetic/declare.ts'
import { declareRelocationTables } from './synthetic/relocation-tables.ts'
import { writeSynthetics } from './synthetic/write.ts'
import { fillBuildId } from './write/build-id.ts'
import { compressDebugSections } from './write/compress-debug.ts'
import { headerFacts } from './write/elf-header.ts'
import { type FileTables, planFileTables, writeFileTables } from './write/file-tables.ts'
import { declareNames, sizeNames } from './write/loaded-names.ts'
import { stubMarks, withMadeSymbols } from './write/made-symbols.ts'
import { outputFormat } from './write/output-format.ts'
import { selectSymbols, symbolTableRoom } from './write/select-symbols.ts'
import { beginSymbols } from './write/symbol-table.ts'
import { beginContents, copiedBytes, writeSections } from './write/write-sections.ts'

/** The records that reports are made from. */
export interface LinkRecords {
  readonly program: Program
  readonly matches: Matches
  readonly live: Live
  readonly contents?: Contents
  readonly placement?: Placement
  readonly layout?: Layout
  readonly tables?: FileTables
}

/** What a link gives. */
export interface LinkResult extends LinkRecords {
  readonly bytes: Uint8Array
}

/** Milliseconds per stage, in order; filled when given. */
export type Timings = { stage: string; milliseconds: number }[]

/**
 * Links. Undefined after an error; every mistake is in `report`.
 *
 * @example
 * const report = new Report()
 * const result = link({ ...defaultRequest, inputs, plan }, new MemoryHost(files), report)
 * if (result !== undefined) write(result.bytes)
 *
 * @param whenPlaced told the records as soon as there are addresses, also when the link fails for what they are: a map
 * of a layout that does not fit its regions is what shows why
 */
export function link(
  request: LinkRequest,
  host: Host,
  report: Report,
  timings?: Timings,
  whenPlaced?: (records: LinkRecords) => void,
): LinkResult | undefined {
  const stage = <Result>(name: string, run: () => Result): Result => {
    if (timings === undefined) return run()
    const start = performance.now()
    const result = run()
    timings.push({ stage: name, milliseconds: performance.now() - start })
    return result
  }

  // Everything named by the command line and the script. Archive members are pulled as names are resolved,
  // so afterwards no file and no name is added: one definition per name.
  const loaded = stage('load and resolve', () => loadInputs(request, archForMachine, host, report))
  if (loaded === undefined || report.failed) return undefined
  separateImports(loaded)
  const arch = loaded.arch.variants?.[request.variant ?? ''] ?? loaded.arch
  const program: Program = { ...loaded, arch, attributes: joinAttributes(loaded, request, report), made: {} }
  const format = outputFormat(program, request, report)
  if (format === undefined || report.failed) return undefined

  // Sections that the linker makes take part in matching like any other; most of them will stay empty and vanish.
  stage('declare linker sections', () => {
    declareSynthetics(program, request, report)
    declareNames(program)
  })
  const dynamicSections = declareDynamic(program, request)
  if (dynamicSections !== undefined && program.arch.staticOnly)
    report.add(notSupported({ what: `dynamic linking for ${program.arch.id}` }))
  const versions = stage('bind symbols', () => bindSymbols(program, request, report))

  if (dynamicSections === undefined && request.kind === 'exec') {
    const silent = new Report()
    const findLive = () => collectGarbage(program, matchSections(program, request, silent), request, silent)
    declareRelocationTables(program, request.gcSections ? findLive : undefined)
  }

  // Who claims what. First rule of the plan wins.
  const matches = stage('match sections', () => matchSections(program, request, report))
  const live = stage('collect garbage', () => collectGarbage(program, matches, request, report))
  stage('check references', () => {
    reportUndefined(program, live, request, report)
    checkSharedReferences(program, request, host, report)
  })

  if (request.kind === 'relocatable' && request.compressDebug === 'zlib')
    report.add(notSupported({ what: '--compress-debug-sections together with -r' }))
  if (request.kind === 'relocatable' && format === 'binary')
    report.add(notSupported({ what: 'the output format binary together with -r' }))
  if (request.kind === 'relocatable') {
    if (report.failed) return undefined
    const bytes = stage('write relocatable', () => linkRelocatable(program, matches, live, request, report))
    return bytes === undefined || report.failed ? undefined : { bytes, program, matches, live }
  }

  // Merged strings and .eh_frame shrink; relocations say what .got and .plt must hold. Then all sizes are known.
  // Another thread prepares the image, copies in front of relocation and writes to disk behind it, unless the image is to
  // change its form.
  const helper = request.compressDebug === 'zlib' ? undefined : host.helper
  const contents = stage('merge contents', () => makeContents(program, matches, live, request, report))
  const needs = stage('scan relocations', () =>
    scanRelocations(program, live, contents, request, dynamicSections, report),
  )
  // While this thread finds places and addresses the other one has nothing else to do.
  const room = helper?.prepareImage(copiedBytes(program, contents), symbolTableRoom(program))
  sizeNames(program, contents, request, undefined)
  // What the loader will see: imports, exports and their versions.
  const dynamic =
    dynamicSections === undefined
      ? undefined
      : stage('select dynamic symbols', () =>
          selectDynamic(program, live, dynamicSections, versions, needs, contents, request),
        )
  const placed = stage('place sections', () => {
    const spread = placeSections(program, matches, live, contents, request, report)
    return request.nonContiguousRegions && !report.failed ? fitRegions(program, spread, contents, request) : spread
  })
  if (report.failed) return undefined
  contents.functionTables.edit(contents, live, placed, request.mergesFunctionTables ?? true)

  // Addresses depend on sizes, and expressions on both: repeat until nothing moves.
  const work = loaderWork(program, needs, dynamic, request)
  // Columns of a layout that is tried go when the next is: memory for kernels is never given back.
  const trial = { ...program, compute: plainCompute }
  stage('shorten code', () =>
    shortenSections(
      program,
      live,
      contents,
      needs,
      request,
      work,
      () => solveLayout(trial, placed, contents, request, new Report()),
      report,
    ),
  )
  const bridged = stage('add veneers', () =>
    addVeneers(program, live, contents, needs, work, placed, request.errata ?? [], each =>
      solveLayout(trial, each, contents, request, new Report()),
    ),
  )
  const placement = bridged?.placement ?? placed
  const solved = stage('assign addresses', () => {
    const found = solveLayout(program, placement, contents, request, report)
    return found === undefined ? undefined : orderLinked(program, contents, found, report)
  })
  if (solved !== undefined) whenPlaced?.({ program, matches, live, contents, placement, layout: solved })
  if (solved === undefined || report.failed) return undefined

  checkCrossReferences(program, live, solved, report)

  // Every address is final from here on. File offsets are, too, where nothing asks for others.
  const isUsual = program.plan.file === undefined && !request.emitRelocations
  const begun =
    room === undefined || !isUsual || solved.fileEnd > room.length
      ? undefined
      : stage('begin contents', () => {
          const inputs = { program, live, contents, needs, layout: solved, image: room }
          const usual = new UsualRows(inputs, work, bridged === undefined)
          return beginContents(room, program, contents, solved, usual)
        })
  const selected = stage('select symbols', () => {
    // A plan that says what .symtab shows has no place for marks.
    const isPlanned = program.plan.file?.symbolTable !== undefined
    const marks = isPlanned ? [] : stubMarks(needs.dynamic, dynamicSections?.stubs ?? -1)
    const made = [...marks, ...(bridged?.veneers.symbols() ?? [])]
    return withMadeSymbols(selectSymbols(program, live, contents, solved, request), made, solved)
  })
  const { layout: whole, selection } =
    request.emitRelocations && selected !== undefined
      ? stage('emit relocations', () => emitRelocations(program, contents, solved, selected, report))
      : { layout: solved, selection: selected }
  const planned = planFileTables(whole, selection, program.arch, program.plan.file, report)
  if (report.failed) return undefined
  const empty = emptyImage(planned.size, room, program.compute)
  if (empty === undefined) {
    report.add(outputTooLarge({ bytes: planned.size }))
    return undefined
  }
  const plain = { image: empty, tables: planned }
  const symbols = stage('begin symbols', () => {
    const { symbols: place, layout, headerIndex } = planned
    if (selection === undefined || place === undefined) return undefined
    return beginSymbols(plain.image, place, selection, program, contents, layout, headerIndex)
  })
  const progress = stage('write sections', () =>
    writeSections(
      plain.image,
      program,
      contents,
      planned.layout,
      begun,
      helper,
      unsettledParts(planned, request, bridged !== undefined, work),
    ),
  )
  stage('write symbols', () => symbols?.finish())
  stage('apply relocations', () => {
    const { layout } = planned
    const { veneers } = bridged ?? {}
    applyRelocations(program, live, contents, needs, layout, work, plain.image, report, progress, veneers)
    veneers?.write(plain.image, layout, report)
    writeSynthetics(program, contents, needs, layout, request, work, plain.image, report)
    // Last: it writes the relocations that the others left to the loader.
    if (work !== undefined) writeDynamic(plain.image, program, needs, work, layout, request, planned, contents, report)
  })
  if (report.failed) return undefined
  // Only now the bytes of the debug sections are known, and with them their size when compressed.
  const { image, tables } =
    request.compressDebug === 'zlib'
      ? stage('compress debug sections', () =>
          compressDebugSections(plain, selection, program.arch, program.plan.file, host, report),
        )
      : plain
  const { layout } = tables
  stage('write tables', () => {
    writeFileTables(image, tables, layout, program.arch, headerFacts(program, layout, request))
  })
  // The build id covers every other byte of the file.
  stage('build id', () => fillBuildId(image, layout, request, host, report))
  const bytes = stage('encode', () => encodeOutput(image, layout, format, report))
  return bytes === undefined || report.failed
    ? undefined
    : { bytes, program, matches, live, contents, placement, layout, tables }
}

/** In the memory made ready for it, if that is large enough. Undefined: there is no memory of that size. */
function emptyImage(size: number, room: Uint8Array | undefined, compute: Compute): Uint8Array | undefined {
  try {
    return room !== undefined && room.length >= size ? room.subarray(0, size) : compute.memory.uint8(size)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Pairs of offsets: parts of the file that may change after the usual relocations, besides sections that are not copied.
 * That is all of it unless the file has the usual form.
 */
function unsettledParts(
  { layout, symbols, headers, size }: FileTables,
  request: LinkRequest,
  hasVeneers: boolean,
  work?: LoaderWork,
): number[] {
  if (symbols === undefined || layout.outputs.length === 0) return [0, size]
  const isUsual = work === undefined && !hasVeneers && !request.emitRelocations && request.plan.file === undefined
  if (!isUsual) return [0, size]
  const first = Math.min(...layout.outputs.map(output => output.fileOffset))
  const strings = headers.find(each => each.offset === symbols.strings && each.type === SHT_STRTAB)
  return [0, first, layout.fileEnd, symbols.symbols, symbols.strings + (strings?.size ?? 0), size]
}

/** What relocating leaves to the loader is collected here. */
function loaderWork(
  program: Program,
  needs: Needs,
  tables: DynamicTables | undefined,
  request: LinkRequest,
): LoaderWork | undefined {
  if (tables === undefined || needs.dynamic === undefined) return undefined
  const room = needs.dynamic.relocations + needs.dynamic.copies.length
  const rows = new LoaderRelocations(program.arch, room)
  return { needs: needs.dynamic, tables, rows, isFixed: request.kind === 'exec', isProgram: request.kind !== 'shared' }
}
