#!/usr/bin/env node
/** The command from source, for development. dist/tsld.mjs starts in scripts/bundle.ts. */
import { latin1 } from './latin1.ts'
import { inputsAhead } from './read-ahead.ts'
import { start } from './start.ts'

const words = process.argv.slice(2).map(latin1)
// Every write has been done synchronously: leave at once rather than free a large heap piece by piece.
process.exit(await start(words, inputsAhead(words)))
