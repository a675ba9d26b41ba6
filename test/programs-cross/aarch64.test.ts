/** Programs for AArch64. */
import { test } from 'uvu'
import { crossArchitectures } from './architectures.ts'
import { crossPrograms } from './cross-programs.ts'

crossPrograms(crossArchitectures.aarch64)

test.run()
