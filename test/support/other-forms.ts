/**
 * The linker in the forms that large links take, for links of any size: with kernels that check every index and sum, and
 * with compiled kernels and other threads over shared memory. They run in this process.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { writeCheckedBundle } from '../../scripts/kernels/checked-bundle.ts'
import { compileKernels } from '../../scripts/kernels/index.ts'
import { run } from '../../src/cli/run.ts'
import type { SizedFile } from '../../src/host-node/file-status.ts'
import { HelperThread } from '../../src/host-node/helper-thread.ts'
import { NodeHost } from '../../src/host-node/node-host.ts'
import type { PieceTask } from '../../src/host-node/piece-work.ts'
import { SharedCompute } from '../../src/host-node/shared-compute.ts'
import { type SharedFiles, shareFiles } from '../../src/host-node/shared-files.ts'
import { SharedMemory } from '../../src/host-node/shared-memory.ts'
import type { CompiledKernels } from '../../src/kernels/signatures.ts'
import { type LinkRun, type NodeHostClass, type Run, runHere } from './tsld.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A linker whose kernels throw where they would leave an array. */
export async function checkedLinker(): Promise<(args: readonly string[], folder: string) => LinkRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-checked-'))
  try {
    const bundle = join(folder, 'linker.mjs')
    await writeCheckedBundle(bundle, 'test/support/linker-entry.ts')
    const checked = (await import(pathToFileURL(bundle).href)) as { run: Run; NodeHost: NodeHostClass }
    return (args, place) => runHere(checked.run, new checked.NodeHost(), args, place)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Who does what in a small link, which is over before a thread has started. */
export type Turns =
  /** other threads read and index all inputs, and do all pieces of work before this one looks for any */
  | 'others-first'
  /** as it comes */
  | 'free'
  /** this thread is alone */
  | 'alone'

/** threads besides this one */
const others = 2

/** A linker with compiled kernels, shared memory and other threads for every link. */
export class ThreadedLinker {
  private readonly code: CompiledKernels
  private readonly program: string
  private ended: Promise<void>[] = []

  private constructor(code: CompiledKernels, program: string) {
    this.code = code
    this.program = program
  }

  static async make(): Promise<ThreadedLinker> {
    const built = await build({
      absWorkingDir: root,
      entryPoints: ['src/host-node/helper-worker.ts'],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      write: false,
      outdir: 'unused',
    })
    return new ThreadedLinker(await compileKernels(join(root, 'src/kernels/all.ts')), built.outputFiles[0]!.text)
  }

  /** Links; `rest` must be awaited afterwards. */
  link(args: readonly string[], folder: string, turns: Turns): LinkRun {
    // Little memory: it has to grow.
    const compute = new SharedCompute(new SharedMemory(1 << 20), this.code)
    const inputs = inputsIn(folder, args)
    if (turns === 'alone') return runHere(run, new NodeHost(undefined, compute, 1), args, folder)
    const before = process.cwd()
    process.chdir(folder)
    const shared = shareFiles(inputs, compute.memory)
    const helper = new HelperThread(shared, this.program, compute, others)
    try {
      if (turns === 'others-first') letOthersWork(shared, compute)
      return runHere(run, new NodeHost(helper), args, folder)
    } catch (problem) {
      return { status: 70, text: String(problem) }
    } finally {
      process.chdir(before)
      this.ended.push(helper.end())
    }
  }

  /** Ends the threads of links that are over. */
  async rest(): Promise<void> {
    await Promise.all(this.ended)
    this.ended = []
  }
}

/** Files that the arguments name, for all that a glance says. */
function inputsIn(folder: string, args: readonly string[]): SizedFile[] {
  const names = args.filter((word, i) => !word.startsWith('-') && args[i - 1] !== '-o')
  return [...new Set(names)].flatMap(path => {
    const status = statSync(join(folder, path), { throwIfNoEntry: false })
    return status?.isFile() && status.size > 0 ? { path, size: status.size } : []
  })
}

function letOthersWork(shared: SharedFiles, compute: SharedCompute): void {
  awaitFiles(shared)
  const send = compute.send
  compute.send = task => {
    send?.(task)
    awaitAllPieces(task)
  }
}

/** a thread that takes longer has failed, milliseconds */
const patience = 20_000

function awaitFiles({ state }: SharedFiles): void {
  awaitWord(state, () => state.findIndex(each => each < 2))
}

function awaitAllPieces({ counter, count }: PieceTask): void {
  const [done, failed] = [1, 2]
  awaitWord(counter, () => (counter[failed] !== 0 || counter[done]! >= count ? -1 : done))
}

/** Waits until no word is left to wait for. @param next index of one; -1: none */
function awaitWord(words: Int32Array, next: () => number): void {
  const start = performance.now()
  for (let at = next(); at >= 0; at = next()) {
    Atomics.wait(words, at, words[at]!, 5)
    if (performance.now() - start > patience) throw new Error('the other threads do nothing')
  }
}
