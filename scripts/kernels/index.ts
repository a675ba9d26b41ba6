/** The kernel compiler: from the functions that a file exports to one WebAssembly module. src/kernels/README.md says what it takes. */
import { resolve } from 'node:path'
import type {
  CompiledKernels,
  KernelSignature,
  KernelSignatures,
  ParameterKind,
  RecordField,
  RecordLayout,
} from '../../src/kernels/signatures.ts'
import { Checks } from './checks.ts'
import { ModuleNeeded } from './constants.ts'
import { isScalar, type Kind, type RecordKind } from './kinds.ts'
import { moduleBytes } from './module.ts'
import { type Pending, Program } from './program.ts'
import { translateBody } from './statements.ts'
import { Refusal } from './syntax.ts'
import type { Routine } from './tree.ts'

export { KernelErrors } from './syntax.ts'

export interface CompilerOutput extends CompiledKernels {
  /** bytes of code of every function that was not written out in its callers, by name */
  readonly codeSizes: ReadonlyMap<string, number>
}

/**
 * @param checks notes what nothing checks in the module
 * @throws {KernelErrors} with all that is not allowed
 */
export async function compileKernels(entry = 'src/kernels/all.ts', checks = new Checks()): Promise<CompilerOutput> {
  const program = new Program(checks)
  const kernels = new Map<string, Routine>()
  const place = { loc: null }
  try {
    const module = program.modules.load(resolve(entry), place)
    for (const name of program.modules.exportedNames(module, place)) {
      const meaning = program.modules.resolveExport(module, name, place)
      if (meaning?.form === 'function') kernels.set(name, program.routine(meaning))
      else if (meaning === undefined) program.errors.add(module.shown, place, `${name} is exported but not found`)
    }
    for (const [name, { result }] of kernels)
      if (typeof result !== 'string')
        program.errors.add(module.shown, place, `${name} returns an array, which only functions within kernels can`)
  } catch (error) {
    program.errors.take(entry, error)
  }
  for (let next = program.pending.pop(); next !== undefined; next = program.pending.pop())
    await translate(program, next)
  program.errors.finish()
  const { bytes, sizes } = moduleBytes(kernels)
  const codeSizes = new Map([...sizes].map(([routine, size]) => [routine.name, size]))
  return { bytes, signatures: signaturesOf(kernels, program.records), codeSizes }
}

/** Translates a function; again from the start when it needs the exports of a module that had not been run. */
async function translate(program: Program, pending: Pending): Promise<void> {
  while (true)
    try {
      return translateBody(program, pending)
    } catch (error) {
      if (!(error instanceof ModuleNeeded)) throw error
      try {
        await program.constants.run(error.path)
      } catch (reason) {
        const message = `${error.path} cannot be run for its constants: ${(reason as Error).message}`
        return program.errors.take(pending.module.shown, new Refusal(pending.node, message))
      }
    }
}

function signaturesOf(kernels: ReadonlyMap<string, Routine>, records: readonly RecordKind[]): KernelSignatures {
  const used = new Set<string>()
  const parameter = (kind: Kind): ParameterKind => {
    if (typeof kind === 'string') return kind === 'void' ? 'i32' : kind
    if (kind.form !== 'record') return kind.form
    used.add(kind.name)
    return { record: kind.name }
  }
  const signatures = [...kernels].map(([name, routine]): [string, KernelSignature] => [
    name,
    {
      parameters: routine.parameters.map(({ kind }) => parameter(kind)),
      result: routine.result === 'void' || isScalar(routine.result) ? routine.result : 'i32',
    },
  ])
  const layouts = records
    .filter(record => used.has(record.name))
    .map((record): [string, RecordLayout] => {
      const fields = [...record.fields.values()].map(
        ({ name, offset, kind }): RecordField => ({ name, offset, kind: isScalar(kind) ? kind : kind.form }),
      )
      return [record.name, { size: record.size, fields }]
    })
  return { kernels: Object.fromEntries(signatures), records: Object.fromEntries(layouts) }
}
