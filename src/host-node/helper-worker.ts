/** What the helper thread runs: it reads the input files, then does what it is sent. */
import { workerData } from 'node:worker_threads'
import { readAll, type SharedFiles } from './shared-files.ts'

readAll(workerData as SharedFiles)
