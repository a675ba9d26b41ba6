/** Functions of src/kernels/bytes.ts that are one instruction of WebAssembly. Their bodies there are what JavaScript does instead. */
import { basename, dirname } from 'node:path'
import { addressOf, type Context } from './context.ts'
import { arrayKinds, nameOf } from './kinds.ts'
import type { Meaning } from './modules.ts'
import { toBits, toIndex } from './operators.ts'
import { type Expression, type Of, type Placed, Refusal } from './syntax.ts'
import type { Value } from './tree.ts'

/** Instructions on an Int32Array's element, by name: code, and how many values they take beside the address. */
const atomics: Readonly<Record<string, readonly [code: number, values: number]>> = {
  atomicLoad: [0xfe10, 0],
  atomicStore: [0xfe17, 1],
  atomicAdd: [0xfe1e, 1],
  atomicOr: [0xfe33, 1],
  atomicCompareExchange: [0xfe48, 2],
}

/** What a call of an intrinsic becomes; undefined when the function is an ordinary one. */
export function intrinsic(
  context: Context,
  meaning: Meaning & { form: 'function' },
  node: Of<'CallExpression'>,
  given: readonly Expression[],
): Value | undefined {
  const { path } = meaning.module
  if (basename(path) !== 'bytes.ts' || basename(dirname(path)) !== 'kernels') return undefined
  if (meaning.name === 'copyBytes') {
    context.program.checks.note(context.module.path, 'call', node)
    return copy(context, node, given)
  }
  const row = atomics[meaning.name]
  return row === undefined ? undefined : atomic(context, meaning.name, row[0], row[1], node, given)
}

function copy(context: Context, node: Placed, given: readonly Expression[]): Value {
  if (given.length !== 5) throw new Refusal(node, 'copyBytes(to, toAt, from, fromAt, count) takes 5 arguments')
  const [to, toAt, from, fromAt, count] = given as [Expression, Expression, Expression, Expression, Expression]
  const address = (array: Expression, at: Expression): Value => {
    const base = context.value(array)
    if (base.kind !== arrayKinds.get('Uint8Array') && base.kind !== arrayKinds.get('DataView'))
      throw new Refusal(array, `copyBytes copies bytes of Uint8Array or DataView, not of ${nameOf(base.kind)}`)
    return { op: 'address', kind: 'i32', address: addressOf(base, toIndex(context.value(at), at), 0) }
  }
  const operands = [address(to, toAt), address(from, fromAt), toIndex(context.value(count), count)]
  return { op: 'operation', kind: 'void', code: 0xfc0a, operands, immediates: [0, 0] }
}

function atomic(
  context: Context,
  name: string,
  code: number,
  values: number,
  node: Placed,
  given: readonly Expression[],
): Value {
  if (given.length !== 2 + values)
    throw new Refusal(node, `${name} takes ${2 + values} arguments, ${given.length} are given`)
  const base = context.value(given[0]!)
  if (base.kind !== arrayKinds.get('Int32Array'))
    throw new Refusal(given[0]!, `${name} works on an Int32Array, not on ${nameOf(base.kind)}`)
  const at: Value = {
    op: 'address',
    kind: 'i32',
    address: addressOf(base, toIndex(context.value(given[1]!), given[1]!), 2),
  }
  const operands = [at, ...given.slice(2).map(argument => toBits(context.value(argument), argument))]
  // alignment of 4 bytes, offset 0
  return { op: 'operation', kind: values === 1 && code === 0xfe17 ? 'void' : 'i32', code, operands, immediates: [2, 0] }
}
