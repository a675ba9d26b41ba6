/**
 * node --import tsx scripts/kernels/checked-bundle.ts OUT [ENTRY]: the command line, or ENTRY (a test, for one), as one file
 * whose kernels check every index and sum (checks.ts). Slow; for linking real and damaged inputs in search of kernels that leave their arrays.
 */
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { Checks } from './checks.ts'
import { compileKernels } from './index.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/**
 * Writes the bundle.
 * @param outfile path of the file to write
 * @param entry path of a module, from the project root
 */
export async function writeCheckedBundle(outfile: string, entry = 'src/cli/main.ts'): Promise<void> {
  const checks = new Checks()
  await compileKernels(join(root, 'src/kernels/all.ts'), checks)
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: resolve(outfile),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // ES modules have no require
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
    plugins: [
      {
        name: 'checks',
        setup(setup) {
          setup.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            checks.files.includes(path)
              ? { contents: checks.text(path), loader: 'ts', resolveDir: dirname(path) }
              : undefined,
          )
        },
      },
    ],
  })
}

const [script, out, entry] = process.argv.slice(1)
if (script !== undefined && import.meta.url === pathToFileURL(script).href)
  await writeCheckedBundle(out ?? 'tsld-checked.mjs', entry)
