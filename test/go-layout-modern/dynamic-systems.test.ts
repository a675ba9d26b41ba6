import { testFacts } from './fact-links.ts'

testFacts('go1.24', /^(openbsd|solaris|illumos)-/)
