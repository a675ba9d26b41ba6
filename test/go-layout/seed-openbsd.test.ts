/** The layout of January 2013 on openbsd, as Go's own linkers made it. */
import { testFacts } from './seed-links.ts'

testFacts('openbsd')
