/** --help, --version and the like: options that are answered rather than carried out. */
import { layoutRows } from '../../layouts/catalog.ts'
import { supportedEmulations } from '../tsld.ts'
import type { CommandLine } from './command-line.ts'
import { helpText } from './help.ts'
import type { Terminal } from './terminal.ts'
import { versionLine } from './version.ts'

/** @returns the exit status when there is nothing else to do; undefined to go on with the link */
export function answerQuestions(line: CommandLine, terminal: Terminal): number | undefined {
  const { show } = line
  if (show.has('help')) {
    terminal.out(helpText(layoutRows, supportedEmulations()))
    return 0
  }
  if (show.has('version')) {
    terminal.out(`${versionLine()}\nThis program is free software under the MIT licence, without any warranty.\n`)
    return 0
  }
  if (show.has('output-format')) {
    terminal.out(`${line.outputFormat ?? 'elf64-x86-64'}\n`)
    return 0
  }
  if (show.has('sysroot')) {
    terminal.out(`${line.sysroot}\n`)
    return 0
  }
  if (show.has('short-version') || show.has('emulations')) {
    terminal.out(`${versionLine()}\n`)
    if (show.has('emulations')) {
      terminal.out('  Supported emulations:\n')
      for (const name of supportedEmulations()) terminal.out(`   ${name}\n`)
    }
    if (line.inputs.length === 0 && line.pieces.length === 0 && !line.verbose) return 0
  }
  return undefined
}
