import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { calledAs } from '../../src/cli/called-as.ts'
import { nearest } from '../../src/cli/nearest.ts'

test("a linker's name means the layout of the system linker", () => {
  for (const name of ['ld', '/x/ld', 'ld.lld', 'ld.tsld', 'x86_64-linux-gnu-ld', 'x86_64-linux-gnu-ld.bfd', '/a/mold'])
    assert.is(calledAs(name, []).likeLinker, true, name)
  for (const name of ['tsld', '/x/dist/tsld.mjs', 'main.ts', 'build', 'world', 'old'])
    assert.is(calledAs(name, []).likeLinker, false, name)
  assert.is(calledAs('tsld.mjs', ['-flavor', 'gnu', 'a.o']).likeLinker, true)
})

test('the nearest name is near', () => {
  const names = ['--gc-sections', '--strip-all', '-Map']
  assert.is(nearest('--gc-section', names), '--gc-sections')
  assert.is(nearest('--strip-lal', names), '--strip-all')
  assert.is(nearest('--completely-different', names), undefined)
})

test.run()
