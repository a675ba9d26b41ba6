/**
 * npm start: links the example in layouts/example, once with its script and once with the default layout, shows where
 * everything went, and runs both programs where this machine can.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linkFor } from '../src/cli/commands/link.ts'
import { processTerminal } from '../src/cli/terminal.ts'
import { NodeHost } from '../src/host-node/node-host.ts'
import { layoutPicture } from '../src/report/picture.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const example = relative(process.cwd(), join(root, 'layouts', 'example')) || '.'
const objects = [join(example, 'main.o'), join(example, 'print.o')]
const folder = mkdtempSync(join(tmpdir(), 'tsld-example-'))
const canRun = process.platform === 'linux' && process.arch === 'x64'
let status = 0

function show(title: string, words: readonly string[], output: string): void {
  console.log(`\n${title}\n\n  tsld ${words.join(' ')} -o ${output}\n`)
  const path = join(folder, output)
  const { exitStatus, result } = linkFor(
    [...words, '-o', path],
    { name: 'tsld', likeLinker: false },
    new NodeHost(),
    processTerminal(),
  )
  if (exitStatus !== 0 || result?.layout === undefined) {
    status = 1
    return
  }
  console.log(layoutPicture(result.layout).join('\n'))
  if (!canRun) {
    console.log(
      `\nThe program is for Linux on x86-64; this machine (${process.platform} ${process.arch}) cannot run it.`,
    )
    return
  }
  console.log(`\nIt runs:\n`)
  const run = spawnSync(path, { encoding: 'utf8' })
  console.log(run.stdout.replace(/^/gm, '  ').trimEnd())
  if (run.status !== 0) {
    console.log(`  exit status ${run.status ?? run.signal}`)
    status = 1
  }
}

try {
  show('1. With a linker script:', ['-T', join(example, 'layout.ld'), ...objects], 'with-script')
  show('2. Without one, in the default layout (that of the Go linker):', objects, 'with-default')
  if (status === 0) {
    console.log(`\nThe script is ${join(example, 'layout.ld')}: change it and run \`npm start\` again.`)
    console.log('Next: npm run build, then `node dist/tsld.mjs --help`, or README.md.')
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.exit(status)
