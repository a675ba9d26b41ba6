/** Modules of Node that few links need, loaded when they are: an import would load them, or node:module, at every start. */

interface Builtins {
  readonly crypto: typeof import('node:crypto')
  readonly os: typeof import('node:os')
  readonly v8: typeof import('node:v8')
  readonly worker_threads: typeof import('node:worker_threads')
  readonly zlib: typeof import('node:zlib')
}

/** The bundle's own (scripts/bundle.ts), where Node is older than 20.16 and has no process.getBuiltinModule. */
declare const require: ((name: string) => unknown) | undefined

/** Module `node:NAME`. */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const load = process.getBuiltinModule ?? require!
  return load(`node:${name}`) as Builtins[Name]
}
