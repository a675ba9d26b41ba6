/**
 * What stands for stubs on architectures that tsld links static programs for: it writes none, so a program that needs one
 * is told so (Arch.staticOnly, and the message about a stub that does not reach for indirect functions).
 */
import type { PltShape, StubShape } from '../target.ts'

export const noStubs: StubShape = {
  indirectSize: 16,
  indirectResume: 0,
  writeIndirect: () => false,
}

export const noPlt: PltShape = {
  headerSize: 0,
  entrySize: 16,
  align: 16,
  directSize: 16,
  resume: 0,
  writeHeader: () => false,
  writeEntry: () => false,
  writeDirect: () => false,
}
