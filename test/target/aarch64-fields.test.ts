/** Numbers in A64 instructions, by bytes as the assembler writes them. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Codec, fields } from '../../src/target/arch/aarch64/fields.ts'
import { relocations } from '../../src/target/arch/aarch64/relocations.ts'

function written(codec: number, before: number, value: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, before, true)
  assert.ok(fields.write(codec, view, 0, value, 0), `codec ${codec}, ${value}`)
  return view.getUint32(0, true)
}

function refused(codec: number, ...values: readonly number[]): boolean {
  return values.every(value => !fields.write(codec, new DataView(new ArrayBuffer(8)), 0, value, 0))
}

test('branches', () => {
  assert.is(written(Codec.Word26, 0x94000000, 0x7fffffc), 0x95ffffff) // bl .+134217724
  assert.is(written(Codec.Word26, 0x14000000, -0x8000000), 0x16000000)
  assert.is(written(Codec.Word26, 0x97ffffff, 8), 0x94000002) // old bits go
  assert.ok(refused(Codec.Word26, 0x8000000, -0x8000004, 2))
  assert.is(written(Codec.Word19, 0xb4000000, 0xffffc), 0xb47fffe0) // cbz x0, .+1048572
  assert.is(written(Codec.Word19, 0x54000000, -4), 0x54ffffe0) // b.eq .-4
  assert.ok(refused(Codec.Word19, 0x100000, -0x100004, 1))
  assert.is(written(Codec.Word14, 0x36180000, 0x7ffc), 0x361bffe0) // tbz w0, #3, .+32764
  assert.is(written(Codec.Word14, 0x36180000, -0x8000), 0x361c0000)
  assert.ok(refused(Codec.Word14, 0x8000, -0x8004, 6))
})

test('adr and adrp', () => {
  assert.is(written(Codec.Address21, 0x10000000, 0xfffff), 0x707fffe0) // adr x0, .+1048575
  assert.is(written(Codec.Address21, 0x10000001, -1), 0x70ffffe1)
  assert.ok(refused(Codec.Address21, 0x100000, -0x100001))
  assert.is(written(Codec.Page21, 0x90000000, 0xfffff000), 0xf07fffe0)
  assert.is(written(Codec.Page21, 0x90000000, -0x1_0000_0000), 0x90800000)
  assert.ok(refused(Codec.Page21, 0x1_0000_0000, -0x1_0000_1000))
  assert.is(written(Codec.Page21Part, 0x90000000, 0x1_0000_0000), 0x90800000)
})

test('low bits of addresses, counted in what is loaded', () => {
  assert.is(written(Codec.AddLowPart, 0x91000000, 0x12345abc), 0x912af000) // add x0, x0, #0xabc
  assert.is(written(Codec.AddLowPart, 0x91000000, -0x1000 + 0xabc), 0x912af000)
  assert.is(written(Codec.Load8Part, 0x39400000, 0xfff), 0x397ffc00) // ldrb w0, [x0, #4095]
  assert.is(written(Codec.Load16Part, 0x79400000, 0x1002), 0x79400400) // ldrh w0, [x0, #2]
  assert.is(written(Codec.Load32Part, 0xb9400000, 0xffc), 0xb94ffc00)
  assert.is(written(Codec.Load64Part, 0xf9400000, 0xff8), 0xf947fc00)
  assert.is(written(Codec.Load128Part, 0x3dc00000, 0xff0), 0x3dc3fc00)
  assert.ok(refused(Codec.Load16Part, 1) && refused(Codec.Load32Part, 2) && refused(Codec.Load64Part, 4))
  assert.ok(refused(Codec.Load128Part, 8))
  assert.is(written(Codec.Load64From32K, 0xf9400000, 0x7ff8), 0xf97ffc00)
  assert.ok(refused(Codec.Load64From32K, 0x8000, -8, 4))
  assert.is(written(Codec.AddHigh, 0x91400000, 0xabc_def), 0x916af000) // add x0, x0, #0xabc, lsl #12
  assert.ok(refused(Codec.AddHigh, 0x100_0000, -1) && refused(Codec.AddLow, 0x1000))
})

test('moves of 16 bits; signed ones turn movz into movn', () => {
  assert.is(written(Codec.MoveG0, 0xd2800000, 0xffff), 0xd29fffe0)
  assert.is(written(Codec.MoveG1Part, 0xf2a00000, 0x1234_5678_9abc), 0xf2aacf00) // movk x0, #0x5678, lsl #16
  assert.is(written(Codec.MoveG2, 0xd2c00000, 0xffff_0000_0000), 0xd2dfffe0)
  assert.is(written(Codec.MoveG3, 0xd2e00000, -0x1_0000_0000_0000), 0xd2ffffe0)
  assert.ok(refused(Codec.MoveG0, 0x1_0000, -1) && refused(Codec.MoveG1, 0x1_0000_0000))
  assert.is(written(Codec.MoveSignedG0, 0xd2800000, -1), 0x92800000) // movn x0, #0
  assert.is(written(Codec.MoveSignedG0, 0x92800000, 5), 0xd28000a0) // and back
  assert.is(written(Codec.MoveSignedG0, 0xd2800000, -0x1_0000), 0x929fffe0)
  assert.is(written(Codec.MoveSignedG1, 0xd2a00000, -0x1234_0000), 0x92a24660)
  assert.ok(refused(Codec.MoveSignedG0, 0x1_0000, -0x1_0001))
})

test('a pair of instructions holds both halves', () => {
  const view = new DataView(new ArrayBuffer(8))
  view.setUint32(0, 0x91400020, true)
  view.setUint32(4, 0x91000000, true)
  assert.ok(fields.write(Codec.AddPair, view, 0, 0x123456, 0))
  assert.is(view.getUint32(0, true), 0x91448c20)
  assert.is(view.getUint32(4, true), 0x91115800)
})

test('what an instruction holds is read back', () => {
  for (const [codec, value] of [
    [Codec.Word26, -0x8000000],
    [Codec.Word19, 0xffffc],
    [Codec.Word14, -4],
    [Codec.Address21, -3],
    [Codec.Page21, -0x1000],
  ] as const) {
    const view = new DataView(new ArrayBuffer(8))
    fields.write(codec, view, 0, value, 0)
    assert.is(fields.read(codec, view, 0), value)
  }
})

test('every field says in words which numbers fit', () => {
  assert.is(fields.limit!(Codec.Word26), '-0x8000000 .. 0x7ffffff, multiples of 4')
  assert.is(fields.limit!(Codec.Load64Part), 'multiples of 8')
  for (const { field, name } of relocations) if (typeof field === 'object') assert.ok(field.codec < 34, name)
})

test.run()
