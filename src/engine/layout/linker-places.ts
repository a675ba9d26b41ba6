/**
 * Where the symbols stand that only the linker can define: frames of sections, the GOT, .dynamic.
 */
import { gotStartWords } from '../records/got-start.ts'
import type { LinkerSymbol } from '../records/program.ts'
import { Content } from './content-flags.ts'
import type { LayoutState, OutputState } from './state.ts'

export interface LinkerPlace {
  readonly number: bigint
  /** output section that the number is relative to; undefined: a plain number */
  readonly section: OutputState | undefined
}

/** Place of a linker symbol by the sizes of the last pass; undefined while its section does not exist. Not for 'ehdr'. */
export function linkerSymbolPlace(state: LayoutState, symbol: LinkerSymbol): LinkerPlace | undefined {
  const named = symbol.section === undefined ? undefined : framedOutput(state, symbol.section)
  const at = (section: OutputState | undefined, offset: number): LinkerPlace | undefined =>
    section?.created ? { number: BigInt(offset), section } : undefined
  switch (symbol.kind) {
    case 'start':
    case 'startof':
      return at(named, 0)
    case 'stop':
      return at(named, named?.size ?? 0)
    case 'sizeof':
      return named === undefined ? undefined : { number: BigInt(named.size), section: undefined }
    case 'got': {
      const base = state.program.plan.dynamic?.gotBase
      const output = base === undefined ? undefined : state.findOutput(base)
      if (output?.created && !output.removed) return at(output, 0)
      return hasContents(state, '.got.plt', '.got') ? at(...gotStart(state)) : undefined
    }
    case 'dynamic':
      return at(linkerOutput(state, '.dynamic'), linkerOffset(state, '.dynamic'))
    case 'plt':
      return at(linkerOutput(state, '.plt'), linkerOffset(state, '.plt'))
    case 'tls-module-base':
      return at(...threadModuleBase(state))
    case 'ehdr':
      return undefined
  }
}

/**
 * What offsets in the thread-local block of this module count from. In a program where local-dynamic code became local-exec
 * they count from the thread pointer, so that the symbol stands there.
 */
function threadModuleBase(state: LayoutState): [section: OutputState | undefined, offset: number] {
  const { arch } = state.program
  const all = state.outputs.filter(output => !output.removed && (output.content & Content.ThreadLocal) !== 0)
  const first = all[0]
  const isRelaxed = state.request.kind !== 'shared' && arch.relaxation?.relaxesLocalDynamic === true
  if (first === undefined || !isRelaxed) return [first, 0]
  const align = Math.max(...all.map(output => output.align))
  if (arch.threadPointer.at === 'start') return [first, -Math.ceil(arch.threadPointer.gap / align) * align]
  const start = Number(BigInt.asIntN(64, first.vma))
  const end = Math.max(...all.map(output => Number(BigInt.asIntN(64, output.vma)) + output.size))
  return [first, Math.ceil(end / align) * align - start]
}

/** Where relocations count the GOT from, and its offset there. */
function gotStart(state: LayoutState): [section: OutputState | undefined, offset: number] {
  const isGotFirst = gotStartWords(state.program) > 0
  const [first, second] = isGotFirst ? ['.got', '.got.plt'] : ['.got.plt', '.got']
  return [linkerOutput(state, first) ?? linkerOutput(state, second), linkerOffset(state, first, second)]
}

/** Output section that holds an input section of the name: the frame is that of the output section. */
function framedOutput(state: LayoutState, name: string): OutputState | undefined {
  const own = state.findOutput(name)
  if (own?.created) return own
  const { sections, sectionNames } = state.program
  const id = sectionNames.findText(name)
  for (let section = 0; section < sections.count; section++)
    if (sections.name[section] === id && state.placement.outputOf[section]! >= 0)
      return state.outputs[state.placement.outputOf[section]!]
  return undefined
}

function linkerSection(state: LayoutState, name: string): number {
  const { files, sections, sectionNames } = state.program
  const id = sectionNames.findText(name)
  const linker = files.find(file => file.kind === 'linker')
  if (linker === undefined) return -1
  for (let section = linker.firstSection; section < linker.firstSection + linker.sectionCount; section++)
    if (sections.name[section] === id && state.placement.outputOf[section]! >= 0) return section
  return -1
}

/** Is one of the linker's sections of these names not empty? Without a GOT there is no symbol for its start. */
function hasContents(state: LayoutState, ...names: string[]): boolean {
  return names.some(name => {
    const section = linkerSection(state, name)
    return section >= 0 && state.contents.size[section]! > 0
  })
}

/** Output section that holds the linker's own section of that name. */
function linkerOutput(state: LayoutState, name: string): OutputState | undefined {
  const section = linkerSection(state, name)
  return section < 0 ? undefined : state.outputs[state.placement.outputOf[section]!]
}

function linkerOffset(state: LayoutState, ...names: string[]): number {
  for (const name of names) {
    const section = linkerSection(state, name)
    if (section >= 0) return state.offsetOf[section]!
  }
  return 0
}
