/** Links objects made from the facts with `--layout go-2013-exact`: every field must come out as measured. One test for each fact file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readElf } from '../support/elf-reader.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { differences } from './compare-facts.ts'
import { readFacts } from './facts.ts'
import { linkFromFacts } from './objects-from-facts.ts'

/** Registers a test for each fact file of an operating system. */
export function testFacts(os: string): void {
  for (const { name, facts } of readFacts(os))
    test(`seed layout ${name}`, () => {
      const obstacle = whyNoLinker()
      if (obstacle !== undefined) return skip(`seed layout ${name}`, obstacle)
      const link = linkFromFacts(facts)
      const folder = mkdtempSync(join(tmpdir(), 'tsld-go-layout-'))
      try {
        writeFileSync(join(folder, 'go.o'), link.object)
        for (const [library, bytes] of link.libraries) writeFileSync(join(folder, library), bytes)
        const layout = ['--layout', 'go-2013-exact', '--os', facts.goos, '--arch', facts.goarch]
        const inputs = ['go.o', ...link.libraries.keys()]
        const run = runLinker([...layout, ...link.options, '-o', 'out.elf', ...inputs], folder)
        assert.is(run.status, 0, run.text)
        const file = readElf(new Uint8Array(readFileSync(join(folder, 'out.elf'))))
        assert.equal(differences(facts, link, file), [])
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  test.run()
}
