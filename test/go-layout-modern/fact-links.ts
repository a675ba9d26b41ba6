/** Links objects made from facts with the layout of their release: every field must come out as measured. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { type LayoutFacts, readFacts } from './facts.ts'
import { linkFromFacts } from './objects.ts'
import { differences, linesOfFacts, linesOfFile } from './summary.ts'

/** Registers a test for each fact file of a release whose name fits, and runs them. */
export function testFacts(release: string, fits: RegExp): void {
  for (const facts of readFacts(release, name => fits.test(name))) {
    const name = `${release} ${facts.name}`
    test(name, () => {
      const obstacle = whyNoLinker()
      if (obstacle !== undefined) skip(name, obstacle)
      else assert.equal(differences(linesOfFacts(facts), linkAndRead(facts)), [])
    })
  }
  test.run()
}

/** The lines of what comes out; `more` are further options. */
export function linkAndRead(facts: LayoutFacts, more: readonly string[] = []): string[] {
  const { object, libraries, options } = linkFromFacts(facts)
  const folder = mkdtempSync(join(tmpdir(), 'tsld-go-modern-'))
  try {
    writeFileSync(join(folder, 'go.o'), object)
    for (const [library, bytes] of libraries) writeFileSync(join(folder, library), bytes)
    const layout = ['--layout', facts.release, '--os', facts.os, '--arch', facts.arch]
    const run = runLinker([...layout, ...options, ...more, '-o', 'out.elf', 'go.o', ...libraries.keys()], folder)
    assert.is(run.status, 0, run.text)
    return linesOfFile(new Uint8Array(readFileSync(join(folder, 'out.elf'))), facts)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
