/** Which kind of file is this: decided by the first bytes, never by the name. */

export type FileKind = 'elf' | 'archive' | 'thin-archive' | 'text' | 'empty' | 'bitcode' | 'unknown'

/** Classifies `size` bytes at `start`. 'text' means: may be a linker script. */
export function detectKind(bytes: Uint8Array, start = 0, size = bytes.length - start): FileKind {
  if (size === 0) return 'empty'
  const first = bytes[start]!
  if (
    size >= 4 &&
    first === 0x7f &&
    bytes[start + 1] === 0x45 &&
    bytes[start + 2] === 0x4c &&
    bytes[start + 3] === 0x46
  )
    return 'elf'
  if (size >= 8 && first === 0x21 && bytes[start + 1] === 0x3c) {
    const magic = String.fromCharCode(...bytes.subarray(start, start + 8))
    if (magic === '!<arch>\n') return 'archive'
    if (magic === '!<thin>\n') return 'thin-archive'
  }
  if (
    size >= 4 &&
    first === 0x42 &&
    bytes[start + 1] === 0x43 &&
    bytes[start + 2] === 0xc0 &&
    bytes[start + 3] === 0xde
  )
    return 'bitcode'
  return looksLikeText(bytes, start, size) ? 'text' : 'unknown'
}

/** No control bytes but white space in the first 512 bytes; bytes above 127 are left to the script's lexer. */
function looksLikeText(bytes: Uint8Array, start: number, size: number): boolean {
  const end = start + Math.min(size, 512)
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte >= 0x20 ? byte === 0x7f : byte < 9 || byte > 13) return false
  }
  return true
}
