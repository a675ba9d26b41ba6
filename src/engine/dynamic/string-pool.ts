/** Strings of .dynstr: each once, in order of first use; offset 0 is the empty string. */
export class StringPool {
  private readonly offsets = new Map<string, number>([['', 0]])
  /** bytes so far */
  size = 1

  /** Offset of the string, entering it when it is new. */
  add(text: string): number {
    const known = this.offsets.get(text)
    if (known !== undefined) return known
    const offset = this.size
    this.offsets.set(text, offset)
    this.size += text.length + 1
    return offset
  }

  write(out: Uint8Array, at: number): void {
    for (const [text, offset] of this.offsets)
      for (let i = 0; i < text.length; i++) out[at + offset + i] = text.charCodeAt(i)
  }
}
