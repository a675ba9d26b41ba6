/**
 * Which files of a command line to read before the link begins. A guess from the words alone: what is read in vain costs
 * a little time, and what is missed is read when its turn comes.
 */
import { Report } from '../diag/report.ts'
import { largeFiles } from '../host-node/large-files.ts'
import { NodeHost } from '../host-node/node-host.ts'
import type { SizedFile } from '../host-node/shared-files.ts'
import { expandResponseFiles } from './response-files.ts'

/** below this many bytes in all, reading each file when its turn comes is faster */
const worthwhile = 24 << 20
/** asking for the sizes of more files than this costs more than is won: many files are small files */
const mostFiles = 2000
/** response files above this many bytes list many files */
const largeList = 64 << 10
/** options whose next word is a file that is written, or read by nobody */
const notInputs = new Set(['-o', '--output', '-Map', '--Map', '--dependency-file', '-soname', '-h'])

/** What is known of the inputs of a large link before it begins. */
export interface InputsAhead {
  /** large files; none where there are too many to look at */
  readonly files: readonly SizedFile[]
  /** bytes of these files; 0: not known */
  readonly bytes: number
}

/**
 * The large input files; undefined when the inputs are few bytes.
 * @param words command line, Latin-1
 */
export function inputsAhead(words: readonly string[]): InputsAhead | undefined {
  const many = { files: [], bytes: 0 }
  if (words.length > mostFiles) return many
  const host = new NodeHost()
  const lists = words.filter(word => word.startsWith('@')).map(word => word.slice(1))
  if (lists.length > 0 && largeFiles(lists, largeList).length > 0) return many
  const expanded = lists.length === 0 ? words : expandResponseFiles(words, host, new Report())
  const paths = expanded.filter((word, i) => !word.startsWith('-') && !notInputs.has(expanded[i - 1] ?? ''))
  if (paths.length > mostFiles) return many
  const files = largeFiles(paths)
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  return bytes < worthwhile ? undefined : { files, bytes }
}

/**
 * Threads that were asked for: the last of --threads, --threads=N, --thread-count N and --no-threads. Undefined: nothing was
 * said of their number.
 */
export function threadsAsked(words: readonly string[]): number | undefined {
  let threads: number | undefined
  words.forEach((word, i) => {
    const option = word.replace(/^--?/, '')
    if (option === word) return
    if (option === 'no-threads') threads = 1
    else if (option === 'threads') threads = undefined
    else if (option.startsWith('threads=') || option.startsWith('thread-count='))
      threads = numberOf(option.slice(option.indexOf('=') + 1))
    else if (option === 'thread-count') threads = numberOf(words[i + 1] ?? '')
  })
  return threads
}

/** Undefined for what is no number of threads. */
function numberOf(text: string): number | undefined {
  return /^[0-9]+$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}
