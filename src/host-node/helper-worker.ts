/** What the helper thread runs: it reads the input files, then does what it is sent. */
import { parentPort, workerData } from 'node:worker_threads'
import { carryOutTask, type HelperTask } from './helper-tasks.ts'
import { readAll, type SharedFiles } from './shared-files.ts'

readAll(workerData as SharedFiles)
parentPort?.on('message', (task: HelperTask) => carryOutTask(task))
