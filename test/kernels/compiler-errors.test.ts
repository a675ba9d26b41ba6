/** What kernels may not contain is refused with its place and with what to write instead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compileKernels, KernelErrors } from '../../scripts/kernels/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'kernels-'))
test.after(() => rmSync(folder, { recursive: true }))
let files = 0

const head = `export interface Rows { readonly ints: Int32Array; readonly words: Uint32Array; readonly doubles: Float64Array
  readonly view: DataView; readonly count: I32; readonly views: readonly DataView[] }
`

/** Errors of a source, each as `line:column: text`; the first line is 1 after the head. */
async function errorsOf(source: string): Promise<string[]> {
  const path = join(folder, `${files++}.ts`)
  writeFileSync(path, head + source)
  try {
    await compileKernels(path)
    return []
  } catch (error) {
    if (!(error instanceof KernelErrors)) throw error
    return error.errors.map(text => {
      const [, line, rest] = /\.ts:(\d+):(\d+: .*)$/.exec(text)!
      return `${Number(line) - 2}:${rest}`
    })
  }
}

/** Expects one error whose text holds all of `words`. */
function refused(name: string, body: string, ...words: string[]): void {
  test(name, async () => {
    const errors = await errorsOf(
      body.startsWith('export') ? body : `export function run(c: Rows, i: I32, u: U32, f: F64): void {\n${body}\n}`,
    )
    assert.is(errors.length, 1, errors.join('\n') || 'nothing was refused')
    for (const word of words) assert.ok(errors[0]!.includes(word), `${errors[0]} does not say ${word}`)
  })
}

refused('plain number', 'export function run(x: number): void {}', '1:24', 'I32, U32 or F64')
refused('no type of a parameter', 'export function run(x): void {}', 'x needs a type')
refused('no type of the result', 'export function run(x: I32) {}', 'the result needs a type')
refused('defaults', 'export function run(x: I32 = 5): void {}', 'no defaults')
refused('a destructured parameter', 'export function run({ count }: Rows): void {}', 'first line')
refused('unknown types', 'export function run(x: string[]): void {}', 'not available')
refused('an unknown named type', 'export function run(x: Missing): void {}', 'Missing is no type')
refused('I32 + U32', 'c.ints[0] = i + u', '2:13', 'I32 + U32', 'x | 0')
refused('I32 < U32', 'if (i < u) c.ints[0] = 1', 'I32 < U32')
refused('I32 from U32', 'const x: I32 = u\nc.ints[0] = x', 'U32 is given, but x is I32', '`x | 0`')
refused('U32 from a bit operation', 'let x = u\nx |= 1\nc.words[0] = x', 'x is U32', '`x >>> 0`')
refused('F64 into an integer column', 'c.ints[0] = f', 'an element of Int32Array is I32', '`x | 0`')
refused('F64 as I32', 'c.ints[0] = f as I32', '`as I32` does not cut')
refused('F64 into an I32 variable', 'let x = 0\nx = f\nc.ints[0] = x', '3:5', 'x is I32')
refused('a fraction as I32', 'let x: I32 = 0.5\nc.ints[x] = 0', '0.5 is no I32')
refused('a large literal with I32', 'if (i === 0xffffffff) c.ints[0] = 1', 'is no I32')
refused('a negative literal with U32', 'if (u === -1) c.ints[0] = 1', 'is no U32')
refused('a negative index', 'c.ints[-1] = 0', 'is no index')
refused('minus of U32', 'c.ints[0] = -u', 'no negative')
refused('a closure', 'const add = (x: I32): I32 => x + 1\nc.ints[0] = add(i)', 'closures')
refused('an inner function', 'function add(): void {}\nadd()', 'closures')
refused('calls of methods', 'c.ints.forEach(x => x)', 'forEach of Int32Array is not available')
refused('subarray', 'c.ints.subarray(1)', 'subarray of Int32Array')
refused('length', 'c.ints[0] = c.ints.length', '.length is not available', 'pass it')
refused('changing a field', 'c.count = 5', 'fields of records do not change')
refused('changing a constant', 'const x: I32 = 5 + i\nx = 6', 'x cannot be assigned')
refused('a name that nobody knows', 'c.ints[0] = missing', 'missing is not known')
refused('a field that is not there', 'c.ints[0] = c.missing', 'Rows has no field missing')
refused('a function that nobody knows', 'missing(1)', 'missing is not known')
refused('too few arguments', 'Math.imul(1)', 'takes 2 arguments, 1 are given')
refused('Math.random', 'c.doubles[0] = Math.random()', 'Math.random is not available')
refused('strings', "c.ints[0] = 'a'", 'no strings')
refused('objects', 'const x = { a: 1 }', 'no objects')
refused('new', 'const x = new Int32Array(5)', 'no objects')
refused('bigint', 'c.doubles[0] = 5n', 'no bigint')
refused('null', 'const x = null', 'no null')
refused('undefined', 'const x = undefined', 'no undefined')
refused('==', 'if (i == 5) c.ints[0] = 1', 'write ===')
refused('??', 'c.ints[0] = i ?? 1', '?? is not available')
refused('**', 'c.doubles[0] = f ** 2', 'the operator ** is not available')
refused('numbers as booleans', 'const x = i || 5\nc.ints[0] = 1', 'takes booleans')
refused('a double as a condition', 'if (f) c.ints[0] = 1', 'F64 is used as a condition')
refused('a boolean as a number', 'c.ints[0] = i + (i < 3)', '`condition ? 1 : 0`')
refused('for of', 'for (const x of c.ints) c.ints[0] = x', 'for (let i')
refused('exceptions', "throw new Error('')", 'no exceptions')
refused('var', 'var x: I32 = 5', 'const or let')
refused('a case that is not constant', 'switch (i) { case i: break }', 'integer constant')
refused('a case twice', 'switch (i) { case 1: break; case 1: break }', 'a case 1 before')
refused('a switch over doubles', 'switch (f) { case 1: break }', 'I32 or U32')
refused('big-endian reads', 'c.words[0] = c.view.getUint32(0)', 'getUint32(at, true)')
refused('other reads', 'c.doubles[0] = c.view.getBigUint64(0, true)', 'getBigUint64')
refused('elements of a DataView', 'c.ints[0] = c.view[0]', 'DataView has no elements')
refused('fill of wide elements', 'c.ints.fill(5, 0, 10)', '0 or -1 only')
refused('expressions without effect', 'i + 1', 'does nothing')
refused('a value from a void function', 'const x = c.ints.fill(0, 0, 1)', 'gives no value')
refused('returning a value from void', 'return 5', 'void')
refused('void as a kernel of arrays', 'export function run(c: Rows): Int32Array { return c.ints }', 'returns an array')
refused('a record as a result', 'export function run(c: Rows): Rows { return c }', 'cannot return Rows')
refused(
  'a record without a field that is needed',
  'export function run(c: Rows): void { other(c) }\nfunction other(o: Other): void {}\nexport interface Other { readonly ints: Int32Array; readonly size: I32 }',
  'Rows is given',
)
refused(
  'a field that can change',
  'export interface Bad { count: I32 }\nexport function run(c: Bad): void {}',
  'has to be readonly',
)
refused(
  'a field that may be missing',
  'export interface Bad { readonly count?: I32 }\nexport function run(c: Bad): void {}',
  'cannot be optional',
)
refused(
  'records in records',
  'export interface Bad { readonly rows: Rows }\nexport function run(c: Bad): void {}',
  'rows is Rows',
)
refused('tables of numbers', 'export function run(c: readonly I32[]): void {}', 'typed array')
refused(
  'an unknown constant',
  'export function run(c: Rows): void { c.ints[0] = size }\nconst size = parseInt("5")',
  'export it',
)
refused('a syntax error', 'export function run(c: Rows): void { c.ints[0 = 5 }', '1:')

test('all errors of a run are given together, in order, and once', async () => {
  const errors = await errorsOf(`export function first(c: Rows, u: U32): void {
  const wrong: I32 = u
  c.ints[0] = wrong
  c.ints[1] = wrong + 5
  c.ints[2] = missing
  while (wrong < absent) c.ints[3] = 0.5
}
export function second(x: number): I32 { return x }`)
  assert.equal(
    errors.map(text => text.replace(/^(\d+:\d+: \S+).*$/, '$1')),
    ['2:22: U32', '5:15: missing', '6:38: 0.5', '8:27: number'],
  )
})

test('a constant of a module that cannot be run is an error', async () => {
  const other = join(folder, 'other.ts')
  writeFileSync(other, `export const size = compute()\nfunction compute(): number { throw new Error('not today') }`)
  const errors = await errorsOf(
    `import { size } from './other.ts'\nexport function run(c: Rows): void { c.ints[0] = size }`,
  )
  assert.is(errors.length, 1)
  assert.match(errors[0]!, 'not today')
})

test.run()
