/** Plans put together: scripts among the inputs. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { MemoryHost } from '../../src/host.ts'
import { describePlan } from '../../src/plan/describe.ts'
import { mergeFragment, numberedBehind } from '../../src/plan/merge.ts'
import type { LayoutPlan } from '../../src/plan/plan.ts'
import { compileImplicitScript, parseDynamicLists, parseVersions } from '../../src/script/compile.ts'
import { messagesOf, optionsOf, planOf } from '../script/support.ts'

const base = planOf('ENTRY(_start) OUTPUT_FORMAT(elf64-x86-64) SECTIONS { . = 0x100; .text : { *(.text) } _end = .; }')

function fragment(text: string, report: Report): LayoutPlan | undefined {
  return compileImplicitScript('libc.so', Buffer.from(text, 'latin1'), optionsOf(), new MemoryHost(), report)
}

function merged(text: string): { text: string; messages: string[] } {
  const report = new Report()
  const part = fragment(text, report)
  if (part === undefined) return { text: '', messages: messagesOf(report) }
  const plan = mergeFragment(base, numberedBehind(base, part), report)
  const ids = plan.statements.map(statement => statement.id)
  assert.is(new Set(ids).size, ids.length)
  return { text: describePlan(plan, false), messages: messagesOf(report) }
}

test('assignments go in front, output sections behind, ENTRY counts, OUTPUT_FORMAT does not', () => {
  const result = merged('OUTPUT_FORMAT(binary) ENTRY(go) SECTIONS { .z : { *(.z) } } a = b; ASSERT(1, "x") EXTERN(q)')
  assert.is(
    result.text,
    `entry go
output format elf64-x86-64
statements
  a = b
  assert 1: "x"
  . = 0x100
  section .text
    *(.text)
  _end = .
  section .z
    *(.z)
required symbols
  q
`,
  )
  assert.match(result.messages[0], /S1228/)
})

test('inputs of the fragment are left to the caller', () => {
  const report = new Report()
  const part = fragment('GROUP ( /lib/libc.so.6 /usr/lib/libc_nonshared.a AS_NEEDED ( ld.so ) )', report)
  assert.is(part?.inputs.length, 1)
  assert.is(mergeFragment(base, part as LayoutPlan, report).inputs.length, 0)
})

test('INSERT among the inputs finds nothing, as in GNU ld', () => {
  assert.match(merged('SECTIONS { .z : {} } INSERT AFTER .text').messages[0], /S1204/)
})

test('a fragment with mistakes is none', () => {
  assert.match(merged('ENTRY(').messages[0], /libc\.so:1/)
})

test('version scripts and dynamic lists', () => {
  const report = new Report()
  const host = new MemoryHost()
  const nodes = parseVersions('V1 { global: a; local: *; }; V2 { b*; } V1;', 'v.map', optionsOf(), host, report)
  assert.is(nodes.length, report.errors > 0 ? nodes.length : 2)
  const lists = parseDynamicLists('{ a; extern "C++" { b*; }; };', 'd.list', optionsOf(), host, report)
  assert.equal(
    lists.flatMap(node => node.global.map(({ pattern, language }) => `${language} ${pattern}`)),
    ['C a', 'C++ b*'],
  )
})

test.run()
