/** The WebAssembly module: sections around the functions' bytes. */
import { type Functions, functionBytes } from './emit.ts'
import { Inlining } from './inlining.ts'
import { unsigned } from './instructions.ts'
import { carrier } from './kinds.ts'
import type { Routine } from './tree.ts'

export interface ModuleCode {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** bytes of each function that has code of its own */
  readonly sizes: ReadonlyMap<Routine, number>
}

/** @param kernels by the name they are exported with */
export function moduleBytes(kernels: ReadonlyMap<string, Routine>): ModuleCode {
  const routines = [...new Set(kernels.values())]
  const functions: Functions = {
    inlining: new Inlining(routines),
    indexOf(routine) {
      const at = routines.indexOf(routine)
      return at >= 0 ? at : routines.push(routine) - 1
    },
  }
  const code: number[][] = []
  // Functions that are called join the list while it is worked through.
  for (let at = 0; at < routines.length; at++) code.push(functionBytes(routines[at]!, functions))
  const types: string[] = []
  const typeIndex = (routine: Routine): number => {
    const result = routine.result === 'void' ? [] : [carrier(routine.result)]
    const type = [
      0x60,
      ...vector(routine.parameters.map(({ kind }) => [carrier(kind)])),
      ...vector(result.map(one => [one])),
    ]
    const key = type.join(' ')
    const found = types.indexOf(key)
    return found >= 0 ? found : types.push(key) - 1
  }
  const indices = routines.map(typeIndex)
  // The memory is shared (3), from no pages at all to 4 GiB.
  const memory = [...text('env'), ...text('memory'), 0x02, 0x03, ...unsigned(0), ...unsigned(65536)]
  const exported = [...kernels].map(([name, routine]) => [...text(name), 0x00, ...unsigned(routines.indexOf(routine))])
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types.map(key => key.split(' ').map(Number)))),
    ...section(2, vector([memory])),
    ...section(3, vector(indices.map(unsigned))),
    ...section(7, vector(exported)),
    ...section(10, vector(code)),
  ]
  return { bytes: new Uint8Array(bytes), sizes: new Map(routines.map((routine, at) => [routine, code[at]!.length])) }
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value)
  return [...unsigned(bytes.length), ...bytes]
}
