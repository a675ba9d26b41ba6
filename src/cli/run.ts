/** From the words of the command line to an exit status: chooses the command, and lets no exception reach the user. */
import { internalError } from '../diag/catalogue/usage.ts'
import { renderText } from '../diag/render-text.ts'
import type { Host } from '../host.ts'
import { type CalledAs, calledAs } from './called-as.ts'
import { explainCommand } from './commands/explain.ts'
import { linkCommand } from './commands/link.ts'
import { planCommand } from './commands/plan.ts'
import { setupDriverCommand } from './commands/setup-driver.ts'
import { latin1 } from './latin1.ts'
import type { Terminal } from './terminal.ts'

/** A command: words behind its name to an exit status. */
export type Command = (words: readonly string[], called: CalledAs, host: Host, terminal: Terminal) => number

const commands: Readonly<Record<string, Command>> = {
  link: linkCommand,
  plan: planCommand,
  explain: explainCommand,
  'setup-driver': setupDriverCommand,
  help: (_words, called, host, terminal) => linkCommand(['--help'], called, host, terminal),
}

/**
 * @param program how the process was called
 * @param argumentWords its arguments, as Node gives them (UTF-16)
 * @returns 0, or 1 after an error
 */
export function run(program: string, argumentWords: readonly string[], host: Host, terminal: Terminal): number {
  try {
    const words = argumentWords.map(latin1)
    const called = calledAs(program, words)
    const first = words[0]
    // A linker's name has no subcommands: an input file may be called `plan`.
    if (!called.likeLinker && first !== undefined && Object.hasOwn(commands, first))
      return commands[first]!(words.slice(1), called, host, terminal)
    return linkCommand(words, called, host, terminal)
  } catch (error) {
    return reportBug(error, terminal)
  }
}

/** Our own mistake: a short message, and the trace only for those who ask. */
function reportBug(error: unknown, terminal: Terminal): number {
  const detail = error instanceof Error ? error.message.split('\n')[0]! : String(error)
  const wording = internalError({ detail })
  const notes = [
    { text: 'this is a mistake in tsld; please report it with the command line and, where possible, the inputs' },
    { text: 'TSLD_TRACE=1 in the environment shows where it happened' },
  ]
  terminal.error(renderText({ ...wording, at: { kind: 'none' }, notes }, { program: 'tsld' }))
  if (terminal.environment['TSLD_TRACE'] && error instanceof Error) terminal.error(`${error.stack}\n`)
  return 1
}
