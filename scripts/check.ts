/** npm run check: types, format and lint, tests (`--without-tests` leaves those out). Each step runs even when one before it failed; the exit status says if any did. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

const steps: readonly (readonly [name: string, command: string, words: readonly string[]])[] = [
  ['types', bin('tsc'), ['--noEmit']],
  ['format and lint', bin('biome'), ['check']],
  ['tests', process.execPath, ['--import', 'tsx', 'scripts/run-tests.ts']],
]

const results: string[] = []
let failed = 0
const chosen = process.argv.includes('--without-tests') ? steps.slice(0, 2) : steps
for (const [name, command, words] of chosen) {
  const start = performance.now()
  console.log(`\n== ${name}`)
  const run = spawnSync(command, words, { cwd: root, stdio: 'inherit' })
  if (run.status !== 0) failed++
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  results.push(`${run.status === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`)
}
console.log(`\n${results.join('\n')}`)
process.exit(failed === 0 ? 0 : 1)
