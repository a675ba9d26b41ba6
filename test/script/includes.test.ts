/** INCLUDE, @include, and what can be wrong with them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan } from '../../src/plan/describe.ts'
import { compile, planOf, type Setting } from './support.ts'

function words(text: string, setting: Setting): string {
  return describePlan(planOf(text, setting), false)
}

test('INCLUDE at all four levels', () => {
  const files = {
    'top.ld': 'a = 1;',
    'mem.ld': 'M : ORIGIN = 0, LENGTH = 1K',
    'sec.ld': '.b : { INCLUDE body.ld }',
    'body.ld': 'BYTE(1) *(.data)',
  }
  assert.is(
    words('INCLUDE top.ld MEMORY { INCLUDE mem.ld } SECTIONS { INCLUDE sec.ld }', { files }),
    `memory
  M: from 0, 0x400 bytes
statements
  a = 1
  section .b
    1 bytes: 1
    *(.data)
`,
  )
  assert.equal(planOf('INCLUDE top.ld', { files }).sources, ['t.ld', 'top.ld'])
})

test('INCLUDE looks in the current directory, then in -L, never beside the script', () => {
  const files = {
    'lib/x.ld': 'x = 1;',
    'lib/outer.ld': 'INCLUDE inner.ld',
    'lib/inner.ld': 'inner = 1;',
    'x.ld': 'x = 2;',
  }
  assert.match(words('INCLUDE x.ld', { files, searchPaths: ['lib'] }), 'x = 2')
  assert.match(words('INCLUDE inner.ld', { files, searchPaths: ['no', 'lib'] }), 'inner = 1')
  assert.match(
    words('SEARCH_DIR("=/lib") INCLUDE inner.ld', { files: { '/root/lib/inner.ld': 'i = 3;' }, sysroot: '/root' }),
    'i = 3',
  )
  assert.is(
    compile('INCLUDE lib/outer.ld', { files, searchPaths: ['no'] }).messages[0],
    'lib/outer.ld:1:9 S1201 cannot read the included script inner.ld: No such file or directory (tried inner.ld, no/inner.ld)',
  )
})

test('at most ten open scripts, and cycles are named', () => {
  const files: Record<string, string> = { 'cycle.ld': 'INCLUDE back.ld', 'back.ld': '\n INCLUDE cycle.ld' }
  for (let i = 0; i < 10; i++) files[`n${i}.ld`] = `INCLUDE n${i + 1}.ld`
  files['n10.ld'] = 'deep = 1;'
  assert.equal(compile('INCLUDE n2.ld', { files }).messages, [])
  assert.match(compile('INCLUDE n1.ld', { files }).messages[0], /^n9.ld:1:9 S1202 .*t\.ld -> n1\.ld .* -> n10\.ld$/)
  assert.equal(compile('INCLUDE cycle.ld', { files }).messages, [
    'back.ld:2:10 S1203 this script includes itself: t.ld -> cycle.ld -> back.ld -> cycle.ld',
  ])
})

test('mistakes in an included script have their place in it', () => {
  assert.match(compile('INCLUDE x.ld', { files: { 'x.ld': 'a = 1;\nENTRY(\n' } }).messages[0], /^x\.ld:[23]:/)
  assert.equal(compile('INCLUDE x.ld', { files: { 'x.ld': '\xff\x00\x01{{{' } }).report.failed, true)
})

test('@include is relative to its file and sees its arguments only', () => {
  const files = {
    'parts/outer.ld':
      '@tsld 1; @param BASE : addr; @param SIZE : size = 4K; @include "inner.ld" (N = SIZE / 1K); b = BASE;',
    'parts/inner.ld': `@tsld 1; @param N : int; n\${N} = OUTSIDE; @const LOCAL = 1;`,
  }
  assert.is(
    words('@tsld 1; @const OUTSIDE = 9; @include "parts/outer.ld" (BASE = 0x100);', { files }),
    'statements\n  n4 = OUTSIDE\n  b = 0x100\n',
  )
  assert.match(
    compile('@tsld 1; @include "parts/inner.ld" (N = 1, M = 2);', { files }).messages[0],
    /t\.ld:1:44 S1310 parts\/inner\.ld has no parameter M/,
  )
  assert.match(
    compile('@tsld 1; @include "parts/inner.ld";', { files }).messages[0],
    /inner\.ld:1:17 S1308 parameter N/,
  )
})

test('@include_optional', () => {
  assert.equal(compile('@tsld 1; @include_optional "local.ld"; x = 1;').messages, [])
  assert.match(compile('@tsld 1; @include "local.ld"; x = 1;').messages[0], /t\.ld:1:19 S1201/)
  assert.match(words('@tsld 1; @include_optional "l.ld";', { files: { 'l.ld': 'y = 2;' } }), 'y = 2')
})

test.run()
