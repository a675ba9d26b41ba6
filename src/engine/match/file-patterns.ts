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

/** Ids of the files that a pattern accepts; undefined when it accepts every file. */
export type FileSet = Int32Array | undefined

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

  /** Files of the rule, less its EXCLUDE_FILE and those of one section pattern. */
  filesOf(file: FilePattern, exclude: readonly string[]): FileSet {
    if (file.pattern === '*' && file.archive === undefined && !file.wholeArchive)
      if (file.exclude.length === 0 && exclude.length === 0) return undefined
    const key = [file.pattern, file.archive ?? '\0', file.wholeArchive ? 1 : 0, ...file.exclude, '\0', ...exclude].join(
      '\u0001',
    )
    const known = this.sets.get(key)
    if (known !== undefined) return known
    const excluded = new Uint8Array(this.files.length)
    for (const name of file.exclude) this.markExcluded(name, excluded)
    for (const name of exclude) this.markExcluded(name, excluded)
    const accepted = this.accepted(file)
    const found = new Int32Array(accepted.length + 1)
    let count = 0
    for (let i = 0; i < accepted.length; i++) {
      const id = accepted[i]!
      if (id === this.linker || excluded[id] === 1) continue
      found[count++] = id
      if (id === this.host && this.linker >= 0) found[count++] = this.linker
    }
    const set = found.subarray(0, count)
    this.sets.set(key, set)
    return set
  }

  /** Marks the files that a name in EXCLUDE_FILE speaks of. */
  private markExcluded(name: string, marks: Uint8Array): void {
    const colon = name.indexOf(':')
    if (colon < 0) {
      const glob = this.glob(name)
      for (const id of this.names.matching(glob)) marks[id] = 1
      for (const id of this.names.inArchives(glob)) marks[id] = 1
      return
    }
    const archive = name.slice(0, colon)
    const member = name.slice(colon + 1)
    for (const { id, name: own, archive: home } of this.files) {
      if (member !== '' && !this.matches(member, own)) continue
      const isThere = archive === '' ? home === undefined : home !== undefined && this.matches(archive, home)
      if (isThere) marks[id] = 1
    }
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
