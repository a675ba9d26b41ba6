/** Each quirk is a parameter: turning one off changes what it speaks of in a program of linux/amd64, and nothing else. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skips.ts'
import { whyNoLinker } from '../support/tsld.ts'
import { linkAndRead } from './fact-links.ts'
import { readFacts } from './facts.ts'
import { differences, linesOfFacts } from './summary.ts'

/** What the lines that change may begin with, by parameter. */
const changes: Readonly<Record<string, RegExp>> = {
  LAST_NOTE_ONLY: /^segment NOTE /,
  BSS_OFFSETS: /^section \.(bss|noptrbss) /,
  BSS_EDGE: /^segment LOAD 6 /,
  FIXED_NAMES: /^(names |section \.shstrtab )/,
  NOTES_LAST: /^(section |shstrndx )/,
}

function changed(name: string, parameters: readonly string[]): string[] {
  const [facts] = readFacts('go1.24', each => each === name)
  const lines = differences(linesOfFacts(facts!), linkAndRead(facts!, parameters))
  return lines.map(line => line.slice(2))
}

for (const [parameter, expected] of Object.entries(changes))
  test(`-D ${parameter}=false`, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(`-D ${parameter}=false`, obstacle)
    const lines = changed('linux-amd64', ['-D', `${parameter}=false`])
    assert.ok(lines.length > 0, 'something changes')
    assert.equal(
      lines.filter(line => !expected.test(line)),
      [],
    )
  })

test('-D NOTES_LAST=false: the same headers in another order', () => {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip('order of headers', obstacle)
  const lines = changed('linux-amd64', ['-D', 'NOTES_LAST=false'])
  const headers = lines.filter(line => line.startsWith('section '))
  const names = (from: number): string[] => headers.filter((_, i) => i % 2 === from).map(line => line.split(' ')[1]!)
  assert.equal(names(0).toSorted(), names(1).toSorted())
})

test('go1.19 differs from go1.24 by what its script names', () => {
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip('go1.19 from go1.24', obstacle)
  const parameters = [
    'NAMES_IN_RODATA=true',
    'PAX_FLAGS=true',
    'FIPS_NAME=false',
    'ZDEBUG_NAMES=true',
    'COUNTERS=__sancov_cntrs',
  ]
  const [facts] = readFacts('go1.19', each => each === 'linux-amd64')
  const asToday = linkAndRead(
    { ...facts!, release: 'go1.24' },
    parameters.flatMap(each => ['-D', each]),
  )
  assert.equal(differences(linesOfFacts(facts!), asToday), [])
})

test.run()
