import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Codec, fields } from '../../src/target/arch/arm/fields.ts'
import { arm } from '../../src/target/arch/arm/index.ts'

/** [type, instruction, S, place, instruction that GNU ld 2.44 makes of it] */
const rows: readonly (readonly [string, string, number, number, string])[] = [
  ['CALL', 'feffffeb', 0x10800, 0x10000, 'fe0100eb'],
  ['CALL', 'feffffeb', 0x12345, 0x10004, 'ce0800fa'],
  ['CALL', 'fefffffa', 0x12345, 0x10008, 'cd0800fa'],
  ['JUMP24', 'feffffea', 0x10800, 0x1000c, 'fb0100ea'],
  ['JUMP24', 'feffff0b', 0x10800, 0x10010, 'fa01000b'],
  ['MOVW_ABS_NC', '000000e3', 0x20345678, 0x10014, '780605e3'],
  ['MOVT_ABS', '000040e3', 0x20345678, 0x10018, '340042e3'],
  ['MOVW_PREL_NC', '001000e3', 0x20345678, 0x1001c, '5c1605e3'],
  ['MOVT_PREL', '001040e3', 0x20345678, 0x10020, '331042e3'],
  ['ALU_PC_G0_NC', '08004fe2', 0x1234c, 0x10024, '8c0d8fe2'],
  ['ALU_PC_G1_NC', '040080e2', 0x1234c, 0x10028, '280080e2'],
  ['LDR_PC_G2', '040010e5', 0x1234c, 0x1002c, '000090e5'],
  ['LDR_PC_G0', '08001fe5', 0x10844, 0x10030, '0c089fe5'],
  ['LDRS_PC_G0', 'b8005fe1', 0x100f0, 0x10034, 'b40bdfe1'],
  ['LDC_PC_G0', '020b1fed', 0x100f0, 0x10038, '2c0b9fed'],
  ['ALU_PC_G0', '08004fe2', 0x103c8, 0x1003c, 'e10f8fe2'],
  ['THM_CALL', 'fff7feff', 0x10800, 0x10040, '00f0deeb'],
  ['THM_CALL', 'fff7feff', 0x12345, 0x10044, '02f07ef9'],
  ['THM_JUMP24', 'fff7febf', 0x12345, 0x10048, '02f07cb9'],
  ['THM_JUMP19', '3ff4feaf', 0x12345, 0x1004c, '02f07a81'],
  ['THM_MOVW_ABS_NC', '40f20000', 0x20345678, 0x10050, '45f27860'],
  ['THM_MOVT_ABS', 'c0f20000', 0x20345678, 0x10054, 'c2f23400'],
  ['THM_MOVW_PREL_NC', '40f20001', 0x12345, 0x10058, '42f2ed21'],
  ['THM_MOVT_PREL', 'c0f20001', 0x12345, 0x1005c, 'c0f20001'],
  ['THM_PC12', '5ff80400', 0x10844, 0x10060, 'dff8e007'],
  ['THM_ALU_PREL_11_0', 'aff20400', 0x10844, 0x10064, '0ff2dc70'],
  ['THM_JUMP11', 'fee7', 0x1007d, 0x10068, '08e0'],
  ['THM_JUMP8', 'fed0', 0x1007d, 0x1006a, '07d0'],
  ['THM_PC8', 'ff48', 0x10080, 0x10070, '0348'],
  ['THM_ALU_ABS_G0_NC', '0020', 0x20345678, 0x10072, '7820'],
  ['THM_ALU_ABS_G1_NC', '0020', 0x20345678, 0x10074, '5620'],
  ['THM_ALU_ABS_G2_NC', '0020', 0x20345678, 0x10076, '3420'],
  ['THM_ALU_ABS_G3_NC', '0020', 0x20345678, 0x10078, '2020'],
  ['PREL31', '00000080', 0x12345, 0x10084, 'c1220080'],
  ['ABS12', '000091e5', 0x7fc, 0x10094, 'fc0791e5'],
]

const typeOf = new Map([...arm.relocations.values()].map(row => [row.name, row]))

function view(hex: string): DataView {
  return new DataView(Uint8Array.from(hex.match(/../g)!, byte => Number.parseInt(byte, 16)).buffer)
}

function hex(bytes: DataView): string {
  return Array.from(new Uint8Array(bytes.buffer), byte => byte.toString(16).padStart(2, '0')).join('')
}

test('numbers in instructions are those of GNU ld', () => {
  for (const [name, before, symbol, place, after] of rows) {
    const row = typeOf.get(`R_ARM_${name}`)!
    const code = view(before)
    const { codec } = row.field as { codec: number }
    const distance = row.formula === 'S+A' ? 0 : place
    assert.ok(fields.write(codec, code, 0, symbol + fields.read(codec, code, 0) - distance, place), name)
    assert.is(hex(code), after, `${name} ${before}`)
  }
})

test('what was written is read again', () => {
  for (const [name, , symbol, place, after] of rows) {
    const row = typeOf.get(`R_ARM_${name}`)!
    if (row.formula === 'S+A' || /GROUP|_PC_|THM_PC8|JUMP6|PREL$|PREL_NC$|PREL_11_0|PC12/.test(name)) continue
    const { codec } = row.field as { codec: number }
    // The lowest bit says what the target is; BLX counts from a word.
    assert.is(fields.read(codec, view(after), 0) & ~3, ((symbol & ~1) - place + bias(name)) & ~3, name)
  }
})

/** the addends of these instructions: where the program counter stands */
function bias(name: string): number {
  if (name === 'PREL31') return 0
  return name.startsWith('THM_') ? -4 : -8
}

/** Does the number fit? */
function fits(codec: number, before: string, value: number, place = 0): boolean {
  return fields.write(codec, view(before), 0, value, place)
}

test('branches end where GNU ld says that they are out of reach', () => {
  assert.ok(fits(Codec.Call, 'feffffeb', 0x1ff_fffc))
  assert.not.ok(fits(Codec.Call, 'feffffeb', 0x200_0000))
  assert.ok(fits(Codec.Call, 'feffffeb', -0x200_0000))
  assert.not.ok(fits(Codec.Call, 'feffffeb', -0x200_0004))
  assert.ok(fits(Codec.ThumbCall, 'fff7feff', 0xff_ffff))
  assert.not.ok(fits(Codec.ThumbCall, 'fff7feff', 0x100_0001))
  assert.ok(fits(Codec.ThumbJump19, '3ff4feaf', 0xf_ffff))
  assert.not.ok(fits(Codec.ThumbJump19, '3ff4feaf', 0x10_0001))
  assert.not.ok(fits(Codec.ThumbJump11, 'fee7', 0x800))
  assert.not.ok(fits(Codec.ThumbJump8, 'fed0', 0x100))
  assert.not.ok(fits(Codec.ThumbJump6, '00b1', -2))
  assert.ok(fits(Codec.ThumbJump6, '00b1', 0x7e))
  assert.not.ok(fits(Codec.Prel31, '00000000', 0x4000_0000))
  assert.not.ok(fits(Codec.AddGroup0, '08004fe2', 0x101))
  assert.ok(fits(Codec.AddGroup0NoCheck, '08004fe2', 0x101))
})

test('BL and BLX change into each other, B does not', () => {
  assert.not.ok(fits(Codec.Jump24, 'feffffea', 0x101))
  assert.not.ok(fits(Codec.ThumbJump24, 'fff7febf', 0x100))
  // From a place between two words a BLX counts from the word in front of it.
  const code = view('fff7feff')
  assert.ok(fields.write(Codec.ThumbCall, code, 0, 0x10800 - 0x10042 - 4, 0x10042))
  assert.is(hex(code), '00f0deeb')
  // Without knowledge of the target BL stays BL.
  const same = view('fff7feff')
  assert.ok(fields.write(Codec.ThumbSameModeCall, same, 0, 0x100, 0x10042))
  assert.is(hex(same), '00f080f8')
})

test('addresses wrap at 32 bits', () => {
  const code = view('feffffeb')
  assert.ok(fields.write(Codec.Call, code, 0, 0x1_0000_0000 - 8, 0))
  assert.is(hex(code), 'feffffeb')
})

test('stubs of the PLT', () => {
  const out = new Uint8Array(20)
  assert.ok(arm.plt.writeHeader(out, 0, 0x10400, 0x20000))
  assert.is(hex(new DataView(out.buffer)), '04e02de504e09fe50ee08fe008f0bee5f0fb0000')
  const entry = new Uint8Array(12)
  assert.ok(arm.plt.writeEntry(entry, 0, 0x10414, 0x2000c, 0, 0x10400, 0x20000))
  assert.is(hex(new DataView(entry.buffer)), '00c68fe20fca8ce2f0fbbce5')
  assert.not.ok(arm.plt.writeEntry(entry, 0, 0x30000, 0x2000c, 0, 0x10400, 0x20000))
})

test.run()
