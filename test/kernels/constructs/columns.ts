/** What the functions of this folder work on. They exist for the tests of the kernel compiler. */
import type { F64, I32, U32 } from '../../../src/kernels/types.ts'

export interface Columns {
  /** results */
  readonly out: Int32Array
  readonly outBytes: Uint8Array
  readonly outHalves: Uint16Array
  readonly outWords: Uint32Array
  readonly outDoubles: Float64Array
  readonly outView: DataView
  /** numbers of all sizes */
  readonly ints: Int32Array
  readonly words: Uint32Array
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  /** of at most 15 bits, with a sign, and without */
  readonly small: Int32Array
  readonly smallWords: Uint32Array
  /** with fractions, of both signs, below 2^40 */
  readonly doubles: Float64Array
  /** whole numbers from 0 to 2^50 */
  readonly sizes: Float64Array
  readonly view: DataView
  readonly tables: readonly Int32Array[]
  readonly views: readonly DataView[]
  readonly count: I32
  readonly limit: U32
  readonly address: F64
  readonly flag: boolean
}
