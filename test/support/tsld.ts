/**
 * Runs the linker under test as a user would: with arguments, in a folder.
 *
 * TSLD_CMD names another command to test in its place (`TSLD_CMD=ld.bfd-2.44`): that is how the expectations of feature
 * folders are checked against GNU ld itself.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface LinkRun {
  /** exit status; 70 when the linker threw, 124 after the time limit */
  readonly status: number
  /** standard output and standard error together */
  readonly text: string
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const entry = join(root, 'src', 'cli', 'main.ts')

/** The command that stands in for tsld, or undefined. */
export const replacement = process.env['TSLD_CMD'] || undefined

/** Why tsld can't be run; undefined when it can. */
export function whyNoLinker(): string | undefined {
  return replacement !== undefined || existsSync(entry) ? undefined : 'no command line in this tree (src/cli/main.ts)'
}

/** Links in `folder`. Paths in `args` are relative to it. */
export function runLinker(args: readonly string[], folder: string): LinkRun {
  const [command, ...first] = replacement?.split(' ') ?? [process.execPath, '--import', tsxLoader(), entry]
  const run = spawnSync(command, [...first, ...args], {
    cwd: folder,
    encoding: 'latin1',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  })
  if (run.error !== undefined && run.status === null)
    return { status: run.signal === null ? 70 : 124, text: String(run.error) }
  return { status: run.status ?? 70, text: run.stdout + run.stderr }
}

/** tsx by path, since the folder of a test has no node_modules. */
function tsxLoader(): string {
  return pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href
}
