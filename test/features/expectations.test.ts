import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readElf } from '../support/elf-reader.ts'
import { ObjectBuilder } from '../support/object-builder.ts'
import { checkExpectation, type Outcome } from './expectations.ts'
import { splitWords } from './feature.ts'

function outcome(changes: Partial<Outcome> = {}): Outcome {
  const object = new ObjectBuilder()
  object.section('.text', { flags: 'ax', align: 4, bytes: [1, 2, 3, 4] }).label('foo', 2, { size: 1 })
  const bytes = object.build()
  const run = (): { status: number; stdout: string } => ({ status: 3, stdout: 'hello\n' })
  return { status: 0, text: '', bytes, file: readElf(bytes), run, foreign: false, ...changes }
}

function check(line: string, result = outcome()): string | undefined {
  const [verb, ...words] = splitWords(line)
  return checkExpectation({ verb, words, text: line, line: 1 }, result)
}

test('words keep quotes and patterns together', () => {
  assert.equal(splitWords('stdout "a \\"b\\"\\n" /x y/ .text+0x10'), ['stdout', 'a "b"\n', '/x y/', '.text+0x10'])
  assert.equal(splitWords('absent /DISCARD/'), ['absent', '/DISCARD/'])
})

const holds = [
  ...['section .text at 0 size 4 align 4 flags AX type progbits', 'absent .data', 'symbol foo = 2 in .text size 1'],
  ...['bytes .text 01 02', 'bytes .text+2 03', 'no-symbol bar', 'entry 0', 'segments LOAD 0', 'silent', 'runs 3'],
  ...['stdout "hello\\n"', 'raw 1 45 4c 46', 'symbol foo binding global visibility default', 'order .text .symtab'],
]
for (const line of holds)
  test(`holds: ${line}`, () => {
    assert.is(check(line), undefined)
  })

const fails = [
  ...[
    'section .text at 8',
    'section .data',
    'section .text size 5',
    'section .text flags AW',
    'section .text type nobits',
  ],
  ...[
    'absent .text',
    'symbol foo = 3',
    'symbol foo in ABS',
    'symbol bar',
    'no-symbol foo',
    'bytes .text 02',
    'entry 1',
  ],
  ...[
    'bytes .text 01 02 03 04 05',
    'segments LOAD 1',
    'segment LOAD at 0',
    'error',
    'warning',
    'runs 0',
    'stdout "hello"',
  ],
  ...['size 3', 'raw 0 00', 'section .text colour 3', 'section .text at', 'symbl foo', 'order .symtab .text'],
]
for (const line of fails)
  test(`does not hold: ${line}`, () => {
    assert.match(check(line) ?? 'it holds', /^expect\.txt:1: /)
  })

test('messages are matched by severity, code and pattern', () => {
  const failed = outcome({
    status: 1,
    text: 'a.ld:3:1: error L4101: region ROM overflows by 144 bytes',
    file: undefined,
  })
  assert.is(check('error', failed), undefined)
  assert.is(check('error L4101 /ROM/', failed), undefined)
  assert.ok(check('error L4102', failed))
  assert.ok(check('error /RAM/', failed))
  assert.ok(check('warning', failed))
  assert.ok(check('section .text', failed))
})

test.run()
