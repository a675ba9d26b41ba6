/**
 * npm run build: dist/tsld.mjs, the command line in one file.
 *
 * The script language (grammar, Chevrotain, compile step) is a bundle of its own, kept as a string in the first and
 * evaluated when a script has to be read: a link with a default layout never pays for the parser.
 */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/** Modules of the language that the rest imports; in the main bundle each becomes a door that loads the language bundle. */
const doors = ['src/language.ts']

async function languageText(): Promise<string> {
  const entry = doors.map((door, i) => `export * as door${i} from './${door}'`).join('\n')
  const result = await build({
    ...shared,
    stdin: { contents: entry, resolveDir: root, sourcefile: 'language-doors.ts', loader: 'ts' },
    format: 'iife',
    globalName: 'language',
  })
  return `${result.outputFiles[0]!.text}\nlanguage`
}

/** Functions a door exports: found by building it alone. */
async function exportsOf(door: string): Promise<string[]> {
  const result = await build({ ...shared, entryPoints: [door], format: 'esm', metafile: true, outdir: 'unused' })
  return Object.values(result.metafile.outputs).flatMap(output => output.exports)
}

function lazyLanguage(text: string, names: ReadonlyMap<string, readonly string[]>): Plugin {
  const sources = new Map(
    doors.map((door, i) => [
      join(root, door),
      [
        `import { languageDoors } from 'language-bundle'`,
        ...names
          .get(door)!
          .map(name => `export const ${name} = (...values) => languageDoors().door${i}.${name}(...values)`),
      ].join('\n'),
    ]),
  )
  return {
    name: 'lazy-language',
    setup(setup) {
      setup.onResolve({ filter: /^language-bundle$/ }, () => ({ path: 'language-bundle', namespace: 'language' }))
      setup.onLoad({ filter: /.*/, namespace: 'language' }, () => ({
        contents: `import { Script } from 'node:vm'
const text = ${JSON.stringify(text)}
let doors
export const languageDoors = () => (doors ??= new Script(text, { filename: 'tsld-language.js' }).runInThisContext())`,
        loader: 'js',
        resolveDir: root,
      }))
      setup.onLoad({ filter: /\.ts$/ }, found => {
        const contents = sources.get(found.path)
        return contents === undefined ? undefined : { contents, loader: 'js', resolveDir: root }
      })
    },
  }
}

const names = new Map<string, readonly string[]>()
for (const door of doors) names.set(door, await exportsOf(door))
const text = await languageText()
const main = await build({
  ...shared,
  entryPoints: ['src/cli/main.ts'],
  format: 'esm',
  plugins: [lazyLanguage(text, names)],
})
const target = join(root, 'dist', 'tsld.mjs')
mkdirSync(dirname(target), { recursive: true })
const code = main.outputFiles[0]!.text
writeFileSync(target, code.startsWith('#!') ? code : `#!/usr/bin/env node\n${code}`)
chmodSync(target, 0o755)
console.log(
  `dist/tsld.mjs: ${(statSync(target).size / 1024).toFixed(0)} KB, ${(text.length / 1024).toFixed(0)} KB of it the script language`,
)
