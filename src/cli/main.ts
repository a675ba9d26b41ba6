#!/usr/bin/env node
/** The command from source, for development. dist/tsld.mjs starts in scripts/bundle.ts. */
import { start } from './start.ts'

// Every write has been done synchronously: leave at once rather than free a large heap piece by piece.
process.exit(await start().status)
