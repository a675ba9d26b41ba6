import { testFacts } from './fact-links.ts'

testFacts('go1.19', /./)
