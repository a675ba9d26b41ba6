/**
 * Runs the linker under test as a user would: with arguments, in a folder. It runs in this process, since starting Node for
 * each of hundreds of links would take minutes; TSLD_SPAWN=1 starts it anew each time (after a hang, for one).
 *
 * TSLD_CMD names another command to test in its place (`TSLD_CMD=ld.bfd-2.44`, `TSLD_CMD='node dist/tsld.mjs'`): that is
 * also how the expectations of feature folders are checked against GNU ld itself.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface LinkRun {
  /** exit status; 70 for a mistake of the linker's own (it threw), 124 after the time limit */
  readonly status: number
  /** standard output and standard error together */
  readonly text: string
}

/** Runs a command line. */
export type Run = typeof import('../../src/cli/run.ts')['run']
/** Host over the file system. */
export type NodeHostClass = typeof import('../../src/host-node/node-host.ts')['NodeHost']

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const entry = join(root, 'src', 'cli', 'main.ts')

/** The command that stands in for tsld, or undefined. */
export const replacement = process.env['TSLD_CMD'] || undefined

const linker = await loadLinker()

async function loadLinker(): Promise<{ run: Run; NodeHost: NodeHostClass } | string> {
  if (replacement !== undefined) return `replaced by ${replacement}`
  try {
    const { run } = await import('../../src/cli/run.ts')
    const { NodeHost } = await import('../../src/host-node/node-host.ts')
    return { run, NodeHost }
  } catch (problem) {
    // Only while the tree is being put together; the structure test names an import that leads nowhere, too.
    if ((problem as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw problem
    return `the linker is incomplete: ${(problem as Error).message.replace(/^.*?main\//, '').replace(/ imported.*/s, '')}`
  }
}

/** Why tsld can't be run; undefined when it can. */
export function whyNoLinker(): string | undefined {
  return replacement === undefined && typeof linker === 'string' ? linker : undefined
}

/** Links in `folder`. Paths in `args` are relative to it. */
export function runLinker(args: readonly string[], folder: string): LinkRun {
  if (typeof linker === 'string' || process.env['TSLD_SPAWN'] === '1') return runProcess(args, folder)
  return runHere(linker.run, new linker.NodeHost(), args, folder)
}

/** Links in this process. */
export function runHere(run: Run, host: Parameters<Run>[2], args: readonly string[], folder: string): LinkRun {
  const before = process.cwd()
  let text = ''
  const take = (more: string): void => void (text += more)
  process.chdir(folder)
  try {
    const terminal = {
      out: take,
      error: take,
      outIsTerminal: false,
      errorIsTerminal: false,
      environment: { TSLD_TRACE: '1' },
    }
    const status = run('tsld', args, host, terminal)
    return { status: /internal error/.test(text) ? 70 : status, text }
  } catch (problem) {
    return { status: 70, text: `${text}${problem instanceof Error ? problem.stack : String(problem)}` }
  } finally {
    process.chdir(before)
  }
}

function runProcess(args: readonly string[], folder: string): LinkRun {
  const [command, ...first] = replacement?.split(' ') ?? [process.execPath, '--import', tsxLoader(), entry]
  const run = spawnSync(command, [...first, ...args], {
    cwd: folder,
    encoding: 'latin1',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  })
  if (run.status === null) return { status: run.signal === 'SIGTERM' ? 124 : 70, text: String(run.error ?? run.signal) }
  return { status: run.status, text: run.stdout + run.stderr }
}

/** tsx by path, since the folder of a test has no node_modules. */
function tsxLoader(): string {
  return pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href
}
