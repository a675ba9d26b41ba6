/**
 * Compiled code of the bundle, kept between runs.
 *
 * Compiling the program and, function by function, what a link calls takes about a third of a small link. V8 can hand out
 * that code after a run and take it back at the next start; it checks itself that version, flags and text agree. The
 * files lie in $XDG_CACHE_HOME/tsld or ~/.cache/tsld; TSLD_CACHE names another folder, and nothing is kept when it is
 * empty or the folder can't be written. Nothing ever depends on them but time.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Script } from 'node:vm'

interface OpenScript {
  readonly script: Script
  readonly file: string
}

/** scripts of this run that had no compiled code */
const cold: OpenScript[] = []

function cacheFolder(): string | undefined {
  const { TSLD_CACHE, XDG_CACHE_HOME, HOME } = process.env
  if (TSLD_CACHE !== undefined) return TSLD_CACHE === '' ? undefined : TSLD_CACHE
  if (XDG_CACHE_HOME) return `${XDG_CACHE_HOME}/tsld`
  return HOME ? `${HOME}/.cache/tsld` : undefined
}

/**
 * Value of a script's text, with compiled code where a former run left it.
 * @param key changes with the text
 */
export function openScript(key: string, text: string): unknown {
  const folder = cacheFolder()
  const file = folder === undefined ? undefined : `${folder}/${key}-${process.version}-${process.arch}.code`
  const cachedData = file === undefined ? undefined : readCode(file)
  const script = new Script(text, { filename: `${key}.js`, cachedData })
  if (file !== undefined && (cachedData === undefined || script.cachedDataRejected === true))
    cold.push({ script, file })
  return script.runInThisContext()
}

/** Keeps the code that this run compiled. Call it when the work is done, so that all of it is there. */
export function keepCode(): void {
  for (const { script, file } of cold) {
    try {
      mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true })
      const temporary = `${file}.${process.pid}`
      writeFileSync(temporary, script.createCachedData(), { mode: 0o600 })
      renameSync(temporary, file)
    } catch {
      return // no place to keep it: the next start is as slow as this one was
    }
  }
}

function readCode(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
