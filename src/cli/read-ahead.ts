/**
 * How large a link will be, and which files to read before it begins. A guess from the words alone: what is read in vain costs
 * a little time, and what is missed is read when its turn comes.
 */
import { readFileSync } from 'node:fs'
import { type SizedFile, sizedFiles, systemPath } from '../host-node/file-status.ts'

/** a link of fewer bytes is over before compiled kernels are ready */
const worthCompiling = 256 << 10
/** a link of fewer bytes is over before another thread has started */
const worthThreads = 24 << 20
/** files below this size are cheap to read one by one */
const smallFile = 256 << 10
/** asking for the sizes of more files than this costs more than is won: many files are small files */
const mostFiles = 2000
/** response files above this many bytes list many files */
const largeList = 64 << 10
/** options whose next word may be the name of a file that is no input */
const notInputs = new Set(
  (
    '-o --output -Map --Map --dependency-file -soname -h -L -l -plugin -I -dynamic-linker --dynamic-linker -T --script ' +
    '--version-script --dynamic-list'
  ).split(' '),
)
/** Shared objects give names alone, which kernels have no part in. */
const isShared = /\.so(\.[0-9.]*)?$/

/** What is known of the inputs of a link before it begins, unless they are few bytes. */
export interface InputsAhead {
  /** files that other threads should read; none where a thread is not worth it, or where there are too many to look at */
  readonly files: readonly SizedFile[]
  /** bytes of the inputs; 0: not known */
  readonly bytes: number
  /** other threads are worth it */
  readonly isLarge: boolean
}

/**
 * What is known of the inputs; undefined when they are few bytes.
 * @param words command line, Latin-1
 */
export function inputsAhead(words: readonly string[]): InputsAhead | undefined {
  const many = { files: [], bytes: 0, isLarge: true }
  if (words.length > mostFiles) return many
  const lists = words.filter(word => word.startsWith('@')).map(word => word.slice(1))
  // Files alone: a pipe can be read only once.
  const listFiles = sizedFiles(lists)
  if (listFiles.some(({ size }) => size >= largeList)) return many
  const expanded = [...words, ...listFiles.flatMap(({ path }) => listed(path))]
  const paths = expanded.filter(
    (word, i) => !/^[-@]/.test(word) && !isShared.test(word) && !notInputs.has(expanded[i - 1] ?? ''),
  )
  if (paths.length > mostFiles) return many
  const files = sizedFiles([...paths, ...staticLibraries(expanded)])
  const bytes = files.reduce((sum, file) => sum + file.size, 0)
  if (bytes < worthCompiling) return undefined
  const isLarge = bytes >= worthThreads
  return { files: isLarge ? files.filter(({ size }) => size >= smallFile) : [], bytes, isLarge }
}

/** Words of a short response file, without regard to quotes and lists in lists. */
function listed(path: string): readonly string[] {
  try {
    return readFileSync(systemPath(path), 'latin1').split(/\s+/)
  } catch {
    return [] // it will be reported
  }
}

/** Where the archives of -l may be, for links that take no shared objects. */
function staticLibraries(words: readonly string[]): readonly string[] {
  if (!words.some(word => word === '-static' || word === '-Bstatic')) return []
  const after = (option: string): string[] =>
    words.flatMap((word, i) =>
      word === option ? [words[i + 1] ?? ''] : word.startsWith(option) ? [word.slice(2)] : [],
    )
  const names = [...new Set(after('-l'))]
  return after('-L').flatMap(folder => names.map(name => `${folder}/lib${name}.a`))
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
