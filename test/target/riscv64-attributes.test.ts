/** Build attributes of RISC-V objects: what several of them have together. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { attributes } from '../../src/target/arch/riscv64/attributes.ts'
import type { AttributeProblem, Attributes } from '../../src/target/attributes.ts'

const stackAlign = 4
const arch = 5
const unaligned = 6

function joined(known: Attributes, added: Attributes): AttributeProblem[] {
  const problems: AttributeProblem[] = []
  attributes.join(known, added, problem => problems.push(problem))
  return problems
}

function isa(first: string, second: string): string {
  const known: Attributes = new Map([[arch, { text: first }]])
  const problems = joined(known, new Map([[arch, { text: second }]]))
  return problems.length > 0 ? problems[0]!.severity : known.get(arch)!.text!
}

test('extensions are united in the order of ISA strings, the newer version counts', () => {
  assert.is(isa('rv64i2p1_m2p0', 'rv64i2p1_m2p0'), 'rv64i2p1_m2p0')
  assert.is(isa('rv64i2p0_m2p0_zmmul1p0', 'rv64i2p1_a2p0'), 'rv64i2p1_m2p0_a2p0_zmmul1p0')
  assert.is(
    isa('rv64i2p0_zbb1p0_svinval1p0_xtheadba1p0', 'rv64i2p0_m2p0_a2p0_c2p0_zmmul1p0_zba1p0_smaia1p0_ssaia1p0'),
    'rv64i2p0_m2p0_a2p0_c2p0_zmmul1p0_zba1p0_zbb1p0_smaia1p0_ssaia1p0_svinval1p0_xtheadba1p0',
  )
  assert.is(isa('rv64i2p1_zve32f1p0_zvl32b1p0', 'rv64i2p1_zicsr2p0'), 'rv64i2p1_zicsr2p0_zve32f1p0_zvl32b1p0')
})

test('other registers, widths and strings that mean nothing are errors', () => {
  assert.is(isa('rv64i2p1', 'rv32i2p1'), 'error')
  assert.is(isa('rv32i2p1', 'rv32e1p9'), 'error')
  assert.is(isa('rv64i2p1', 'armv7'), 'error')
})

test('the newer privileged architecture counts; alignments of the stack must agree; unaligned access is remembered', () => {
  const version = (minor: number): Attributes =>
    new Map([
      [8, { number: 1 }],
      [10, { number: minor }],
    ])
  const known = version(10)
  assert.is(joined(known, version(11))[0]?.severity, 'warning')
  assert.is(known.get(10)?.number, 11)
  assert.is(joined(known, version(10)).length, 1)
  assert.is(known.get(10)?.number, 11)
  assert.is(joined(known, version(9))[0]?.severity, 'error')
  const stack = (bytes: number): Attributes => new Map([[stackAlign, { number: bytes }]])
  assert.is(joined(stack(16), stack(8))[0]?.found, '8')
  const plain = stack(16)
  assert.equal(joined(plain, new Map([[unaligned, { number: 1 }]])), [])
  assert.is(plain.get(unaligned)?.number, 1)
})

test('flags: compressed code goes with any, floating point only with its like', () => {
  const problems: AttributeProblem[] = []
  const join = (known: number, added: number): number =>
    attributes.joinFlags!(known, added, problem => problems.push(problem))
  assert.is(join(4, 5), 5)
  assert.is(problems.length, 0)
  join(4, 2)
  join(8, 0)
  assert.equal(
    problems.map(each => each.found),
    ['single-float code', 'code for 32 registers'],
  )
})

test.run()
