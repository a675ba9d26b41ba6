/** Programs for ARM. */
import { test } from 'uvu'
import { crossArchitectures } from './architectures.ts'
import { crossPrograms } from './cross-programs.ts'

crossPrograms(crossArchitectures.arm)

test.run()
