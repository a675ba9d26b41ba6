/**
 * The names of the input files, looked up by pattern. The first patterns are searched for in a text of all names; when there
 * are more, `start*` and `*end` find their names in sorted lists.
 */
import { type Glob, matchesText } from '../../base/glob.ts'
import type { InputFile } from '../records/program.ts'

/** as many patterns are tried on all names before lists are sorted */
const fewPatterns = 24
/** so many names are looked at one by one */
const fewNames = 16

/** All names in one text, a line feed in front of each. */
interface Joined {
  readonly text: string
  /** by file id: where its name begins, with a last entry behind the end */
  readonly starts: Int32Array
}

/** Members of an archive that stand side by side: ids from `first` to `end` - 1. */
interface ArchiveRun {
  readonly path: string
  readonly first: number
  readonly end: number
}

/** Names in order, and the ids of their files. */
interface Sorted {
  readonly names: readonly string[]
  readonly ids: readonly number[]
}

export class FileNames {
  private readonly files: readonly InputFile[]
  private asked = 0
  private joined: Joined | undefined
  private archives: ArchiveRun[] | undefined
  private forward: Sorted | undefined
  /** names written backwards */
  private backward: Sorted | undefined
  private whole: Map<string, number[]> | undefined

  constructor(files: readonly InputFile[]) {
    this.files = files
  }

  /** Ids of the files with a fitting name; `*` and `<linker>` included. */
  matching(glob: Glob): readonly number[] {
    const { files } = this
    if (glob.pattern === '*') return files.map(file => file.id)
    const many = ++this.asked > fewPatterns
    const from = (many ? this.narrowed(glob) : undefined) ?? this.containing(glob)
    const found: number[] = []
    if (from !== undefined) {
      for (const id of from) if (matchesText(glob, files[id]!.name)) found.push(id)
    } else for (const file of files) if (matchesText(glob, file.name)) found.push(file.id)
    return found
  }

  /** Ids of the file of that path, or of all members of the archive of that path. */
  fileOrArchive(path: string): readonly number[] {
    if (this.whole === undefined) {
      this.whole = new Map()
      for (const file of this.files) enter(this.whole, file.archive ?? file.name, file.id)
    }
    return this.whole.get(path) ?? []
  }

  /** Ids of all members of archives with a fitting path. */
  inArchives(glob: Glob): readonly number[] {
    this.archives ??= listArchives(this.files)
    const found: number[] = []
    for (const { path, first, end } of this.archives)
      if (matchesText(glob, path)) for (let id = first; id < end; id++) found.push(id)
    return found
  }

  /** Files whose names contain the longest literal part of the pattern; undefined: it has none to speak of. */
  private containing({ pattern }: Glob): readonly number[] | undefined {
    if (this.files.length <= fewNames || /[[\\\n]/.test(pattern)) return undefined
    let part = ''
    for (const each of pattern.split(/[*?]/)) if (each.length > part.length) part = each
    if (part.length < 3) return undefined
    const { text, starts } = (this.joined ??= joinNames(this.files))
    const found: number[] = []
    let id = 0
    for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, starts[id])) {
      id = lastNotAbove(starts, at, id)
      found.push(id++)
    }
    return found
  }

  /** Files that share the literal start or end of the pattern; undefined: it has neither. */
  private narrowed(glob: Glob): readonly number[] | undefined {
    if (glob.literal || glob.prefix.length > glob.suffix.length) {
      this.forward ??= sorted(this.files, name => name)
      return startingWith(this.forward, glob.prefix)
    }
    if (glob.suffix === '') return undefined
    this.backward ??= sorted(this.files, reversed)
    return startingWith(this.backward, reversed(glob.suffix))
  }
}

function listArchives(files: readonly InputFile[]): ArchiveRun[] {
  const runs: ArchiveRun[] = []
  for (let first = 0; first < files.length; ) {
    const { archive: path } = files[first]!
    let end = first + 1
    while (end < files.length && files[end]!.archive === path) end++
    if (path !== undefined) runs.push({ path, first, end })
    first = end
  }
  return runs
}

function joinNames(files: readonly InputFile[]): Joined {
  const starts = new Int32Array(files.length + 1)
  let at = 1
  for (let id = 0; id < files.length; id++) {
    starts[id] = at
    at += files[id]!.name.length + 1
  }
  starts[files.length] = at
  return { text: `\n${files.map(file => file.name).join('\n')}`, starts }
}

/** Index of the last entry that is at most `at`, from `first` on. */
function lastNotAbove(starts: Int32Array, at: number, first: number): number {
  let low = first
  let high = starts.length - 1
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= at) low = middle
    else high = middle
  }
  return low
}

function enter(map: Map<string, number[]>, key: string, id: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}

function sorted(files: readonly InputFile[], form: (name: string) => string): Sorted {
  const forms = files.map(file => form(file.name))
  const ids = files
    .map(file => file.id)
    .sort((a, b) => (forms[a]! < forms[b]! ? -1 : forms[a]! > forms[b]! ? 1 : a - b))
  return { names: ids.map(id => forms[id]!), ids }
}

function reversed(text: string): string {
  let back = ''
  for (let i = text.length - 1; i >= 0; i--) back += text[i]
  return back
}

function startingWith(list: Sorted, prefix: string): readonly number[] {
  let low = 0
  let high = list.names.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list.names[middle]! < prefix) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < list.names.length && list.names[end]!.startsWith(prefix)) end++
  return list.ids.slice(low, end)
}
