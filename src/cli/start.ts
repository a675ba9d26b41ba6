import { startHelper } from '../host-node/helper-thread.ts'
import { NodeHost } from '../host-node/node-host.ts'
import { compiledCompute } from '../host-node/shared-compute.ts'
import { inputsAhead, threadsAsked } from './read-ahead.ts'
import { latin1, run } from './run.ts'
import { processTerminal } from './terminal.ts'

/** bytes of inputs where they are not known beforehand; memory grows with what comes */
const usualBytes = 64 << 20

/** Runs the command line of this process; the exit status. A large link has compiled kernels and other threads. */
export function start(): number | Promise<number> {
  const words = process.argv.slice(2)
  const name = process.argv[1] ?? 'tsld'
  const bytes = words.map(latin1)
  const ahead = inputsAhead(bytes)
  if (ahead === undefined) return run(name, words, new NodeHost(), processTerminal())
  const compute = compiledCompute(ahead.bytes || usualBytes)
  const helper = startHelper(ahead.files, threadsAsked(bytes), compute)
  return run(name, words, new NodeHost(helper, compute, ahead.bytes), processTerminal())
}
