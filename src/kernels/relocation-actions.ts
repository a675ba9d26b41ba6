/** What the relocation kernels know of relocation types and rewrites. */

/** What is done for a relocation type. */
export const Action = {
  /** nothing that is known here */
  Other: 0,
  /** it has no place */
  None: 1,
  /** see ByteRewrite */
  Rewrite: 2,
  // From here on the place is a plain word.
  Address: 3,
  Distance: 4,
  /** a distance to the stub that stands for a function, where there is one */
  Branch: 5,
  /** of rewrites: an offset from the thread pointer */
  ThreadOffset: 6,
} as const

/** a rewrite for rows with any addend */
export const anyAddend = 0x7fff_ffff

/** in a map of bytes: the rewrite is not for this one */
export const noByte = 0xffff
