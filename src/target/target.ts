/**
 * What the engine knows of an architecture. One folder in target/arch per architecture, one line in target/arch/index.ts.
 */
export interface Arch {
  /** 'x86-64' */
  readonly id: string
  /** e_machine */
  readonly machine: number
  readonly bits: 32 | 64
  readonly littleEndian: boolean
  readonly relocationForm: 'rel' | 'rela'
  /** defaults of CONSTANT(MAXPAGESIZE) and CONSTANT(COMMONPAGESIZE), bytes */
  readonly maxPageSize: number
  readonly commonPageSize: number
  /** Fills `length` bytes at `at` between pieces of code. */
  padCode(out: Uint8Array, at: number, length: number): void
}
