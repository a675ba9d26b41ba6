/**
 * npm test: every test/**\/*.test.ts in a process of its own, so that one that crashes takes no other along, as many at a
 * time as there are processors. Prints what failed in full, what was skipped and why, the slowest files, and the sum.
 *
 *   npm test                     all of them
 *   npm test -- elf compare      files whose path holds one of the words
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** A file that takes longer than this hangs, milliseconds. */
const timeLimit = 600_000

interface FileRun {
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  readonly output: string
}

/** Files that take minutes come first, so that none of them runs alone at the end. */
const slowFirst = ['programs/', 'compare/', 'features/', 'fuzz/', 'go-layout/']

function testFiles(words: readonly string[]): string[] {
  const rank = (file: string): number => {
    const at = slowFirst.findIndex(folder => file.startsWith(`test/${folder}`))
    return at < 0 ? slowFirst.length : at
  }
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(file => `test/${file.replaceAll('\\', '/')}`)
    .filter(file => file.endsWith('.test.ts'))
    .filter(file => words.length === 0 || words.some(word => file.includes(word)))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

function runFile(file: string): Promise<FileRun> {
  const start = performance.now()
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      cwd: root,
      timeout: timeLimit,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', text => (output += text))
    child.stderr.setEncoding('utf8').on('data', text => (output += text))
    child.on('close', (status, signal) => {
      const total = count(output, 'Total')
      const passed = count(output, 'Passed')
      const sound = status === 0 && total !== undefined
      if (signal !== null) output += `\n${file} was ended by ${signal}\n`
      const failed = sound ? total - (passed ?? 0) : Math.max(1, (total ?? 0) - (passed ?? 0))
      resolve({ file, passed: passed ?? 0, failed, seconds: (performance.now() - start) / 1000, output })
    })
  })
}

/** A number of uvu's closing lines. */
function count(output: string, name: string): number | undefined {
  const found = new RegExp(`^  ${name}: +(\\d+)`, 'm').exec(plain(output))?.[1]
  return found === undefined ? undefined : Number(found)
}

function plain(text: string): string {
  return text.replace(/\x1b\[\d*m/g, '')
}

const waiting = testFiles(process.argv.slice(2))
const runs: FileRun[] = []

async function worker(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const run = await runFile(file)
    runs.push(run)
    if (run.failed > 0) console.log(`\nFAILED  ${run.file}\n${run.output}`)
    else console.log(`ok      ${run.file}: ${run.passed} (${run.seconds.toFixed(1)} s)`)
  }
}

const start = performance.now()
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))

const skipped = runs.flatMap(
  run => /Skipped for want of tools[\s\S]*/.exec(plain(run.output))?.[0].split('\n').slice(1) ?? [],
)
const reasons = [...new Set(skipped.map(line => line.trim()).filter(line => line !== ''))].sort()
if (reasons.length > 0) console.log(`\nSkipped for want of tools:\n  ${reasons.join('\n  ')}`)
const slowest = runs.sort((a, b) => b.seconds - a.seconds).slice(0, 5)
console.log(`\nSlowest: ${slowest.map(run => `${run.file} ${run.seconds.toFixed(0)} s`).join(', ')}`)
const bad = runs.filter(run => run.failed > 0).map(run => run.file)
if (bad.length > 0) console.log(`\nFailed files:\n  ${bad.sort().join('\n  ')}`)
const sum = (pick: (run: FileRun) => number): number => runs.reduce((total, run) => total + pick(run), 0)
const failed = sum(run => run.failed)
console.log(`\n${runs.length} files in ${((performance.now() - start) / 1000).toFixed(0)} s`)
console.log(`${sum(run => run.passed)} passed, ${failed} failed`)
process.exitCode = failed > 0 || runs.length === 0 ? 1 : 0
