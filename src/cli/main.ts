#!/usr/bin/env node
import { NodeHost } from '../host-node/node-host.ts'
import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

// Every write has been done synchronously: leave at once rather than free a large heap piece by piece.
process.exit(run(process.argv[1] ?? 'tsld', process.argv.slice(2), new NodeHost(), processTerminal()))
