/**
 * Ways to spoil a good ELF64 little-endian file: what a reader must survive. Each function returns a new array.
 */

const headerFields = {
  magic: [0, 4],
  class: [4, 1],
  data: [5, 1],
  version: [6, 1],
  type: [16, 2],
  machine: [18, 2],
  entry: [24, 8],
  phoff: [32, 8],
  shoff: [40, 8],
  flags: [48, 4],
  ehsize: [52, 2],
  phentsize: [54, 2],
  phnum: [56, 2],
  shentsize: [58, 2],
  shnum: [60, 2],
  shstrndx: [62, 2],
} as const

const sectionFields = {
  name: [0, 4],
  type: [4, 4],
  flags: [8, 8],
  address: [16, 8],
  offset: [24, 8],
  size: [32, 8],
  link: [40, 4],
  info: [44, 4],
  align: [48, 8],
  entrySize: [56, 8],
} as const

export type HeaderField = keyof typeof headerFields
export type SectionField = keyof typeof sectionFields

/** The first `length` bytes. */
export function truncated(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.slice(0, Math.max(0, length))
}

/** The file with one field of its ELF header replaced. */
export function withHeaderField(bytes: Uint8Array, field: HeaderField, value: number | bigint): Uint8Array {
  const [offset, size] = headerFields[field]
  return withValue(bytes, offset, size, value)
}

/** The file with one field of section header `index` replaced. */
export function withSectionField(
  bytes: Uint8Array,
  index: number,
  field: SectionField,
  value: number | bigint,
): Uint8Array {
  const table = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(40, true))
  const [offset, size] = sectionFields[field]
  return withValue(bytes, table + index * 64 + offset, size, value)
}

/** The file with `bytes.length` bytes at `offset` replaced. */
export function withBytes(bytes: Uint8Array, offset: number, replacement: readonly number[]): Uint8Array {
  const copy = bytes.slice()
  copy.set(replacement, offset)
  return copy
}

function withValue(bytes: Uint8Array, offset: number, size: number, value: number | bigint): Uint8Array {
  const copy = bytes.slice()
  let rest = BigInt.asUintN(64, BigInt(value))
  for (let i = 0; i < size; i++) {
    copy[offset + i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return copy
}
