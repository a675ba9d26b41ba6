import { NodeHost } from '../host-node/node-host.ts'
import { readAhead } from './read-ahead.ts'
import { latin1, run } from './run.ts'
import { processTerminal } from './terminal.ts'

/** Runs the command line of this process; the exit status. Large inputs are read ahead, which takes a promise. */
export function start(): number | Promise<number> {
  const words = process.argv.slice(2)
  const name = process.argv[1] ?? 'tsld'
  const ahead = readAhead(words.map(latin1))
  if (ahead === undefined) return run(name, words, new NodeHost(), processTerminal())
  return ahead.then(files => run(name, words, new NodeHost(files), processTerminal()))
}
