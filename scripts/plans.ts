/**
 * Compiles the default layouts to plans: layouts/compiled.generated.ts. Run it after every change of a layout script or of
 * the compile step (`npm run plans`); a test says when the file is out of date.
 *
 *   --check   change nothing; exit status 1 when the file is out of date
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileStoredLayouts } from '../src/cli/compile-layouts.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, 'layouts', 'compiled.generated.ts')

const text = compileStoredLayouts(join(root, 'layouts'))
const old = readFileSync(target, 'utf8')
if (old === text) console.log('layouts/compiled.generated.ts is up to date')
else if (process.argv.includes('--check')) {
  console.log('layouts/compiled.generated.ts is out of date: npm run plans')
  process.exit(1)
} else {
  writeFileSync(target, text)
  console.log(`layouts/compiled.generated.ts: ${(text.length / 1024).toFixed(0)} KB`)
}
