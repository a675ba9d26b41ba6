import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Wording } from '../../diag/catalogue/entry.ts'
import { cannotWrite, unknownCommand } from '../../diag/catalogue/usage.ts'
import { renderText } from '../../diag/render-text.ts'
import { decodeName } from '../../diag/source-excerpt.ts'
import type { Host } from '../../host.ts'
import { failureOf } from '../../host-node/node-host.ts'
import type { CalledAs } from '../called-as.ts'
import type { Terminal } from '../terminal.ts'

/** Names under which compilers look for a linker: plain, and those of -fuse-ld. */
const linkerNames = ['ld', 'ld.bfd', 'ld.gold', 'ld.lld', 'ld.mold', 'ld.tsld']

/**
 * `tsld setup-driver DIR`: makes a folder whose `ld` is tsld, for `gcc -B DIR`. Each entry is a small shell script: it names
 * Node and the program by their full paths, so that it works whatever PATH the compiler was started with.
 */
export function setupDriverCommand(
  words: readonly string[],
  _called: CalledAs,
  _host: Host,
  terminal: Terminal,
): number {
  const folder = words[0]
  if (words.length !== 1 || folder === undefined || folder.startsWith('-'))
    return failed(unknownCommand({ command: 'setup-driver', usage: 'tsld setup-driver DIR' }), terminal)
  const path = decodeName(folder)
  try {
    mkdirSync(path, { recursive: true })
    for (const name of linkerNames) {
      const file = join(path, name)
      writeFileSync(file, wrapperText(process.argv[1] ?? ''))
      chmodSync(file, 0o755)
    }
  } catch (error) {
    return failed(cannotWrite({ file: folder, reason: failureOf(error).detail }), terminal)
  }
  terminal.out(`${path}: ${linkerNames.join(' ')}\n\nUse it so:\n`)
  terminal.out(`  gcc -B ${path} -static main.c            g++ -B ${path} -static main.cpp\n`)
  return 0
}

/** The linker's name goes along as `-flavor gnu`, since a script cannot set argv[0] of what it starts. */
function wrapperText(program: string): string {
  const bundle = resolve(program)
  const loader = bundle.endsWith('.ts') ? `--import ${quote(tsxLoader(bundle))} ` : ''
  // Node reads the file that NODE_EXTRA_CA_CERTS names at every start (46 ms on Node 20); a linker needs no certificates
  return `#!/bin/sh\nunset NODE_EXTRA_CA_CERTS\nexec ${quote(process.execPath)} ${loader}${quote(bundle)} -flavor gnu "$@"\n`
}

/** Where tsx lies when we run from the sources. */
function tsxLoader(main: string): string {
  const path = resolve(main, '../../../node_modules/tsx/dist/loader.mjs')
  return existsSync(path) ? path : 'tsx'
}

function quote(text: string): string {
  return /^[\w./+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function failed(wording: Wording, terminal: Terminal): number {
  terminal.error(renderText({ ...wording, at: { kind: 'none' }, notes: [] }, { program: 'tsld' }))
  return 1
}
