/** The Go layouts as data: a plan printed as JSON links to the same bytes as the script it was made of. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { readFacts } from './facts.ts'
import { linkFromFacts } from './objects-from-facts.ts'

const layouts = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'layouts', 'go')

for (const [program, seed] of [
  ['linux-amd64-tiny', 'false'],
  ['linux-amd64-tiny', 'true'],
  ['linux-386-dyn', 'false'],
  ['linux-386-dyn', 'true'],
] as const)
  test(`layout, script and plan give the same bytes, ${program}, SEED = ${seed}`, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(`plan of the Go layout, ${program}, SEED = ${seed}`, obstacle)
    const { facts } = readFacts('linux').find(each => each.name === program)!
    const script = join(layouts, `${facts.goos}-${facts.goarch}.ld`)
    const folder = mkdtempSync(join(tmpdir(), 'tsld-go-plan-'))
    try {
      const { object, libraries } = linkFromFacts(facts)
      writeFileSync(join(folder, 'go.o'), object)
      for (const [name, bytes] of libraries) writeFileSync(join(folder, name), bytes)
      const printed = runLinker(['plan', '--json', '-D', `SEED=${seed}`, script], folder)
      assert.is(printed.status, 0, printed.text)
      writeFileSync(join(folder, 'plan.json'), printed.text, 'latin1')
      const linked = (...options: string[]): Buffer => {
        const run = runLinker([...options, '-o', 'out.elf', 'go.o', ...libraries.keys()], folder)
        assert.is(run.status, 0, run.text)
        return readFileSync(join(folder, 'out.elf'))
      }
      const wanted = linked('--layout', seed === 'true' ? 'go-2013-exact' : 'go', '--arch', facts.goarch)
      assert.is(Buffer.compare(linked('-D', `SEED=${seed}`, '-T', script), wanted), 0, 'from the script')
      assert.is(Buffer.compare(linked('-T', 'plan.json'), wanted), 0, 'from the plan')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

test.run()
