/** Programs for RISC-V. */
import { test } from 'uvu'
import { crossArchitectures } from './architectures.ts'
import { crossPrograms } from './cross-programs.ts'

crossPrograms(crossArchitectures.riscv64)

test.run()
