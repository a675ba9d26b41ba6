/** Programs for i386. */
import { test } from 'uvu'
import { crossArchitectures } from './architectures.ts'
import { crossPrograms } from './cross-programs.ts'

crossPrograms(crossArchitectures.i386)

test.run()
