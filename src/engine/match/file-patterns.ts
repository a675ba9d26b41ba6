/**
 * Which files a rule speaks of. Decided once per file and distinct file pattern; the result is a byte table.
 *
 * As GNU ld: `*` is every file; a wildcard is matched against the name as given (a member's own name for members); a
 * name without wildcard is that file, or every member when it is an archive; `archive:member` with either part empty.
 */
import { compileGlob, type Glob, matchesText } from '../../base/glob.ts'
import type { FilePattern } from '../../plan/plan.ts'
import type { InputFile } from '../records/program.ts'

/** 1 for each file (by id) that the pattern accepts; undefined when it accepts every file. */
export type FileSet = Uint8Array | undefined

export class FilePatterns {
  private readonly files: readonly InputFile[]
  private readonly globs = new Map<string, Glob>()
  private readonly sets = new Map<string, FileSet>()

  constructor(files: readonly InputFile[]) {
    this.files = files
  }

  /** Files of the rule, less its EXCLUDE_FILE and those of one section pattern. */
  filesOf(file: FilePattern, exclude: readonly string[]): FileSet {
    if (file.pattern === '*' && file.archive === undefined && !file.wholeArchive)
      if (file.exclude.length === 0 && exclude.length === 0) return undefined
    const key = [file.pattern, file.archive ?? '\0', file.wholeArchive ? 1 : 0, ...file.exclude, '\0', ...exclude].join(
      '\u0001',
    )
    if (this.sets.has(key)) return this.sets.get(key)
    const set = new Uint8Array(this.files.length)
    for (const input of this.files) {
      if (!this.accepts(file, input)) continue
      if (file.exclude.some(name => this.isExcluded(name, input))) continue
      if (exclude.some(name => this.isExcluded(name, input))) continue
      set[input.id] = 1
    }
    this.sets.set(key, set)
    return set
  }

  private accepts(file: FilePattern, input: InputFile): boolean {
    if (file.wholeArchive) return this.inArchive(file.archive ?? file.pattern, input)
    if (file.archive !== undefined) {
      if (file.archive === '') return input.archive === undefined && this.matches(file.pattern, input.name)
      return this.inArchive(file.archive, input) && this.matches(file.pattern, input.name)
    }
    if (file.pattern === '*') return true
    const glob = this.glob(file.pattern)
    if (!glob.literal) return matchesText(glob, input.name)
    return (input.archive ?? input.name) === file.pattern
  }

  private isExcluded(name: string, input: InputFile): boolean {
    const colon = name.indexOf(':')
    if (colon >= 0) {
      const archive = name.slice(0, colon)
      const member = name.slice(colon + 1)
      if (member !== '' && !this.matches(member, input.name)) return false
      return archive === '' ? input.archive === undefined : this.inArchive(archive, input)
    }
    if (this.matches(name, input.name)) return true
    return input.archive !== undefined && this.matches(name, input.archive)
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
