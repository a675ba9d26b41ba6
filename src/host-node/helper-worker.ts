/** What the helper thread runs: it reads the input files, then does what it is sent. */
import { parentPort, workerData } from 'node:worker_threads'
import { carryOutTask, type HelperStart, type HelperTask } from './helper-tasks.ts'
import { readAll } from './shared-files.ts'
import { instantiate } from './webassembly.ts'

const { files, compiled } = workerData as HelperStart
const kernels = compiled === undefined ? {} : instantiate(compiled.module, compiled.memory)
readAll(files, compiled === undefined ? undefined : { exported: kernels, cache: compiled.cache })
parentPort?.on('message', (task: HelperTask) => carryOutTask(task, kernels))
