/**
 * Types of kernels. To TypeScript all of them are numbers; the kernel compiler (scripts/kernels) takes its instructions
 * from them. What a kernel may contain stands in README.md of this folder.
 */

/** a signed 32-bit integer */
export type I32 = number
/** an unsigned 32-bit integer */
export type U32 = number
/** a double: sizes, addresses and file offsets */
export type F64 = number
