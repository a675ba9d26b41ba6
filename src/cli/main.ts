#!/usr/bin/env node
import { NodeHost } from '../host-node/node-host.ts'
import { readAhead } from './read-ahead.ts'
import { latin1, run } from './run.ts'
import { processTerminal } from './terminal.ts'

const words = process.argv.slice(2)
const ahead = readAhead(words.map(latin1))
const host = ahead === undefined ? new NodeHost() : new NodeHost(await ahead)
// Every write has been done synchronously: leave at once rather than free a large heap piece by piece.
process.exit(run(process.argv[1] ?? 'tsld', words, host, processTerminal()))
