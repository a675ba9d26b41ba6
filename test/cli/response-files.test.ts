import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { expandResponseFiles, splitWords } from '../../src/cli/response-files.ts'
import { Report } from '../../src/diag/report.ts'
import { MemoryHost } from '../../src/host.ts'

test('quotes and backslashes protect as in gcc', () => {
  assert.equal(splitWords('-o "a b"\n\'c"d\' e\\ f\t"x\\"y" \'\' \\\\n'), ['-o', 'a b', 'c"d', 'e f', 'x"y', '', '\\n'])
})

test('response files hold response files', () => {
  const host = new MemoryHost({ a: '-x @b y', b: '1 2' })
  const report = new Report()
  assert.equal(expandResponseFiles(['@a', 'z'], host, report), ['-x', '1', '2', 'y', 'z'])
  assert.is(report.errors, 0)
})

test('a missing file and a circle are errors', () => {
  const report = new Report()
  expandResponseFiles(['@none'], new MemoryHost(), report)
  assert.is(report.diagnostics[0].message, 'cannot read response file none: No such file or directory')
  const circle = new Report()
  expandResponseFiles(['@a'], new MemoryHost({ a: '@a @a' }), circle)
  assert.is(circle.diagnostics.length, 1)
})

test('a file that is really called @x is an input', () => {
  const report = new Report()
  assert.equal(expandResponseFiles(['@x'], new MemoryHost({ '@x': '' }), report), ['@x'])
  assert.is(report.errors, 0)
})

test.run()
