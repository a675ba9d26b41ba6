/** Numbers in RISC-V instructions, by bytes as the assembler writes them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Codec, fields } from '../../src/target/arch/riscv64/fields.ts'

function written(codec: number, before: number, value: number, bytes = 4): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, before, true)
  assert.ok(fields.write(codec, view, 0, value, 0), `codec ${codec}, ${value}`)
  return bytes === 2 ? view.getUint16(0, true) : bytes === 1 ? view.getUint8(0) : view.getUint32(0, true)
}

function refused(codec: number, value: number): boolean {
  return !fields.write(codec, new DataView(new ArrayBuffer(8)), 0, value, 0)
}

test('branches and jumps', () => {
  assert.is(written(Codec.Branch, 0x00b50063, 0xffe), 0x7eb50fe3) // beq a0, a1, .+4094
  assert.is(written(Codec.Branch, 0x00b50063, -0x1000), 0x80b50063)
  assert.is(written(Codec.Branch, 0xfeb51fe3, 8), 0x00b51463) // old bits go
  assert.ok(refused(Codec.Branch, 0x1000) && refused(Codec.Branch, -0x1002) && refused(Codec.Branch, 3))
  assert.is(written(Codec.Jump, 0x000000ef, 0xffffe), 0x7ffff0ef) // jal ra, .+1048574
  assert.is(written(Codec.Jump, 0x0000006f, -0x100000), 0x8000006f)
  assert.is(written(Codec.Jump, 0x0000006f, 0x12346), 0x3461206f)
  assert.ok(refused(Codec.Jump, 0x100000) && refused(Codec.Jump, 1))
})

test('compressed branches, jumps and c.lui', () => {
  assert.is(written(Codec.ShortBranch, 0xc101, 0xfe, 2), 0xcd7d) // c.beqz a0, .+254
  assert.is(written(Codec.ShortBranch, 0xc101, -0x100, 2), 0xd101)
  assert.ok(refused(Codec.ShortBranch, 0x100) && refused(Codec.ShortBranch, -0x102))
  assert.is(written(Codec.ShortJump, 0xa001, 0x7fe, 2), 0xaffd) // c.j .+2046
  assert.is(written(Codec.ShortJump, 0xa001, -0x800, 2), 0xb001)
  assert.ok(refused(Codec.ShortJump, 0x800))
  assert.is(written(Codec.ShortUpper, 0x6501, 0x1f000, 2), 0x657d) // c.lui a0, 31
  assert.is(written(Codec.ShortUpper, 0x6501, -0x1000, 2), 0x757d) // c.lui a0, 0xfffff
  assert.is(written(Codec.ShortUpper, 0x6501, 0x7ff, 2), 0x4501) // c.li a0, 0
  assert.ok(refused(Codec.ShortUpper, 0x1f800))
})

test('the upper half is rounded for the signed lower half', () => {
  assert.is(written(Codec.Upper, 0x00000537, 0x12345800), 0x12346537) // lui a0, 0x12346
  assert.is(written(Codec.LowerLoad, 0x00050513, 0x12345800), 0x80050513) // addi a0, a0, -2048
  assert.is(written(Codec.LowerStore, 0x00b52023, 0x12345fff), 0xfeb52fa3) // sw a1, -1(a0)
  assert.is(written(Codec.Upper, 0x00000537, -1), 0x00000537)
  assert.is(written(Codec.UpperPcRelative, 0x00000517, -0x80000000), 0x80000517)
  assert.ok(refused(Codec.Upper, 0x7ffff800) && refused(Codec.UpperPcRelative, -0x80000801))
  assert.is(written(Codec.UpperWrapping, 0x00000537, 0xfffff000), 0xfffff537)
  assert.ok(refused(Codec.Load, 0x800) && refused(Codec.Store, -0x801))
})

test('a call is two instructions', () => {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, 0x00000097, true) // auipc ra, 0
  view.setUint32(4, 0x000080e7, true) // jalr ra
  assert.ok(fields.write(Codec.Call, view, 0, -0x1234, 0))
  assert.is(view.getUint32(0, true), 0xfffff097)
  assert.is(view.getUint32(4, true), 0xdcc080e7)
})

test('differences are made in two steps, modulo the size of the field', () => {
  assert.is(written(Codec.Add8, 5, 0x1fe, 1), 3)
  assert.is(written(Codec.Subtract16, 5, 6, 2), 0xffff)
  assert.is(written(Codec.Set6, 0xc0, 0x47, 1), 0xc7)
  assert.is(written(Codec.Subtract6, 0x45, 6, 1), 0x7f)
  assert.is(written(Codec.Add32, 1, -2), 0xffffffff)
  assert.is(written(Codec.Set16, 0x12345678, -1, 4), 0x1234ffff)
  const view = new DataView(new ArrayBuffer(8))
  fields.write(Codec.Add64, view, 0, 0xfffff00000000, 0)
  fields.write(Codec.Subtract64, view, 0, 0xfffff00000004, 0)
  assert.is(view.getBigInt64(0, true), -4n)
})

test('a LEB128 number keeps its length', () => {
  const view = new DataView(Uint8Array.of(0x80, 0x80, 0x00, 0xaa).buffer)
  assert.ok(fields.write(Codec.SetLeb128, view, 0, 0x7fff_0000_0081, 0))
  assert.ok(fields.write(Codec.SubtractLeb128, view, 0, 0x7fff_0000_0001, 0))
  assert.equal([...new Uint8Array(view.buffer)], [0x80, 0x81, 0x00, 0xaa])
  const endless = new DataView(new Uint8Array(4).fill(0x80).buffer)
  assert.not.ok(fields.write(Codec.SetLeb128, endless, 0, 1, 0))
})

test.run()
