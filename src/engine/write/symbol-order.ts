/**
 * The order and the look of .symtab that a layout may ask for (SymbolTablePlan), as columns over a finished selection.
 *
 * Locals and globals are ordered by the same rule, each among themselves: the symbols that the plan lists, then data by
 * age, then code by address. The age of a symbol is its place in the inputs: file by file, in the order of their tables.
 */
import { SHF_EXECINSTR, STB_GLOBAL, STB_WEAK, STT_FILE, STT_FUNC, STT_OBJECT } from '../../elf/constants.ts'
import type { BoundarySymbol, LayoutPlan, SymbolTablePlan } from '../../plan/plan.ts'
import { type Contents, type Layout, SymbolHome } from '../records/placement.ts'
import type { InputFile, Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'
import { hasContainers } from './container-symbols.ts'
import { type SymbolSelection, sectionOf } from './symbol-selection.ts'

/** The same symbols in the order that the plan asks for. */
export function orderedSymbols(
  selection: SymbolSelection,
  wishes: SymbolTablePlan,
  program: Program,
  contents: Contents,
  layout: Layout,
): SymbolSelection {
  const { localCount, globalCount, forcedLocalCount } = selection
  const isCode = layout.outputs.map(output => (output.flags & SHF_EXECINSTR) !== 0)
  const locals = orderLocals(selection, wishes, program, contents, layout, isCode)
  const forced = orderGlobals(selection.globals.subarray(0, forcedLocalCount), wishes, program, layout, isCode)
  const others = orderGlobals(
    selection.globals.subarray(forcedLocalCount, globalCount),
    wishes,
    program,
    layout,
    isCode,
  )
  const { memory } = program.compute
  const globals = memory.int32(globalCount)
  globals.set(forced)
  globals.set(others, forcedLocalCount)
  const localFiles = memory.int32(localCount)
  const localIndices = memory.int32(localCount)
  const localLengths = memory.uint32(localCount)
  for (let i = 0; i < localCount; i++) {
    localFiles[i] = selection.localFiles[locals[i]!]!
    localIndices[i] = selection.localIndices[locals[i]!]!
    localLengths[i] = selection.localLengths[locals[i]!]!
  }
  return { ...selection, localFiles, localIndices, localLengths, globals }
}

function orderLocals(
  selection: SymbolSelection,
  wishes: SymbolTablePlan,
  program: Program,
  contents: Contents,
  layout: Layout,
  isCode: readonly boolean[],
): Int32Array {
  const count = selection.localCount
  const address = new Float64Array(count)
  const code = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const file = program.files[selection.localFiles[i]!]!
    const index = selection.localIndices[i]!
    const section = sectionOf(file, index)
    if (section < 0) continue
    contents.move(file.firstSection + section, index < 0 ? 0 : symbolOffset(file, index))
    address[i] = layout.addressOf[contents.movedSection]! + contents.movedOffset
    code[i] = isCode[layout.outputOf[contents.movedSection]!] ? 1 : 0
  }
  if (wishes.codeFirst) return fileByFile(selection, program, code, address, wishes)
  return dataThenCode(count, code, address, i => i, wishes)
}

/** Locals of one file after the other, the name of the file in front. */
function fileByFile(
  selection: SymbolSelection,
  program: Program,
  code: Uint8Array,
  address: Float64Array,
  wishes: SymbolTablePlan,
): Int32Array {
  const { localFiles, localIndices, localCount } = selection
  const result = new Int32Array(localCount)
  let start = 0
  for (let end = 0; end < localCount; start = end) {
    const fileId = localFiles[start]!
    const file = program.files[fileId]!
    const names: number[] = []
    const others: number[] = []
    for (; end < localCount && localFiles[end] === fileId; end++)
      (localIndices[end]! > 0 && symbolType(file, localIndices[end]!) === STT_FILE ? names : others).push(end)
    result.set(names, start)
    const order = dataThenCode(
      others.length,
      Uint8Array.from(others, i => code[i]!),
      Float64Array.from(others, i => address[i]!),
      i => i,
      wishes,
    )
    for (let i = 0; i < order.length; i++) result[start + names.length + i] = others[order[i]!]!
  }
  return result
}

function symbolType(file: InputFile, index: number): number {
  const wide = file.bits === 64
  return file.view.getUint8(file.symbolTable.offset + index * (wide ? 24 : 16) + (wide ? 4 : 12)) & 15
}

function symbolOffset(file: InputFile, index: number): number {
  const at = file.symbolTable.offset + index * (file.bits === 64 ? 24 : 16)
  return file.view.getUint32(file.bits === 64 ? at + (file.littleEndian ? 8 : 12) : at + 4, file.littleEndian)
}

function orderGlobals(
  ids: Int32Array,
  wishes: SymbolTablePlan,
  program: Program,
  layout: Layout,
  isCode: readonly boolean[],
): Int32Array {
  const { symbols } = program
  const listed: number[] = []
  const isListed = new Set<number>()
  const present = new Set(ids)
  for (const name of wishes.first ?? []) {
    const id = symbols.names.findText(name)
    if (id < 0 || !present.has(id) || isListed.has(id)) continue
    listed.push(id)
    isListed.add(id)
  }
  const rest = ids.filter(id => !isListed.has(id))
  const address = new Float64Array(rest.length)
  const code = new Uint8Array(rest.length)
  for (let i = 0; i < rest.length; i++) {
    const home = layout.symbolHome[rest[i]!]!
    address[i] = layout.symbolValue[rest[i]!]!
    code[i] = home >= 0 && isCode[home] ? 1 : 0
  }
  const oldest = new Map((wishes.oldest ?? []).map((name, i) => [symbols.names.findText(name), -1 - i]))
  // symbols of scripts and options have no file: they count as the youngest
  const age = (i: number): number => {
    const id = rest[i]!
    const asked = oldest.get(id)
    if (asked !== undefined) return asked
    const file = symbols.file[id]!
    return file < 0 ? Number.MAX_SAFE_INTEGER : file * 2 ** 32 + symbols.index[id]!
  }
  const order = dataThenCode(rest.length, code, address, age, wishes)
  const result = new Int32Array(ids.length)
  result.set(listed)
  for (let i = 0; i < order.length; i++) result[listed.length + i] = rest[order[i]!]!
  return result
}

/** Positions 0 .. count-1: data by age, then code. */
function dataThenCode(
  count: number,
  code: Uint8Array,
  address: Float64Array,
  age: (position: number) => number,
  wishes: SymbolTablePlan,
): Int32Array {
  const data: number[] = []
  const functions: number[] = []
  for (let i = 0; i < count; i++) (code[i] === 1 ? functions : data).push(i)
  const sign = wishes.data === 'newest' ? -1 : 1
  data.sort((a, b) => sign * (age(a) - age(b)) || a - b)
  functions.sort((a, b) => (wishes.codeByAddress ? address[a]! - address[b]! : age(a) - age(b)) || a - b)
  return Int32Array.from(wishes.codeFirst ? [...functions, ...data] : [...data, ...functions])
}

/** What SymbolTablePlan and @boundary change about single symbols when they are written. */
export class SymbolLook {
  private readonly boundaries = new Map<number, BoundarySymbol>()
  private readonly isCode: readonly boolean[]
  private readonly wishes: SymbolTablePlan
  private readonly layout: Layout
  private readonly program: Program
  /** the last answer of `hidesLocals` */
  private hiding: { readonly file: number; readonly isHidden: boolean } | undefined

  constructor(program: Program, layout: Layout) {
    this.layout = layout
    this.program = program
    this.wishes = program.plan.file?.symbolTable ?? {}
    this.isCode = layout.outputs.map(output => (output.flags & SHF_EXECINSTR) !== 0)
    for (const [name, boundary] of boundariesOf(program.plan)) {
      const id = program.symbols.names.findText(name)
      if (id >= 0 && program.symbols.state[id] === SymbolState.Script) this.boundaries.set(id, boundary)
    }
  }

  /** Are the locals of this file shown as STV_HIDDEN? */
  hidesLocals(file: InputFile): boolean {
    if (this.wishes.containersUnless === undefined) return false
    if (this.hiding?.file !== file.id) this.hiding = { file: file.id, isHidden: hasContainers(this.program, file) }
    return this.hiding.isHidden
  }

  /** st_type of a symbol in output section `home` whose input says `type`. */
  type(type: number, home: number): number {
    if (!this.wishes.plainTypes) return type
    return home >= 0 && this.isCode[home] ? STT_FUNC : STT_OBJECT
  }

  binding(binding: number): number {
    return this.wishes.weakAsGlobal && binding === STB_WEAK ? STB_GLOBAL : binding
  }

  /** Symbols that `boundary` knows. */
  boundaryIds(): Iterable<number> {
    return this.boundaries.keys()
  }

  /** st_type and st_size of a boundary symbol; undefined for all others. */
  boundary(id: number): { readonly type: number; readonly size: number } | undefined {
    const boundary = this.boundaries.get(id)
    if (boundary === undefined) return undefined
    const home = this.layout.symbolHome[id]!
    const isHome = home !== SymbolHome.Absolute && home !== SymbolHome.Undefined
    return { type: boundary.type, size: boundary.whole && isHome ? this.layout.outputs[home]!.size : 0 }
  }
}

/** Symbols of the script, and of the linker itself, that .symtab does not show, by id. */
export function unlistedSymbols(program: Program): ReadonlySet<number> {
  const ids = new Set<number>()
  const { symbols } = program
  for (const [name, boundary] of boundariesOf(program.plan)) {
    const id = boundary.unlisted ? symbols.names.findText(name) : -1
    if (id >= 0 && symbols.state[id] === SymbolState.Script) ids.add(id)
  }
  // `_GLOBAL_OFFSET_TABLE_` and its like come from no object.
  if (program.plan.file?.symbolTable?.withoutImports)
    for (const { symbol, kind } of program.linkerSymbols) if (kind !== 'start' && kind !== 'stop') ids.add(symbol)
  return ids
}

function* boundariesOf(plan: LayoutPlan): Iterable<readonly [string, BoundarySymbol]> {
  for (const statement of plan.statements) {
    if (statement.kind === 'assign' && statement.boundary !== undefined) yield [statement.symbol, statement.boundary]
    if (statement.kind !== 'output-section') continue
    for (const item of statement.items)
      if (item.kind === 'assign' && item.boundary !== undefined) yield [item.symbol, item.boundary]
  }
}
