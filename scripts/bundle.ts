/**
 * npm run build: dist/tsld.mjs, the command line in one file, and dist/lib, the library. `--command FILE` writes the command
 * alone, elsewhere.
 *
 * The script language (grammar, Chevrotain, compile step) is a bundle of its own, kept as a string in the first and
 * evaluated when a script has to be read: a link with a default layout never pays for the parser.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

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
const doors = ['src/language.ts', 'src/cli/color-paint.ts']

async function doorText(door: string): Promise<string> {
  const result = await build({ ...shared, entryPoints: [door], format: 'iife', globalName: 'door', outdir: 'unused' })
  return `(()=>{${result.outputFiles[0]!.text}\nreturn door})()`
}

/** Functions a door exports: found by building it alone. */
async function exportsOf(door: string): Promise<string[]> {
  const result = await build({ ...shared, entryPoints: [door], format: 'esm', metafile: true, outdir: 'unused' })
  return Object.values(result.metafile.outputs).flatMap(output => output.exports)
}

/** The module that stands for a door. */
function doorModule(text: string, names: readonly string[], file: string): string {
  return `import { Script } from 'node:vm'
const text = ${JSON.stringify(text)}
let door
const open = () => (door ??= new Script(text, { filename: '${file}' }).runInThisContext())
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

const modules = new Map<string, string>()
let lazySize = 0
for (const door of doors) {
  const text = await doorText(door)
  lazySize += text.length
  modules.set(join(root, door), doorModule(text, await exportsOf(door), door.replace(/^.*\//, 'tsld-')))
}
const main = await build({ ...shared, entryPoints: ['src/cli/main.ts'], format: 'esm', plugins: [lazyDoors(modules)] })
const elsewhere = process.argv.indexOf('--command')
const target = elsewhere < 0 ? join(root, 'dist', 'tsld.mjs') : resolve(process.argv[elsewhere + 1] ?? 'tsld.mjs')
mkdirSync(dirname(target), { recursive: true })
const code = main.outputFiles[0]!.text
writeFileSync(target, code.startsWith('#!') ? code : `#!/usr/bin/env node\n${code}`)
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
