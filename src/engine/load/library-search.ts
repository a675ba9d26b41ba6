/** Where -lNAME and the names in INPUT and GROUP are looked for. Paths are joined with '/', as they are shown. */

import type { InputState } from '../records/request.ts'
import type { Loading } from './loading.ts'

/** Path of a library, or undefined. `tried` gets the file names that were looked for. */
export function findLibrary(
  loading: Loading,
  name: string,
  state: InputState,
  paths: readonly string[],
  tried: string[],
): string | undefined {
  const wantsShared = !state.staticOnly && !loading.request.isStatic && loading.request.kind !== 'relocatable'
  const candidates = name.startsWith(':')
    ? [name.slice(1)]
    : wantsShared
      ? [`lib${name}.so`, `lib${name}.a`]
      : [`lib${name}.a`]
  tried.push(...candidates)
  for (const folder of paths) {
    for (const candidate of candidates) {
      const path = joinPath(folder, candidate)
      if (loading.host.exists(path)) return path
    }
  }
  return undefined
}

/**
 * Path of a file named in a script: as it is (in the sysroot when the script is in it), beside the script, in the search
 * folders. Undefined when there is none.
 */
export function findScriptInput(
  loading: Loading,
  given: string,
  script: string,
  paths: readonly string[],
): string | undefined {
  const { host, request } = loading
  const prefix = given.startsWith('=') ? 1 : given.startsWith('$SYSROOT') ? 8 : 0
  const name = given.slice(prefix)
  if (prefix > 0 && (request.sysroot !== '' || name.startsWith('/'))) return joinPath(request.sysroot, name)
  // Without a sysroot the mark means nothing, and what stands behind it is a name like any other.
  if (name.startsWith('/')) {
    const { sysroot } = request
    const inside =
      sysroot !== '' && sysroot !== '/' && script.startsWith(sysroot.endsWith('/') ? sysroot : `${sysroot}/`)
    if (inside) return joinPath(sysroot, name)
    return host.exists(name) ? name : undefined
  }
  if (host.exists(name)) return name
  const slash = script.lastIndexOf('/')
  if (slash >= 0) {
    const beside = script.slice(0, slash + 1) + name
    if (host.exists(beside)) return beside
  }
  for (const folder of paths) {
    const path = joinPath(folder, name)
    if (host.exists(path)) return path
  }
  return undefined
}

/** '=' and $SYSROOT in front of a SEARCH_DIR folder stand for the sysroot. */
export function searchFolder(loading: Loading, path: string): string {
  if (path.startsWith('=')) return loading.request.sysroot + path.slice(1)
  if (path.startsWith('$SYSROOT')) return loading.request.sysroot + path.slice(8)
  return path
}

function joinPath(folder: string, name: string): string {
  if (folder === '') return name
  return folder.endsWith('/') ? folder + name.replace(/^\/+/, '') : `${folder}/${name.replace(/^\/+/, '')}`
}
