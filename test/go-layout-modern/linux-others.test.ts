import { testFacts } from './fact-links.ts'

testFacts('go1.24', /^(linux-(?!amd64)|android-)/)
