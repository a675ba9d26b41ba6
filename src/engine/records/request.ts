import type { LayoutPlan, VersionPattern } from '../../plan/plan.ts'

/** What the command line (or the library's caller) asks for, beyond the plan. Option names in comments are GNU ld's. */
export interface LinkRequest {
  /** -o; used for messages only, the engine returns bytes */
  readonly output: string
  /** -r, -shared, -pie; default exec */
  readonly kind: 'exec' | 'pie' | 'shared' | 'relocatable'
  /** -static, -Bstatic before any input, --no-dynamic-linker */
  readonly isStatic: boolean
  readonly noDynamicLinker: boolean
  /** inputs in command-line order, positional state resolved */
  readonly inputs: readonly CommandInput[]
  /** -L and SEARCH_DIR of the command line, in order; '=' prefixes already replaced by the sysroot */
  readonly searchPaths: readonly string[]
  readonly sysroot: string
  /** -m emulation name, e.g. elf_x86_64 */
  readonly emulation?: string
  /** --oformat */
  readonly outputFormat?: string
  /** -e: symbol or number */
  readonly entry?: string
  /** -u, --require-defined */
  readonly undefinedSymbols: readonly string[]
  readonly requireDefined: readonly string[]
  /** --wrap */
  readonly wrap: readonly string[]
  /** --section-start, -Ttext, -Tdata, -Tbss: section name -> address */
  readonly sectionStarts: ReadonlyMap<string, bigint>
  /** -Ttext-segment, -Trodata-segment, -Tldata-segment: SEGMENT_START name -> address */
  readonly segmentStarts: ReadonlyMap<string, bigint>
  /** --image-base; undefined: the layout's */
  readonly imageBase?: bigint
  /** -z max-page-size, -z common-page-size; undefined: the architecture's */
  readonly maxPageSize?: number
  readonly commonPageSize?: number
  readonly gcSections: boolean
  readonly gcKeepExported: boolean
  readonly printGcSections: boolean
  /** --start-stop-gc */
  readonly startStopGc: boolean
  /** -d, -dc, -dp */
  readonly defineCommon: boolean
  readonly sortCommon?: 'ascending' | 'descending'
  readonly sortSection?: 'name' | 'alignment'
  readonly orphanHandling: 'place' | 'warn' | 'error' | 'discard'
  readonly uniqueSections: readonly string[]
  readonly unresolved: 'error' | 'warn' | 'ignore'
  readonly allowMultipleDefinition: boolean
  readonly noCheckSections: boolean
  readonly warnCommon: boolean
  readonly strip: 'none' | 'debug' | 'all'
  /** -x: all locals; -X: .L locals; none */
  readonly discardLocals: 'none' | 'temporary' | 'all'
  /** --discard-none: temporary labels stay also where the architecture drops them */
  readonly keepTemporaryLabels?: boolean
  readonly emitRelocations: boolean
  readonly relax: boolean
  readonly buildId?:
    | { readonly kind: 'sha1' | 'md5' | 'uuid' | 'fast' | 'sha256' }
    | { readonly kind: 'hex'; readonly bytes: Uint8Array }
  readonly ehFrameHdr: boolean
  /** --hash-style; undefined: the layout's, else gnu */
  readonly hashStyle?: 'sysv' | 'gnu' | 'both'
  readonly dynamicLinker?: string
  readonly soname?: string
  readonly rpath: readonly string[]
  /** -rpath-link: where to look for what shared objects need */
  readonly rpathLink?: readonly string[]
  /** --allow-shlib-undefined */
  readonly allowSharedUndefined?: boolean
  readonly newDtags: boolean
  readonly exportDynamic: boolean
  readonly exportSymbols: readonly string[]
  /** patterns of --dynamic-list that are more than a name or a wildcard: of C++, or taken literally */
  readonly exportPatterns?: readonly VersionPattern[]
  /** --dynamic-list: in a shared object only the listed symbols may be replaced by those of other objects */
  readonly listedOnly?: boolean
  readonly symbolic: 'none' | 'functions' | 'all'
  /** -z words that change the output: relro now noexecstack execstack separate-code nocopyreloc text defs nodelete origin ... */
  readonly z: ReadonlySet<string>
  /** -z stack-size */
  readonly stackSize?: number
  /** -N, -n */
  readonly magic: 'normal' | 'omagic' | 'nmagic'
  /** key of Arch.variants (--target2); absent: none is asked for */
  readonly variant?: string
  /** --no-merge-exidx-entries: false; absent: true */
  readonly mergesFunctionTables?: boolean
  /** --fix-...: names of ErratumShape */
  readonly errata?: readonly string[]
  /** --no-enum-size-warning, --no-wchar-size-warning: topics of AttributeProblem that are not warned about */
  readonly silentTopics?: readonly string[]
  readonly compressDebug: 'none' | 'zlib' | 'zstd'
  readonly nonContiguousRegions: boolean
  /** --enable-non-contiguous-regions-warnings */
  readonly nonContiguousWarnings?: boolean
  readonly enableLinkerVersion: boolean
  readonly noWarnMismatch: boolean
  readonly noWarnRwxSegments: boolean
  readonly traceSymbols: readonly string[]
  /** -t, --trace: names of the files as they are used */
  readonly trace: boolean
  readonly excludeLibs: readonly string[]
  readonly plan: LayoutPlan
  /** turns an input that is a script into a plan fragment; undefined after an error, which it has reported */
  readonly compileImplicit?: (name: string, bytes: Uint8Array) => LayoutPlan | undefined
}

export type CommandInput =
  | { readonly kind: 'file'; readonly path: string; readonly state: InputState }
  /** -lNAME; `:file` for -l:file */
  | { readonly kind: 'library'; readonly name: string; readonly state: InputState }
  | { readonly kind: 'group'; readonly members: readonly CommandInput[] }
  /** the place of a -T script or an input-file script among the inputs: its INPUT and GROUP go here */
  | { readonly kind: 'plan-inputs' }

/** Positional options in force at an input. */
export interface InputState {
  readonly wholeArchive: boolean
  readonly asNeeded: boolean
  /** -Bstatic: search libNAME.a only */
  readonly staticOnly: boolean
  /** -b / --format: 'elf' (default) or 'binary' */
  readonly format: 'elf' | 'binary'
  /** -R / --just-symbols */
  readonly justSymbols: boolean
}
