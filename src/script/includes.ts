/** Reading included scripts: where they are looked for, and when the chain of includes is at fault. */
import type { ExtensionInclude, IncludeStatement, Script, ScriptContext } from '../../grammar/ast.ts'
import type { Span } from '../../grammar/span.ts'
import { includeCycle, includeMissing, includeTooDeep } from '../diag/catalogue/script-compile.ts'
import { isFailure } from '../host.ts'
import type { Compilation } from './compilation.ts'

/** GNU ld keeps at most ten scripts open, the first one counted. */
const openLimit = 10

/** Bytes as a string of one character per byte. */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

/** Parses a text and reports its problems. */
export function parse(text: string, name: string, context: ScriptContext, c: Compilation): Script {
  const { tree, problems } = c.options.parse.parseScript(text, name, context)
  for (const { code, severity, message, span, fix } of problems)
    c.report.add({ code, severity, message }, { kind: 'script', span }, [], fix)
  if (!c.draft.sources.includes(name)) c.draft.sources.push(name)
  return tree
}

/** Where a name is looked for, before the scripts that come with the program: as it is, then below each -L and SEARCH_DIR directory. */
function gnuCandidates(name: string, c: Compilation): string[] {
  if (name.startsWith('/')) return [name]
  const directories = [...c.options.searchPaths]
  for (const input of c.draft.inputs) if (input.kind === 'search-dir') directories.push(input.path)
  return [name, ...directories.map(directory => withSysroot(directory, c) + '/' + name)]
}

/** `=dir` and `$SYSROOT/dir` lie below the sysroot. */
function withSysroot(directory: string, c: Compilation): string {
  if (directory.startsWith('=')) return (c.options.sysroot ?? '') + directory.slice(1)
  if (directory.startsWith('$SYSROOT')) return (c.options.sysroot ?? '') + directory.slice('$SYSROOT'.length)
  return directory
}

/** A path beside another file. */
function besideFile(name: string, file: string): string {
  const slash = file.lastIndexOf('/')
  let path = name.startsWith('/') || slash < 0 ? name : file.slice(0, slash + 1) + name
  // `a/../b` is `b`: scripts in memory have names, not directories
  for (let before = ''; before !== path; ) {
    before = path
    path = path.replace(/(^|\/)(?!\.\.?\/)[^/]+\/\.\.\//, '$1')
  }
  return path
}

/** Calls `use` with the included script while it counts as open; nothing after a diagnostic. */
export function withInclude(
  statement: IncludeStatement | ExtensionInclude,
  name: string,
  c: Compilation,
  use: (script: Script) => void,
): void {
  const relative = statement.kind === 'extension-include'
  const candidates = relative ? [besideFile(name, statement.span.file)] : gnuCandidates(name, c)
  const optional = relative && statement.optional
  const found = readFirst(candidates, name, statement.file.span, optional, c)
  if (found === undefined) return
  const canonical = c.host.canonical?.(found.path) ?? found.path
  const chain = [...c.open.map(script => script.name), found.path]
  if (c.open.some(script => script.canonical === canonical)) {
    // A chain may come back to a file and still end, where a condition of the extended language stops it.
    if (!relative || c.open.length >= openLimit) {
      c.add(includeCycle({ chain }), statement.file.span)
      return
    }
  }
  if (c.open.length >= openLimit) {
    c.add(includeTooDeep({ chain }), statement.file.span)
    return
  }
  c.open.push({ name: found.path, canonical })
  use(parse(latin1(found.bytes), found.path, statement.context, c))
  c.open.pop()
}

function readFirst(
  candidates: readonly string[],
  name: string,
  span: Span,
  optional: boolean,
  c: Compilation,
): { path: string; bytes: Uint8Array } | undefined {
  let detail = 'No such file or directory'
  for (const path of candidates) {
    const bytes = c.host.read(path)
    if (!isFailure(bytes)) return { path, bytes }
    if (bytes.failure === 'missing') continue
    detail = bytes.detail
    if (!optional) break
  }
  for (const path of [...candidates, name]) {
    const text = c.options.builtIn?.[path]
    if (text !== undefined) return { path, bytes: Uint8Array.from(text, char => char.charCodeAt(0)) }
  }
  if (!optional) c.add(includeMissing({ file: name, detail, tried: candidates }), span)
  return undefined
}
