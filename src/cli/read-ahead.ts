/**
 * Which files of a command line to read before the link begins. A guess from the words alone: what is read in vain costs
 * a little time, and what is missed is read when its turn comes.
 */
import { Report } from '../diag/report.ts'
import { NodeHost } from '../host-node/node-host.ts'
import { largeFiles } from '../host-node/prefetch.ts'
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

/**
 * The large input files; undefined when the inputs are few bytes.
 * @param words command line, Latin-1
 */
export function filesToReadAhead(words: readonly string[]): readonly SizedFile[] | undefined {
  if (words.length > mostFiles) return undefined
  const host = new NodeHost()
  const lists = words.filter(word => word.startsWith('@')).map(word => word.slice(1))
  if (lists.length > 0 && largeFiles(lists, largeList).length > 0) return undefined
  const expanded = lists.length === 0 ? words : expandResponseFiles(words, host, new Report())
  const paths = expanded.filter((word, i) => !word.startsWith('-') && !notInputs.has(expanded[i - 1] ?? ''))
  if (paths.length > mostFiles) return undefined
  const files = largeFiles(paths)
  const total = files.reduce((sum, file) => sum + file.size, 0)
  return total < worthwhile ? undefined : files
}

/** May a second thread help? The last of --threads, --threads=N, --thread-count N and --no-threads decides; yes without any. */
export function mayUseThreads(words: readonly string[]): boolean {
  let may = true
  words.forEach((word, i) => {
    const option = word.replace(/^--?/, '')
    if (option === word) return
    if (option === 'no-threads') may = false
    else if (option === 'threads') may = true
    else if (option.startsWith('threads=') || option.startsWith('thread-count='))
      may = option.slice(option.indexOf('=') + 1) !== '1'
    else if (option === 'thread-count') may = words[i + 1] !== '1'
  })
  return may
}
