/**
 * The names of the input files, looked up by pattern. The first patterns are tried on every name; when there are more,
 * `start*` and `*end` find their names in sorted lists.
 */
import { type Glob, matchesText } from '../../base/glob.ts'
import type { InputFile } from '../records/program.ts'

/** as many patterns are tried on all names before lists are sorted */
const fewPatterns = 24

/** Names in order, and the ids of their files. */
interface Sorted {
  readonly names: readonly string[]
  readonly ids: readonly number[]
}

export class FileNames {
  private readonly files: readonly InputFile[]
  private asked = 0
  private forward: Sorted | undefined
  /** names written backwards */
  private backward: Sorted | undefined
  private whole: Map<string, number[]> | undefined
  private archives: Map<string, number[]> | undefined

  constructor(files: readonly InputFile[]) {
    this.files = files
  }

  /** Ids of the files with a fitting name; `*` and `<linker>` included. */
  matching(glob: Glob): readonly number[] {
    const many = ++this.asked > fewPatterns
    const from = many ? this.narrowed(glob) : undefined
    const found: number[] = []
    if (from !== undefined) {
      for (const id of from) if (matchesText(glob, this.files[id]!.name)) found.push(id)
    } else for (const file of this.files) if (matchesText(glob, file.name)) found.push(file.id)
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
    if (this.archives === undefined) {
      this.archives = new Map()
      for (const file of this.files) if (file.archive !== undefined) enter(this.archives, file.archive, file.id)
    }
    const found: number[] = []
    for (const [path, ids] of this.archives) if (matchesText(glob, path)) found.push(...ids)
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
