/**
 * The usual relocations of little-endian objects of 64 bits: an address or a distance of 4 or 8 bytes that fits, to a
 * target that stays where it is. They are nearly all of the millions in a large link, so this loop knows nothing else;
 * the first row that is anything else, an error too, is left to the caller.
 */
import { type Arch, checkCodes, formulaCodes } from '../../target/target.ts'
import type { InputFile } from '../records/program.ts'
import { type TargetAddresses, TargetKind } from './target-addresses.ts'

/** What is done for a relocation type. */
const Action = { Other: 0, Address8: 1, Address4: 2, Distance4: 3, Distance8: 4 } as const

export class PlainRows {
  /** Action by type; 256 types */
  private readonly actions: Uint8Array
  /** 1: the field is unsigned */
  private readonly unsigned: Uint8Array
  private readonly targets: TargetAddresses
  private readonly view: DataView

  // Set by `begin`.
  private source!: DataView
  private symbolCount = 0
  private start = 0
  private size = 0
  private base = 0
  private address = 0

  /** @param view of the image */
  constructor(arch: Arch, targets: TargetAddresses, view: DataView) {
    this.actions = actionsOf(arch)
    this.unsigned = new Uint8Array(256)
    const { check } = arch.relocationColumns
    for (let type = 0; type < 256; type++) this.unsigned[type] = check[type] === checkCodes.unsigned ? 1 : 0
    this.targets = targets
    this.view = view
  }

  /**
   * The section that `run` works on.
   * @param start of its relocations in the bytes of the file
   * @param base its offset in the image; `size` and `address` of it there
   */
  begin(file: InputFile, start: number, base: number, size: number, address: number): void {
    this.source = file.view
    this.symbolCount = file.symbolTable.count
    this.start = start
    this.base = base
    this.size = size
    this.address = address
  }

  /** Applies rows from `row` on; returns the first one that is not plain, `count` if there is none. */
  run(row: number, count: number): number {
    const { actions, source, view, symbolCount, size, base, unsigned } = this
    const { address, kind } = this.targets
    const sectionAddress = this.address
    for (let at = this.start + row * 24; row < count; row++, at += 24) {
      const type = source.getUint32(at + 8, true)
      if (type > 255) return row
      const action = actions[type]!
      if (action === Action.Other) return row
      const symbol = source.getUint32(at + 12, true)
      if (symbol >= symbolCount || kind[symbol] !== TargetKind.Plain) return row
      const offset = source.getUint32(at, true)
      if (offset + 8 > size && offset + (action === Action.Address8 || action === Action.Distance8 ? 8 : 4) > size)
        return row
      if (source.getUint32(at + 4, true) !== 0) return row
      const addend = source.getInt32(at + 20, true) * 0x1_0000_0000 + source.getUint32(at + 16, true)
      let value = address[symbol]! + addend
      if (action >= Action.Distance4) value -= sectionAddress + offset
      if (action === Action.Distance4 || action === Action.Address4) {
        if (value > 0x7fff_ffff || value < -0x8000_0000 || (value < 0 && unsigned[type] === 1)) return row
        view.setInt32(base + offset, value, true)
      } else {
        if (!(value <= 0x1f_ffff_ffff_ffff && value >= -0x1f_ffff_ffff_ffff)) return row
        view.setInt32(base + offset, value, true)
        view.setInt32(base + offset + 4, Math.floor(value / 0x1_0000_0000), true)
      }
    }
    return row
  }
}

function actionsOf(arch: Arch): Uint8Array {
  const actions = new Uint8Array(256)
  const { formula, bytes, relax, codec, page, lowerHalfIn } = arch.relocationColumns
  for (let type = 0; type < 256; type++) {
    if (relax[type] !== 0 || codec[type] !== 0 || page[type] !== 0 || lowerHalfIn[type] !== 0) continue
    const isAddress = formula[type] === formulaCodes['S+A']
    const isDistance = formula[type] === formulaCodes['S+A-P'] || formula[type] === formulaCodes['L+A-P']
    if (bytes[type] === 4) actions[type] = isAddress ? Action.Address4 : isDistance ? Action.Distance4 : Action.Other
    else if (bytes[type] === 8)
      actions[type] = isAddress ? Action.Address8 : isDistance ? Action.Distance8 : Action.Other
  }
  return actions
}
