/**
 * Scripts of the bundle with their compiled code, kept between runs.
 *
 * Unpacking and compiling the program and, function by function, what a link calls takes a third of a small link. V8 can
 * hand out that code after a run and take it back at the next start; it checks itself that version, flags and text agree.
 * The files lie in $XDG_CACHE_HOME/tsld or ~/.cache/tsld; TSLD_CACHE names another folder, and nothing is kept when it is
 * empty or the folder can't be written. Nothing ever depends on them but time.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { Script } from 'node:vm'

interface OpenScript {
  readonly script: Script
  readonly text: string
  readonly file: string
}

interface KeptScript {
  readonly text: string
  readonly code: Buffer
}

/** scripts of this run that had no compiled code */
const cold: OpenScript[] = []

/**
 * Kinds of runs that compile different functions: what is a kernel runs as TypeScript in small links alone. The code of each is
 * kept apart, since reading back what is not used takes time, too.
 */
export type RunKind = 'small' | 'compiled'
let kind: RunKind = 'small'

/** Says what kind of run this is, before a script is opened. */
export function setRunKind(found: RunKind): void {
  kind = found
}

function cacheFolder(): string | undefined {
  const { TSLD_CACHE, XDG_CACHE_HOME, HOME } = process.env
  if (TSLD_CACHE !== undefined) return TSLD_CACHE === '' ? undefined : TSLD_CACHE
  if (XDG_CACHE_HOME) return `${XDG_CACHE_HOME}/tsld`
  return HOME ? `${HOME}/.cache/tsld` : undefined
}

/**
 * Value of a script, with compiled code where a former run left it.
 * @param key changes with the text
 * @param read gives the text, all ASCII; not asked where a former run left it
 */
export function openScript(key: string, read: () => string): unknown {
  const folder = cacheFolder()
  const file = folder === undefined ? undefined : `${folder}/${key}-${kind}-${process.version}-${process.arch}.code`
  const kept = file === undefined ? undefined : readKept(file)
  const text = kept?.text ?? read()
  const script = new Script(text, { filename: `${key}.js`, cachedData: kept?.code })
  const isUsable = kept !== undefined && script.cachedDataRejected !== true
  if (file !== undefined && !isUsable) cold.push({ script, text, file })
  return script.runInThisContext()
}

/** Keeps the code that this run compiled. Call it when the work is done, so that all of it is there. */
export function keepCode(): void {
  for (const { script, text, file } of cold) {
    try {
      mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true })
      const temporary = `${file}.${process.pid}`
      writeFileSync(temporary, keptBytes(text, script.createCachedData()), { mode: 0o600 })
      renameSync(temporary, file)
      forgetOld(file)
    } catch {
      return // no place to keep it: the next start is as slow as this one was
    }
  }
}

/** versions and kinds of a script whose code is kept: a few, for those who change between some */
const keptVersions = 12

/** Removes the oldest code of other versions of the script in `file`. */
function forgetOld(file: string): void {
  const folder = file.slice(0, file.lastIndexOf('/'))
  const name = file.slice(folder.length + 1).replace(/-[0-9a-f]{16}-.*$/, '-')
  const versions = readdirSync(folder)
    .filter(each => each.startsWith(name) && each.endsWith('.code'))
    .map(each => ({ path: `${folder}/${each}`, time: statSync(`${folder}/${each}`).mtimeMs }))
    .sort((a, b) => b.time - a.time)
  for (const { path } of versions.slice(keptVersions)) unlinkSync(path)
}

/** Bytes in front of the text: its length as a 32-bit number, little-endian, and padding. V8 wants its code aligned. */
const headerSize = 16

function codeStart(length: number): number {
  return Math.ceil((headerSize + length) / 16) * 16
}

function keptBytes(text: string, code: Buffer): Buffer {
  const start = codeStart(text.length)
  const bytes = Buffer.alloc(start + code.length)
  bytes.writeUInt32LE(text.length)
  bytes.write(text, headerSize, 'latin1')
  bytes.set(code, start)
  return bytes
}

/** Undefined where nothing is kept, or where another user has put it: what is read is run. */
function readKept(file: string): KeptScript | undefined {
  try {
    if (statSync(file).uid !== (process.getuid?.() ?? 0)) return undefined
    const bytes = readFileSync(file)
    const length = bytes.readUInt32LE()
    const start = codeStart(length)
    if (start >= bytes.length) return undefined
    return {
      text: bytes.toString('latin1', headerSize, headerSize + length),
      code: bytes.subarray(start),
    }
  } catch {
    return undefined
  }
}
