/** The package as `npm pack` makes it: installed elsewhere, its command links and the library example of README.md runs. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skips.ts'
import { canRun, checked, workFolder } from './toolchain.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const parts = ['package.json', 'tsconfig.json', 'tsconfig.library.json', 'README.md', 'LICENSE']
const folders = ['src', 'grammar', 'layouts', 'scripts']

/** A folder in which the package is installed. */
function install(): string {
  const copy = join(workFolder(), 'copy')
  mkdirSync(copy)
  for (const part of [...parts, ...folders]) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  checked('npm', ['pack', '--silent'], copy)
  const archive = readdirSync(copy).find(name => name.endsWith('.tgz')) ?? ''
  const user = join(workFolder(), 'user')
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "private": true, "type": "module" }\n')
  checked('npm', ['install', '--offline', '--no-audit', '--no-fund', join(copy, archive)], user)
  return user
}

test('the packed package works: command, library, types', () => {
  if (spawnSync('npm', ['--version']).error !== undefined) return skip('the package', 'no npm')
  const user = install()
  assert.equal(
    readdirSync(join(user, 'node_modules')).filter(name => !name.startsWith('.')),
    ['tsld'],
    'no dependencies',
  )

  assert.match(checked('npx', ['--no-install', 'tsld', '--version'], user).stdout, /^tsld \d+\.\d+\.\d+/)
  const example = join('node_modules', 'tsld', 'layouts', 'example')
  const inputs = ['-T', join(example, 'layout.ld'), join(example, 'main.o'), join(example, 'print.o')]
  checked('npx', ['--no-install', 'tsld', ...inputs, '-o', 'program'], user)
  if (canRun) checked(join(user, 'program'), [], user)

  const code = /```js\n([\s\S]*?from 'tsld'[\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1]
  assert.ok(code !== undefined, 'README.md shows the library')
  writeFileSync(join(user, 'example.mjs'), code ?? '')
  assert.match(checked(process.execPath, ['example.mjs'], user).stdout, /^true \d+ 0\n$/)

  const typed = `import { linkPlan, type LinkOutcome, MemoryHost, defaultRequest } from 'tsld'
import { compileScript } from 'tsld/language'
const host = new MemoryHost({})
const { plan } = compileScript({ name: 'a.ld', text: '' }, host)
export const outcome: LinkOutcome | undefined = plan && linkPlan({ ...defaultRequest, plan, inputs: [] }, host)
// @ts-expect-error a number is no script
compileScript(1, host)
`
  writeFileSync(join(user, 'typed.ts'), typed)
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  assert.ok(existsSync(compiler))
  const settings = '--noEmit --strict --module nodenext --target es2022 --lib es2023 --skipLibCheck false'.split(' ')
  checked(compiler, [...settings, '--types', '', 'typed.ts'], user)
})

test.run()
