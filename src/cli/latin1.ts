/** Names are bytes to a linker: UTF-16 text becomes one character per byte of its UTF-8 form. */
export function latin1(word: string): string {
  return /^[\x00-\x7f]*$/.test(word) ? word : Buffer.from(word, 'utf8').toString('latin1')
}
