/**
 * npm run bench: the built bundle beside every linker that is installed, on the example of the repository and on the
 * workloads of $TSLD_BENCH/perf (default ~/.cache/tsld-bench/perf).
 *
 * Runs alternate (ours, peer, ours, peer, ...) after one run of each that is checked and not counted, so that a busy machine
 * slows both. Printed are medians, and the median of the ratio of neighbouring runs.
 *
 *   --runs N        counted pairs (default 5)        --only a,b      workloads
 *   --peers a,b     linkers                          --slow S        a run longer than S seconds counts alone (default 10)
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { splitWords } from '../src/cli/response-files.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bundle = join(root, 'dist', 'tsld.mjs')
const benchFolder = join(process.env['TSLD_BENCH'] ?? join(homedir(), '.cache', 'tsld-bench'), 'perf')
const peersFolder = join(process.env['TSLD_PEERS'] ?? join(homedir(), '.cache', 'tsld-peers'), 'bin')
const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH']}${delimiter}${peersFolder}` }
delete environment['NODE_EXTRA_CA_CERTS']

interface Workload {
  readonly name: string
  readonly folder: string
  readonly command: string
  /** linkers that this workload replaces or drops, by name */
  readonly replaced: ReadonlyMap<string, string>
}

interface Run {
  readonly seconds: number
  /** user + system */
  readonly processor: number
  readonly peakKib: number
}

const peers: readonly (readonly [name: string, command: string])[] = [
  ['bfd', 'ld.bfd'],
  ['bfd-2.44', 'ld.bfd-2.44'],
  ['gold', 'ld.gold'],
  ['lld-14', 'ld.lld-14'],
  ['lld-19', 'ld.lld-19'],
  ['mold', 'mold --no-fork'],
  ['mold-2.37', 'mold-2.37 --no-fork'],
]

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

function workloads(): Workload[] {
  const example = 'layouts/example'
  const own: Workload[] = [
    {
      name: 'example',
      folder: root,
      command: `@LD@ ${example}/main.o ${example}/print.o -o @OUT@`,
      replaced: new Map(),
    },
    {
      name: 'example-script',
      folder: root,
      command: `@LD@ -T ${example}/layout.ld ${example}/main.o ${example}/print.o -o @OUT@`,
      replaced: new Map(),
    },
  ]
  const made = existsSync(benchFolder) ? readdirSync(benchFolder).sort() : []
  for (const name of made) {
    const folder = join(benchFolder, name)
    if (!existsSync(join(folder, 'cmd.txt'))) continue
    const replacements = existsSync(join(folder, 'peers.txt')) ? readFileSync(join(folder, 'peers.txt'), 'utf8') : ''
    const pairs = replacements
      .split('\n')
      .filter(line => line.includes('='))
      .map(line => line.split(/=(.*)/s) as [string, string])
    own.push({ name, folder, command: readFileSync(join(folder, 'cmd.txt'), 'utf8').trim(), replaced: new Map(pairs) })
  }
  return own
}

const scratch = mkdtempSync(join(tmpdir(), 'tsld-bench-'))
const output = join(scratch, 'out')

/** Runs once and measures the child alone; a string says what is wrong with the run. */
function once(workload: Workload, linker: string): Run | string {
  rmSync(output, { force: true })
  const words = splitWords(workload.command).flatMap(word =>
    word === '@LD@' ? splitWords(linker) : [word.replaceAll('@OUT@', output)],
  )
  // python3's wait4 gives time and memory of exactly this child
  const script = [
    'import os,sys,time,json',
    't=time.perf_counter();p=os.posix_spawnp(sys.argv[1],sys.argv[1:],os.environ,file_actions=[(os.POSIX_SPAWN_DUP2,2,1)])',
    '_,s,r=os.wait4(p,0)',
    'print("\\n@@"+json.dumps([time.perf_counter()-t,r.ru_utime+r.ru_stime,r.ru_maxrss,os.waitstatus_to_exitcode(s)]))',
  ].join('\n')
  const run = spawnSync('python3', ['-c', script, ...words], {
    cwd: workload.folder,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 600_000,
  })
  const [text, figures] = run.stdout.split('\n@@')
  if (figures === undefined) return `could not be run: ${run.stderr.trim().split('\n').at(-1)}`
  const [seconds, processor, peakKib, status] = JSON.parse(figures) as [number, number, number, number]
  if (status !== 0) return `exit ${status}: ${text!.trim().slice(0, 120).replaceAll('\n', ' ')}`
  return { seconds, processor, peakKib }
}

/** Empty when the output is an ELF executable that readelf reads without a word. */
function problemOfOutput(): string {
  if (!existsSync(output) || statSync(output).size === 0) return 'no output'
  const read = spawnSync('readelf', ['-hlSW', output], { encoding: 'utf8', env: environment, maxBuffer: 1 << 28 })
  if (read.status !== 0 || /Warning|Error/.test(read.stderr)) return `readelf: ${read.stderr.trim().slice(0, 100)}`
  return /\b(EXEC|DYN) \(/.test(read.stdout) ? '' : 'not an executable'
}

function checked(workload: Workload, linker: string): Run | string {
  const run = once(workload, linker)
  return typeof run === 'string' ? run : problemOfOutput() || run
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function row(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

function compare(workload: Workload, name: string, peer: string, ours: string, pairs: number, slow: number): void {
  const a = checked(workload, ours)
  const b = typeof a === 'string' ? a : checked(workload, peer)
  if (typeof a === 'string' || typeof b === 'string') {
    row([workload.name, name, typeof a === 'string' ? `OURS: ${a}` : `PEER: ${b}`, '', '', '', '', ''])
    return
  }
  const left: Run[] = []
  const right: Run[] = []
  const count = Math.max(a.seconds, b.seconds) > slow ? 1 : pairs
  for (let i = 0; i < count; i++) {
    const mine = once(workload, ours)
    const other = once(workload, peer)
    if (typeof mine === 'string' || typeof other === 'string') continue
    left.push(mine)
    right.push(other)
  }
  const ratio = (pick: (run: Run) => number) =>
    median(left.map((run, i) => pick(run) / Math.max(1e-6, pick(right[i]!)))).toFixed(2)
  const middle = (runs: readonly Run[], pick: (run: Run) => number) => median(runs.map(pick))
  row([
    workload.name,
    name,
    middle(left, run => run.seconds).toFixed(3),
    middle(right, run => run.seconds).toFixed(3),
    ratio(run => run.seconds),
    ratio(run => run.processor),
    `${(middle(left, run => run.peakKib) / 1024).toFixed(0)} / ${(middle(right, run => run.peakKib) / 1024).toFixed(0)}`,
    left.length,
  ])
}

function installed(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${splitWords(command)[0]}`], { env: environment }).status === 0
}

try {
  if (!existsSync(bundle)) throw new Error('dist/tsld.mjs is missing: npm run build')
  const only = option('only')?.split(',')
  const wanted = option('peers')?.split(',')
  const pairs = Number(option('runs') ?? 5)
  const slow = Number(option('slow') ?? 10)
  row(['workload', 'peer', 'wall s, ours', 'wall s, peer', 'wall ratio', 'cpu ratio', 'peak MiB, ours / peer', 'pairs'])
  row(['---', '---', '---', '---', '---', '---', '---', '---'])
  for (const workload of workloads()) {
    if (only !== undefined && !only.includes(workload.name)) continue
    const ours = `${process.execPath} ${bundle}`
    if (workload.name === 'tiny' || workload.name === 'example') {
      const nodeAlone: Workload = { ...workload, command: '@LD@' }
      const starts = Array.from({ length: pairs }, () => once(nodeAlone, `${process.execPath} -e 0`)).filter(
        run => typeof run !== 'string',
      )
      row([
        workload.name,
        'node -e 0 alone',
        '',
        median(starts.map(run => run.seconds)).toFixed(3),
        '',
        '',
        '',
        starts.length,
      ])
    }
    for (const [name, command] of peers) {
      if (wanted !== undefined && !wanted.includes(name)) continue
      const peer = workload.replaced.get(name) ?? command
      if (peer !== '-' && installed(peer)) compare(workload, name, peer, ours, pairs, slow)
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
