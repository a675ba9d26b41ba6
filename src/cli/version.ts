import { readFileSync } from 'node:fs'

/** Replaced by the bundler; without a bundle it comes from package.json. */
declare const TSLD_VERSION: string | undefined

export function version(): string {
  if (typeof TSLD_VERSION === 'string') return TSLD_VERSION
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/**
 * The line that --version prints. configure scripts, libtool, meson and gcc's own configure look for "GNU ld" in it and
 * for a version at the end of the line; the first number is ours.
 */
export function versionLine(): string {
  return `tsld ${version()} (compatible with GNU ld 2.44)`
}
