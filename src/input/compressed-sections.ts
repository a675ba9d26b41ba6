/**
 * Objects with compressed sections (SHF_COMPRESSED, gABI): they are read as the object they stand for, whose sections lie
 * uncompressed behind the bytes of the file. Compilers make them with -gz.
 */
import { damagedSection, unsupportedInput } from '../diag/catalogue/input.ts'
import type { Place } from '../diag/diagnostic.ts'
import type { Report } from '../diag/report.ts'
import { SHF_COMPRESSED, SHT_NOBITS } from '../elf/constants.ts'
import type { ElfHeader } from './elf-file.ts'
import { inflate } from './inflate.ts'

const zlib = 1

/** Offset in a section header of the low 32 bits of sh_flags. */
function lowFlags(header: ElfHeader): number {
  return header.bits === 64 && !header.littleEndian ? 12 : 8
}

/** True when a section is compressed. One look at each header: nothing else is read. */
export function hasCompressedSections(view: DataView, header: ElfHeader): boolean {
  const { sectionHeaders, sectionHeaderSize, sectionCount, littleEndian } = header
  const flagsAt = lowFlags(header)
  for (let i = 0, at = sectionHeaders; i < sectionCount; i++, at += sectionHeaderSize)
    if ((view.getUint32(at + flagsAt, littleEndian) & SHF_COMPRESSED) !== 0)
      if (view.getUint32(at + 4, littleEndian) !== SHT_NOBITS) return true
  return false
}

/**
 * The bytes of the object at `start` with its sections uncompressed; sh_addralign is that of the contents.
 * Undefined after an error.
 */
export function withoutCompression(
  bytes: Uint8Array,
  start: number,
  size: number,
  header: ElfHeader,
  place: Place,
  report: Report,
): Uint8Array | undefined {
  const { littleEndian: little, bits, sectionHeaderSize: step } = header
  const wide = bits === 64
  const object = bytes.slice(start, start + size)
  const view = new DataView(object.buffer)
  const table = header.sectionHeaders - start
  const read = (at: number): number =>
    wide
      ? view.getUint32(at + (little ? 0 : 4), little) + view.getUint32(at + (little ? 4 : 0), little) * 0x1_0000_0000
      : view.getUint32(at, little)
  const write = (at: number, value: number): void => {
    if (wide) view.setBigUint64(at, BigInt(value), little)
    else view.setUint32(at, value, little)
  }
  const field = wide ? { offset: 24, size: 32, align: 48 } : { offset: 16, size: 20, align: 32 }
  const extra: { readonly at: number; readonly content: Uint8Array }[] = []
  let end = alignUp(size)
  for (let index = 0; index < header.sectionCount; index++) {
    const at = table + index * step
    const flags = view.getUint32(at + lowFlags(header), little)
    if ((flags & SHF_COMPRESSED) === 0 || view.getUint32(at + 4, little) === SHT_NOBITS) continue
    const bad = (name: string, found: string | number, expected: string): undefined =>
      void report.add(damagedSection({ index, field: name, found: String(found), expected }), place)
    const offset = read(at + field.offset)
    const length = read(at + field.size)
    const headerLength = wide ? 24 : 12
    if (offset + length > size) return bad('sh_offset + sh_size', offset + length, `at most the file size ${size}`)
    if (length < headerLength) return bad('sh_size', length, `a compression header of ${headerLength} bytes`)
    const kind = view.getUint32(offset, little)
    if (kind !== zlib) {
      const what = kind === 2 ? 'zstd' : `type ${kind}`
      report.add(unsupportedInput({ what: `compression of section ${index} with ${what} (zlib is)` }), place)
      return undefined
    }
    const full = read(offset + (wide ? 8 : 4))
    const content = inflate(object.subarray(offset + headerLength, offset + length), full)
    if (typeof content === 'string') return bad('the compressed content', content, 'a zlib stream')
    view.setUint32(at + lowFlags(header), flags & ~SHF_COMPRESSED, little)
    write(at + field.offset, end)
    write(at + field.size, content.length)
    write(at + field.align, read(offset + (wide ? 16 : 8)))
    extra.push({ at: end, content })
    end = alignUp(end + content.length)
  }
  const result = new Uint8Array(end)
  result.set(object)
  for (const { at, content } of extra) result.set(content, at)
  return result
}

/** Parts of an object begin at multiples of 16. */
function alignUp(offset: number): number {
  return Math.ceil(offset / 16) * 16
}
