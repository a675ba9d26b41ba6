import { startHelper } from '../host-node/helper-thread.ts'
import { NodeHost } from '../host-node/node-host.ts'
import { readFiles } from '../host-node/prefetch.ts'
import { filesToReadAhead, mayUseThreads } from './read-ahead.ts'
import { latin1, run } from './run.ts'
import { processTerminal } from './terminal.ts'

/**
 * Runs the command line of this process; the exit status. Large inputs are read by another thread while the link goes on,
 * or ahead of it where there is to be none, which takes a promise.
 */
export function start(): number | Promise<number> {
  const words = process.argv.slice(2)
  const name = process.argv[1] ?? 'tsld'
  const bytes = words.map(latin1)
  const ahead = filesToReadAhead(bytes)
  if (ahead === undefined) return run(name, words, new NodeHost(), processTerminal())
  const helper = mayUseThreads(bytes) ? startHelper(ahead) : undefined
  if (helper !== undefined) return run(name, words, new NodeHost(undefined, helper), processTerminal())
  return readFiles(ahead).then(files => run(name, words, new NodeHost(files), processTerminal()))
}
