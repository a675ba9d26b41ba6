/** No-operation instructions of 1 to 8 bytes that every i386 carries out; GNU ld fills gaps in code with them. */
const noOperations: readonly Uint8Array[] = [
  [],
  [0x90],
  [0x66, 0x90],
  [0x8d, 0x76, 0x00],
  [0x8d, 0x74, 0x26, 0x00],
  [0x90, 0x8d, 0x74, 0x26, 0x00],
  [0x8d, 0xb6, 0, 0, 0, 0],
  [0x8d, 0xb4, 0x26, 0, 0, 0, 0],
  [0x90, 0x8d, 0xb4, 0x26, 0, 0, 0, 0],
].map(bytes => Uint8Array.from(bytes))

const longest = 8

/** Fills a gap with the longest no-operations first; the shorter one that is left over stands last. */
export function padCode(out: Uint8Array, at: number, length: number): void {
  const end = at + length
  while (end - at >= longest) {
    out.set(noOperations[longest]!, at)
    at += longest
  }
  out.set(noOperations[end - at]!, at)
}
