import { startHelper } from '../host-node/helper-thread.ts'
import { NodeHost } from '../host-node/node-host.ts'
import { compiledCompute } from '../host-node/shared-compute.ts'
import { type InputsAhead, threadsAsked } from './read-ahead.ts'
import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

/** bytes of inputs where they are not known beforehand; memory grows with what comes */
const usualBytes = 64 << 20

/**
 * Runs the command line of this process; the exit status. Links that are not small have compiled kernels, large ones other
 * threads too.
 * @param bytes words of the command line, Latin-1
 */
export function start(bytes: readonly string[], ahead: InputsAhead | undefined): number | Promise<number> {
  const words = process.argv.slice(2)
  const name = process.argv[1] ?? 'tsld'
  if (ahead === undefined) return run(name, words, new NodeHost(), processTerminal())
  const compute = compiledCompute(ahead.bytes || usualBytes)
  const helper = ahead.isLarge ? startHelper(ahead.files, threadsAsked(bytes), compute) : undefined
  return run(name, words, new NodeHost(helper, compute, ahead.bytes), processTerminal())
}
