/**
 * The rules of architecture that a compiler does not see: who may import whom, no `node:` in the core, no cycles, files that
 * stay readable, diagnostics that can be explained. Each failure is a sentence that says what to do.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** What each room may import besides itself. A room is a folder of src, or grammar, layouts; `x/y` names one file. */
const may: Readonly<Record<string, readonly string[]>> = {
  grammar: [],
  base: ['kernels/names', 'kernels/compute'],
  host: ['kernels/compute', 'input/object-index'],
  kernels: ['elf', 'target/target', 'engine/records', 'engine/layout/content-flags'],
  diag: ['grammar/span', 'base'],
  elf: ['base', 'diag'],
  plan: ['base', 'diag', 'grammar/span'],
  script: ['grammar', 'plan', 'diag', 'host', 'base', 'grammar/span'],
  input: ['elf', 'diag', 'base', 'host', 'kernels'],
  target: ['elf', 'base', 'diag'],
  engine: ['plan', 'input', 'target', 'elf', 'diag', 'base', 'host', 'kernels', 'grammar/span'],
  output: ['engine/records', 'plan', 'elf', 'diag', 'base', 'grammar/span'],
  report: ['engine/records', 'plan', 'elf', 'diag', 'base', 'grammar/span'],
  tools: ['grammar', 'script', 'plan', 'diag', 'base', 'grammar/span'],
  layouts: ['plan', 'base', 'grammar/span'],
  // The library without the language, so that a link with a ready plan loads no parser; language.ts adds it.
  tsld: [
    'base',
    'host',
    'diag',
    'elf',
    'plan',
    'input',
    'target',
    'engine',
    'output',
    'report',
    'layouts',
    'grammar/span',
  ],
  language: ['tsld', 'grammar', 'script', 'plan', 'diag', 'base', 'host', 'layouts', 'tools', 'grammar/span'],
  // its helper thread runs the same functions as the engine, without the rest of it
  'host-node': [
    'host',
    'input/object-index',
    'kernels',
    'tsld',
    'diag',
    'base',
    'elf',
    'target',
    'engine/write',
    'engine/contents',
  ],
  cli: ['tsld', 'language', 'layouts', 'tools', 'report', 'diag', 'host', 'host-node', 'base', 'grammar/span'],
  lsp: ['tsld', 'language', 'tools', 'report', 'diag', 'host', 'host-node', 'base', 'grammar/span'],
}

/** Imports against the table that are meant, with the reason. One that is no longer needed fails the test. */
const exceptions: Readonly<Record<string, string>> = {
  'src/engine/link.ts -> src/output/index.ts':
    'the pipeline ends in bytes: its last line hands the image to the chosen format',
  'src/report/map.ts -> src/engine/link.ts': 'the type of a finished link, which the map is a reading of',
  'src/report/map-statements.ts -> src/engine/link.ts': 'the same',
}

/** Files of grammar that other rooms may import. */
const grammarDoors = ['grammar/index', 'grammar/span', 'grammar/ast', 'grammar/walk', 'grammar/keywords']

/** Rooms whose files may import `node:`. */
const nodeRooms = ['cli', 'host-node', 'lsp']

/** Files that are one table and may be longer than the limit. */
const tables: readonly string[] = ['grammar/keywords.ts', 'src/cli/options.ts', 'src/elf/names.ts']

const lineLimit = 600

interface Source {
  /** path from the project root with forward slashes */
  readonly path: string
  readonly room: string
  readonly text: string
  readonly imports: readonly Import[]
}

interface Import {
  readonly specifier: string
  /** path from the project root for a relative import */
  readonly target: string | undefined
  /** erased by the compiler */
  readonly typeOnly: boolean
}

const sources = ['src', 'grammar', 'layouts'].flatMap(readSources)
const companions = ['scripts', 'test'].flatMap(readSources)

function readSources(folder: string): Source[] {
  const base = join(root, folder)
  if (!existsSync(base)) return []
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .sort()
    .map(name => {
      const path = posix.join(folder, name.split(sep).join('/'))
      const text = readFileSync(join(root, path), 'utf8')
      return { path, room: roomOf(path), text, imports: importsOf(path, text) }
    })
}

function roomOf(path: string): string {
  const parts = path.split('/')
  if (parts[0] !== 'src') return parts[0]
  return parts[1].replace(/\.ts$/, '')
}

function importsOf(path: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const found: Import[] = []
  const pattern = /\b(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^'\n]+)'|\bimport\(\s*'([^'\n]+)'\s*\)/g
  for (const match of code.matchAll(pattern)) {
    const specifier = match[3] ?? match[4]
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
    found.push({ specifier, target, typeOnly: match[2] !== undefined })
  }
  return found
}

/** Allowed by the table above: the room itself, a whole room, or one door of a room. */
function allowed(from: string, target: string): boolean {
  const room = roomOf(target)
  if (room === from) return true
  const rules = may[from]
  const door = target.replace(/^src\//, '').replace(/\.ts$/, '')
  if (room === 'grammar' && !grammarDoors.includes(door)) return false
  if (rules.includes(door)) return true
  return rules.some(rule => rule === room || (rule.includes('/') && door.startsWith(`${rule}/`)))
}

test('every room is in the table of rooms', () => {
  const unknown = [...new Set(sources.map(source => source.room))].filter(room => may[room] === undefined)
  assert.equal(
    unknown,
    [],
    'add the new room to the table at the head of test/structure.test.ts, with what it may import',
  )
})

test('a room imports only what it may', () => {
  const wrong: string[] = []
  const unused = new Set(Object.keys(exceptions))
  for (const source of sources)
    for (const { target } of source.imports) {
      if (target === undefined || may[source.room] === undefined || allowed(source.room, target)) continue
      const arrow = `${source.path} -> ${target}`
      unused.delete(arrow)
      if (exceptions[arrow] === undefined)
        wrong.push(`${source.path} may not import ${target}; move the shared part to ${meeting(source.room, target)}`)
    }
  for (const arrow of unused) wrong.push(`the exception '${arrow}' is not needed any more; take it out of the table`)
  assert.equal(wrong, [])
})

/** The lowest room that both sides may import: where the shared part belongs. */
function meeting(from: string, target: string): string {
  const theirs = may[roomOf(target)] ?? []
  const shared = may[from].find(rule => theirs.includes(rule))
  return shared === undefined ? 'src/base' : shared.startsWith('grammar') ? shared : `src/${shared}`
}

/** The files that list the architectures. */
const registries = ['src/target/arch/index.ts', 'src/target/arch/others.ts']

test('architectures are apart from each other and reached through their index', () => {
  const archOf = (path: string): string | undefined => /^src\/target\/arch\/([^/]+)\//.exec(path)?.[1]
  const wrong: string[] = []
  for (const source of sources)
    for (const { target } of source.imports) {
      const arch = target === undefined ? undefined : archOf(target)
      if (arch === undefined || arch === archOf(source.path) || registries.includes(source.path)) continue
      wrong.push(`${source.path} may not import ${target}; ask src/target/arch/index.ts for the architecture`)
    }
  assert.equal(wrong, [])
})

test('only cli, lsp and host-node touch node:', () => {
  const wrong = sources
    .filter(source => !nodeRooms.includes(source.room))
    .flatMap(source =>
      source.imports
        .filter(({ specifier }) => specifier.startsWith('node:'))
        .map(({ specifier }) => `${source.path} may not import ${specifier}; ask the Host for it (src/host.ts)`),
    )
  assert.equal(wrong, [])
})

test('packages stay where they belong', () => {
  const homes: Readonly<Record<string, readonly string[]>> = {
    chevrotain: ['grammar'],
    kleur: ['cli', 'diag', 'report'],
  }
  const wrong: string[] = []
  for (const source of sources)
    for (const { specifier, target } of source.imports) {
      if (target !== undefined || specifier.startsWith('node:')) continue
      const home = homes[specifier]
      if (home === undefined) wrong.push(`${source.path} imports the package ${specifier}, which is not on the list`)
      else if (!home.includes(source.room))
        wrong.push(`${source.path} may not import ${specifier}; only ${home.join(', ')} may`)
    }
  assert.equal(wrong, [])
})

test('imports end in .ts and lead to a file', () => {
  const wrong = sources.flatMap(source =>
    source.imports
      .filter(({ target }) => target !== undefined && !(target.endsWith('.ts') && existsSync(join(root, target))))
      .map(({ specifier }) => `${source.path} imports ${specifier}, which is not a .ts file of the project`),
  )
  assert.equal(wrong, [])
})

test('there are no import cycles', () => {
  const graph = new Map(
    sources.map(source => [
      source.path,
      source.imports.filter(i => !i.typeOnly && i.target !== undefined).map(i => i.target as string),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path)
    if (seen >= 0) {
      cycles.push(`${[...trail.slice(seen), path].join(' -> ')}; move what they share to a file both import`)
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  assert.equal(cycles, [])
})

test(`no file is longer than ${lineLimit} lines`, () => {
  const long = [...sources, ...companions]
    .filter(({ path }) => !path.endsWith('.generated.ts') && !tables.includes(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > lineLimit)
    .map(({ path, lines }) => `${path} has ${lines} lines; split it by what its parts do`)
  assert.equal(long, [])
})

test('every diagnostic has a code of its own and an explanation', async () => {
  const folder = join(root, 'src/diag/catalogue')
  const owners = new Map<string, string>()
  const wrong: string[] = []
  for (const name of readdirSync(folder).filter(file => file.endsWith('.ts') && file !== 'entry.ts')) {
    const module = (await import(pathToFileURL(join(folder, name)).href)) as Record<string, unknown>
    for (const [key, value] of Object.entries(module)) {
      if (!isEntry(value)) continue
      const owner = `${relative(root, join(folder, name))} ${key}`
      const other = owners.get(value.code)
      if (other !== undefined) wrong.push(`${value.code} is used by ${other} and by ${owner}; give one a new number`)
      owners.set(value.code, owner)
      if (!/^[A-Z]\d{4}$/.test(value.code)) wrong.push(`${owner}: '${value.code}' is not a letter and four digits`)
      if (value.explanation.trim().length < 40)
        wrong.push(`${owner}: the explanation says too little; write what it means, why it is so, how to mend it`)
    }
  }
  assert.equal(wrong, [])
})

function isEntry(value: unknown): value is { code: string; explanation: string } {
  return (
    typeof value === 'function' &&
    typeof (value as { code?: unknown }).code === 'string' &&
    typeof (value as { explanation?: unknown }).explanation === 'string'
  )
}

test.run()
