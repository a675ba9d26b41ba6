import { startHelper } from '../host-node/helper-thread.ts'
import { NodeHost } from '../host-node/node-host.ts'
import { compiledCompute } from '../host-node/shared-compute.ts'
import { inputsAhead, threadsAsked } from './read-ahead.ts'
import { latin1, run } from './run.ts'
import { processTerminal } from './terminal.ts'

/** bytes of inputs where they are not known beforehand; memory grows with what comes */
const usualBytes = 64 << 20

/** What a run of the program came to. */
export interface Ended {
  readonly status: number | Promise<number>
  /** it had compiled kernels: other code is kept of it (code-cache.ts) */
  readonly isCompiled: boolean
}

/** Runs the command line of this process. Links that are not small have compiled kernels, large ones other threads too. */
export function start(): Ended {
  const words = process.argv.slice(2)
  const name = process.argv[1] ?? 'tsld'
  const bytes = words.map(latin1)
  const ahead = inputsAhead(bytes)
  if (ahead === undefined) return { status: run(name, words, new NodeHost(), processTerminal()), isCompiled: false }
  const compute = compiledCompute(ahead.bytes || usualBytes)
  const helper = ahead.isLarge ? startHelper(ahead.files, threadsAsked(bytes), compute) : undefined
  const host = new NodeHost(helper, compute, ahead.bytes)
  return { status: run(name, words, host, processTerminal()), isCompiled: compute !== undefined }
}
