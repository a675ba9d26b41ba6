/**
 * npm run build: dist/tsld.mjs, the command line in one file, and dist/lib, the library. `--command FILE` writes the command
 * alone, elsewhere.
 *
 * Kernels are translated to WebAssembly for large links (scripts/kernels).
 *
 * The script language (grammar, Chevrotain, compile step) is a bundle of its own, kept as a string in the first and
 * evaluated when a script has to be read: a link with a default layout never pays for the parser.
 */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { layoutRows, ownDefault, storedKey } from '../layouts/catalog.ts'
import { layoutTexts, storedLayouts } from '../layouts/compiled.generated.ts'
import { compileKernels } from './kernels/index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  legalComments: 'none',
  platform: 'node',
  target: 'node20',
  write: false,
  define: { TSLD_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
} as const

/** Modules that become bundles of their own: in the main bundle each is a door that evaluates its text when first called. */
const doors = [
  'src/language.ts',
  'src/cli/color-paint.ts',
  'src/target/arch/others.ts',
  'src/plan/describe.ts',
  'src/report/map.ts',
  'src/diag/demangle.ts',
  'src/diag/catalogue/index.ts',
]

async function doorText(door: string): Promise<string> {
  const result = await build({ ...shared, entryPoints: [door], format: 'iife', globalName: 'door', outdir: 'unused' })
  return `(()=>{${result.outputFiles[0]!.text}\nreturn door})()`
}

/** Functions a door exports: found by building it alone. */
async function exportsOf(door: string): Promise<string[]> {
  const result = await build({ ...shared, entryPoints: [door], format: 'esm', metafile: true, outdir: 'unused' })
  return Object.values(result.metafile.outputs).flatMap(output => output.exports)
}

/** Names a text, for code that is kept of it. */
function keyOf(name: string, text: string): string {
  return `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

/** The module that stands for a door. `openScript` is a parameter of the program that holds it. */
function doorModule(text: string, names: readonly string[], file: string): string {
  return `let door
const open = () => (door ??= openScript(${JSON.stringify(keyOf(file, text))}, () => texts[${JSON.stringify(file)}]))
${names.map(name => `export const ${name} = (...values) => open().${name}(...values)`).join('\n')}`
}

function lazyDoors(modules: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'lazy-doors',
    setup(setup) {
      setup.onLoad({ filter: /\.ts$/ }, found => {
        const contents = modules.get(found.path)
        return contents === undefined ? undefined : { contents, loader: 'js', resolveDir: root }
      })
    },
  }
}

/** Texts that the launcher reads from the end of the bundle when they are needed (src/cli/bundle-texts.ts). */
const texts: Record<string, string> = {}
const { bytes, signatures } = await compileKernels(join(root, 'src/kernels/all.ts'))
texts['kernels'] = `(${JSON.stringify({ bytes: Buffer.from(bytes).toString('base64'), signatures })})`
const layouts = 'layouts/compiled.generated.ts'
const modules = new Map([
  [join(root, layouts), layoutsModule()],
  [join(root, 'src/host-node/helper-text.ts'), 'export const helperText = () => texts.helper'],
  [join(root, 'src/host-node/kernel-code.ts'), kernelModule()],
])

/**
 * Stands for the compiled layouts: the plans of the two defaults are in the program, all others and the layouts' texts are
 * unpacked when one of them is asked for.
 */
function layoutsModule(): string {
  const usual = layoutRows
    .filter(row => row.name === 'gnu' || row.name === ownDefault)
    .map(row => storedKey(row, row.stored[0]!))
  const isUsual = (key: string): boolean => usual.includes(key)
  const rows = usual.map(key => `${JSON.stringify(key)}: () => ${JSON.stringify(storedLayouts[key])}`)
  const rare = Object.fromEntries(Object.entries(storedLayouts).filter(([key]) => !isUsual(key)))
  texts['layouts'] = JSON.stringify({ storedLayouts: rare, layoutTexts })
  return `let layouts
const unpacked = () => (layouts ??= JSON.parse(texts.layouts))
const usual = { ${rows.join(', ')} }
export const storedLayouts = new Proxy({}, {
  get: (_, key) => Object.hasOwn(usual, key) ? usual[key]() : unpacked().storedLayouts[key],
})
export const layoutTexts = new Proxy({}, {
  get: (_, key) => unpacked().layoutTexts[key],
  has: (_, key) => key in unpacked().layoutTexts,
  ownKeys: () => Reflect.ownKeys(unpacked().layoutTexts),
  getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(unpacked().layoutTexts, key),
})`
}

/** Stands for the compiled kernels, which small links do not use. They are a script, so that they are unpacked once and then kept. */
function kernelModule(): string {
  return `export const kernelCode = () => {
  const { bytes, signatures } = openScript(${JSON.stringify(keyOf('kernels', texts['kernels']!))}, () => texts.kernels)
  return { bytes: Buffer.from(bytes, 'base64'), signatures }
}`
}

let lazySize = 0
for (const door of doors) {
  const text = await doorText(door)
  lazySize += text.length
  const name = door.replace(/^src\/|\/index\.ts$|\.ts$/g, '').replaceAll('/', '-')
  texts[name] = text
  modules.set(join(root, door), doorModule(text, await exportsOf(door), name))
}
const helper = await build({
  ...shared,
  entryPoints: ['src/host-node/helper-worker.ts'],
  format: 'cjs',
  outdir: 'unused',
})
texts['helper'] = helper.outputFiles[0]!.text
// The program is a text as well, so that V8 can take back the code that a former run compiled (src/cli/code-cache.ts).
const main = await build({
  ...shared,
  entryPoints: ['src/cli/start.ts'],
  format: 'cjs',
  plugins: [lazyDoors(modules)],
  outdir: 'unused',
  define: { ...shared.define, 'import.meta.url': 'launcher.url' },
})
const program = `(function (require, openScript, texts, launcher) { const module = { exports: {} }\n${main.outputFiles[0]!.text}\nreturn module.exports })`
texts['program'] = program
// Node reads the whole file at every start, so texts are packed. Scripts are unpacked once and then kept with their code.
const tail = Object.entries(texts).map(([name, text]) => {
  // read back as Latin-1, one byte a character
  if (/[^\0-\x7f]/.test(text)) throw new Error(`text ${name} of the bundle is not ASCII`)
  const line = deflateRawSync(text, { level: 9 }).toString('base64')
  return { name, length: line.length, line }
})
/** Node's modules as the launcher gets them: an import statement would have all their exports looked at, 3 ms for node:fs. */
const builtins: Plugin = {
  name: 'builtins',
  setup(setup) {
    setup.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : { path, namespace: 'builtin' },
    )
    setup.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => {
      const names = Object.keys((await import(path)) as object).filter(name => name !== 'default')
      const found = `process.getBuiltinModule?.(${JSON.stringify(path)}) ?? (await import(${JSON.stringify(path)}))`
      const used = names.filter(name => launcherUses.includes(name))
      return {
        contents: `const found = ${found}\n${used.map(name => `export const ${name} = found.${name}`).join('\n')}`,
      }
    })
  },
}
/** What the launcher takes of them: others are left alone, since some are made only when they are looked at. */
const launcherUses = [
  'closeSync',
  'fstatSync',
  'mkdirSync',
  'openSync',
  'readdirSync',
  'readFileSync',
  'readSync',
  'renameSync',
  'Script',
  'statSync',
  'unlinkSync',
  'writeFileSync',
]
const launcher = await build({
  ...shared,
  plugins: [builtins],
  stdin: {
    contents: `import { bundleTexts } from './src/cli/bundle-texts.ts'
import { keepCode, openScript, setRunKind } from './src/cli/code-cache.ts'
import { latin1 } from './src/cli/latin1.ts'
import { inputsAhead } from './src/cli/read-ahead.ts'
const require = process.getBuiltinModule ?? (await import('node:module')).createRequire(import.meta.url)
// Asked for by few links: node makes import.meta when it is looked at.
const launcher = { get url() { return import.meta.url } }
const texts = bundleTexts(() => new URL(launcher.url), ${JSON.stringify(tail.map(({ line, ...known }) => known))}, bytes => require('node:zlib').inflateRawSync(bytes))
const words = process.argv.slice(2).map(latin1)
const ahead = inputsAhead(words)
if (ahead !== undefined) setRunKind('compiled')
const program = openScript(${JSON.stringify(keyOf('program', program))}, () => texts.program)
const status = await program(require, openScript, texts, launcher).start(words, ahead)
if (status === 0 && process.argv.includes('-o')) keepCode()
// Every write has been done synchronously: leave at once rather than free a large heap piece by piece.
process.exit(status)`,
    resolveDir: root,
    sourcefile: 'launcher.ts',
    loader: 'ts',
  },
  format: 'esm',
})
const elsewhere = process.argv.indexOf('--command')
const target = elsewhere < 0 ? join(root, 'dist', 'tsld.mjs') : resolve(process.argv[elsewhere + 1] ?? 'tsld.mjs')
mkdirSync(dirname(target), { recursive: true })
const tailLines = tail.map(({ line }) => `//${line}\n`).join('')
writeFileSync(target, `#!/usr/bin/env node\n${launcher.outputFiles[0]!.text}${tailLines}`)
chmodSync(target, 0o755)
console.log(
  `${relative(process.cwd(), target)}: ${(statSync(target).size / 1024).toFixed(0)} KB, ${(lazySize / 1024).toFixed(0)} KB of it evaluated only when needed`,
)

if (elsewhere < 0) {
  // The library: ./ and ./language of the package. The parser stays in what ./language alone needs.
  const entries = { tsld: 'src/tsld.ts', language: 'src/language.ts' }
  const outdir = join(root, 'dist', 'lib')
  rmSync(outdir, { recursive: true, force: true })
  await build({
    ...shared,
    entryPoints: entries,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    splitting: true,
    write: true,
    outdir,
    outExtension: { '.js': '.mjs' },
  })
}
