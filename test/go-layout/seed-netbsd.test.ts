/** The layout of January 2013 on netbsd, as Go's own linkers made it. */
import { testFacts } from './seed-links.ts'

testFacts('netbsd')
