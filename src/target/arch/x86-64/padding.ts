/** No-operation instructions of 1 to 10 bytes as recommended by Intel and AMD; GNU ld fills gaps in code with them. */
const noOperations: readonly Uint8Array[] = [
  [],
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0],
  [0x0f, 0x1f, 0x44, 0, 0],
  [0x66, 0x0f, 0x1f, 0x44, 0, 0],
  [0x0f, 0x1f, 0x80, 0, 0, 0, 0],
  [0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
  [0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
  [0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
].map(bytes => Uint8Array.from(bytes))

const longest = 10

/** Fills a gap with the longest no-operations first; the shorter one that is left over stands last. */
export function padCode(out: Uint8Array, at: number, length: number): void {
  const end = at + length
  while (end - at >= longest) {
    out.set(noOperations[longest]!, at)
    at += longest
  }
  out.set(noOperations[end - at]!, at)
}
