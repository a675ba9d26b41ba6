/**
 * Which files a rule speaks of. Decided once per distinct file pattern, by an index over the file names: a script may
 * have thousands of patterns and a link ten thousand files.
 *
 * As GNU ld: `*` is every file; a wildcard is matched against the name as given (a member's own name for members); a
 * name without wildcard is that file, or every member when it is an archive; `archive:member` with either part empty.
 */
import { compileGlob, type Glob, matchesText } from '../../base/glob.ts'
import type { FilePattern } from '../../plan/plan.ts'
import type { InputFile } from '../records/program.ts'
import { FileNames } from './file-names.ts'

/** The files that a pattern accepts: as ids where they are listed, as marks where all but some are. */
export interface FileSet {
  readonly count: number
  readonly ids?: Int32Array
  /** 1 by file id */
  readonly marks?: Uint8Array
}

/** Ids of the files of a set. */
export function idsOf({ ids, marks, count }: FileSet): Int32Array {
  if (ids !== undefined) return ids
  const found = new Int32Array(count)
  let id = -1
  for (let i = 0; i < count; i++) found[i] = id = marks!.indexOf(1, id + 1)
  return found
}

/** 1 by file id for those of a set. */
export function marksOf({ ids, marks }: FileSet, files: number): Uint8Array {
  if (marks !== undefined) return marks
  const made = new Uint8Array(files)
  for (let i = 0; i < ids!.length; i++) made[ids![i]!] = 1
  return made
}

export class FilePatterns {
  private readonly files: readonly InputFile[]
  private readonly names: FileNames
  private readonly globs = new Map<string, Glob>()
  private readonly sets = new Map<string, FileSet>()

  private readonly linker: number
  /** the first object: what the linker makes counts as its, as in GNU ld */
  private readonly host: number

  constructor(files: readonly InputFile[]) {
    this.files = files
    this.linker = files.findIndex(file => file.kind === 'linker')
    this.host = files.findIndex(file => file.kind === 'object')
    this.names = new FileNames(files)
  }

  /** Files of the rule, less its EXCLUDE_FILE and those of one section pattern. Undefined: all. */
  filesOf(file: FilePattern, exclude: readonly string[]): FileSet | undefined {
    const isEvery = file.pattern === '*' && file.archive === undefined && !file.wholeArchive
    if (isEvery && file.exclude.length === 0 && exclude.length === 0) return undefined
    const key = [file.pattern, file.archive ?? '\0', file.wholeArchive ? 1 : 0, ...file.exclude, '\0', ...exclude].join(
      '\u0001',
    )
    let set = this.sets.get(key)
    if (set === undefined) {
      const names = [...file.exclude, ...exclude]
      set = isEvery ? this.allBut(names) : this.listed(this.accepted(file), names)
      this.sets.set(key, set)
    }
    return set
  }

  private allBut(names: readonly string[]): FileSet {
    const marks = new Uint8Array(this.files.length).fill(1)
    let count = marks.length
    const take = (id: number): void => {
      count -= marks[id]!
      marks[id] = 0
    }
    for (const name of names) this.excluded(name).forEach(take)
    if (this.linker >= 0 && (this.host < 0 || marks[this.host] === 0)) take(this.linker)
    else if (this.linker >= 0 && marks[this.linker] === 0) {
      marks[this.linker] = 1
      count++
    }
    return { count, marks }
  }

  private listed(accepted: readonly number[], names: readonly string[]): FileSet {
    const excluded = new Set<number>()
    for (const name of names) for (const id of this.excluded(name)) excluded.add(id)
    const found = new Int32Array(accepted.length + 1)
    let count = 0
    for (let i = 0; i < accepted.length; i++) {
      const id = accepted[i]!
      if (id === this.linker || excluded.has(id)) continue
      found[count++] = id
      if (id === this.host && this.linker >= 0) found[count++] = this.linker
    }
    return { count, ids: found.subarray(0, count) }
  }

  /** Ids of the files that a name in EXCLUDE_FILE speaks of, some perhaps twice. */
  private excluded(name: string): readonly number[] {
    const colon = name.indexOf(':')
    if (colon < 0) {
      const glob = this.glob(name)
      return [...this.names.matching(glob), ...this.names.inArchives(glob)]
    }
    const archive = name.slice(0, colon)
    const member = name.slice(colon + 1)
    const found: number[] = []
    for (const { id, name: own, archive: home } of this.files) {
      if (member !== '' && !this.matches(member, own)) continue
      const isThere = archive === '' ? home === undefined : home !== undefined && this.matches(archive, home)
      if (isThere) found.push(id)
    }
    return found
  }

  /** Ids of the files that the pattern names, EXCLUDE_FILE aside. */
  private accepted(file: FilePattern): readonly number[] {
    const { archive, pattern } = file
    if (file.wholeArchive) return this.names.inArchives(this.glob(archive ?? pattern))
    const glob = this.glob(pattern)
    if (archive === undefined) return glob.literal ? this.names.fileOrArchive(pattern) : this.names.matching(glob)
    const named = this.names.matching(glob)
    if (archive === '') return named.filter(id => this.files[id]!.archive === undefined)
    return named.filter(id => this.inArchive(archive, this.files[id]!))
  }

  private inArchive(pattern: string, input: InputFile): boolean {
    return input.archive !== undefined && this.matches(pattern, input.archive)
  }

  private matches(pattern: string, name: string): boolean {
    return matchesText(this.glob(pattern), name)
  }

  private glob(pattern: string): Glob {
    let glob = this.globs.get(pattern)
    if (glob === undefined) this.globs.set(pattern, (glob = compileGlob(pattern)))
    return glob
  }
}
