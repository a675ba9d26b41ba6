/**
 * Loading without a disk: files by name, inputs in order, and short looks at the result.
 */
import type { Diagnostic } from '../../src/diag/diagnostic.ts'
import { Report } from '../../src/diag/report.ts'
import { loadInputs } from '../../src/engine/load/load-inputs.ts'
import { defaultInputState, defaultRequest } from '../../src/engine/records/default-request.ts'
import type { Program } from '../../src/engine/records/program.ts'
import type { CommandInput, InputState, LinkRequest } from '../../src/engine/records/request.ts'
import { SymbolState } from '../../src/engine/records/tables.ts'
import { MemoryHost } from '../../src/host.ts'
import { archForMachine } from '../../src/target/arch/index.ts'

export interface Loaded {
  readonly program: Program | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly report: Report
  readonly request: LinkRequest
}

/** An input of the command line; `-lx` is a library. */
export function input(name: string, state: Partial<InputState> = {}): CommandInput {
  const full = { ...defaultInputState, ...state }
  return name.startsWith('-l')
    ? { kind: 'library', name: name.slice(2), state: full }
    : { kind: 'file', path: name, state: full }
}

/** Loads all `files` in order, or `inputs` of them. */
export function load(
  files: Record<string, Uint8Array | string>,
  options: Partial<LinkRequest> = {},
  inputs: readonly CommandInput[] = Object.keys(files).map(name => input(name)),
): Loaded {
  const report = new Report()
  const request: LinkRequest = { ...defaultRequest, isStatic: true, ...options, inputs }
  const program = loadInputs(request, archForMachine, new MemoryHost(files), report)
  return { program, diagnostics: report.diagnostics, report, request }
}

/** 'code message' of each diagnostic. */
export function problems(loaded: Loaded): string[] {
  return loaded.diagnostics.map(each => `${each.code} ${each.message}`)
}

/** Labels of the files that take part, in order. */
export function files(loaded: Loaded): string[] {
  return loaded.program!.files.slice(1).map(file => (file.archive ? `${file.archive}(${file.name})` : file.name))
}

const stateNames = Object.entries(SymbolState)

/** 'Defined a.o .text+4', 'Undefined', ... or 'Unknown'. */
export function symbol(loaded: Loaded, name: string): string {
  const program = loaded.program!
  const { symbols, sections, sectionNames } = program
  const id = symbols.names.findText(name)
  if (id < 0) return 'Unknown'
  const state = stateNames.find(each => each[1] === symbols.state[id])![0]
  if (symbols.state[id] !== SymbolState.Defined) return state
  const file = program.files[symbols.file[id]!]!
  const section = symbols.section[id]!
  const place = section < 0 ? 'absolute' : sectionNames.text(sections.name[section]!)
  return `${state} ${file.name} ${place}+${symbols.value[id]}`
}
