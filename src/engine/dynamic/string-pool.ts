/** Strings of .dynstr in order of first use, each once or, where the plan asks for it, once for each use; 0 is the empty one. */
export class StringPool {
  private readonly offsets = new Map<string, number>([['', 0]])
  private readonly texts: string[] = ['']
  private readonly isApart: boolean
  /** bytes so far */
  size = 1

  /** @param isApart no two uses share a string */
  constructor(isApart = false) {
    this.isApart = isApart
  }

  /** Offset of the string, entering it when it is new. */
  add(text: string): number {
    return this.offsets.get(text) ?? this.enter(text)
  }

  /** Offset of the string for a use of its own. */
  use(text: string): number {
    return this.isApart && text !== '' ? this.enter(text) : this.add(text)
  }

  private enter(text: string): number {
    const offset = this.size
    if (!this.offsets.has(text)) this.offsets.set(text, offset)
    this.texts.push(text)
    this.size += text.length + 1
    return offset
  }

  write(out: Uint8Array, at: number): void {
    let to = at
    for (const text of this.texts) {
      for (let i = 0; i < text.length; i++) out[to + i] = text.charCodeAt(i)
      to += text.length + 1
    }
  }
}
