/** A row of instructions of one function, as bytes. */

export class Instructions {
  readonly bytes: number[] = []
  /** the last `local.set`: its local, where it stands and where it ends */
  #lastSet = -1
  #setAt = -1
  #afterSet = -1

  /** An instruction's code; one above 255 is a prefix and a number. */
  code(code: number): void {
    if (code > 255) this.bytes.push(code >> 8, ...unsigned(code & 255))
    else this.bytes.push(code)
  }

  unsigned(value: number): void {
    this.bytes.push(...unsigned(value))
  }

  /** Gets (0x20) or sets (0x21) a local. */
  local(code: 0x20 | 0x21, index: number): void {
    if (code === 0x20 && index === this.#lastSet && this.bytes.length === this.#afterSet) {
      // set and get at once: tee
      this.bytes[this.#setAt] = 0x22
      this.#lastSet = -1
      return
    }
    if (code === 0x21) {
      this.#lastSet = index
      this.#setAt = this.bytes.length
    }
    this.bytes.push(code, ...unsigned(index))
    if (code === 0x21) this.#afterSet = this.bytes.length
  }

  i32(value: number): void {
    this.bytes.push(0x41, ...signed(value | 0))
  }

  f64(value: number): void {
    this.bytes.push(0x44, ...new Uint8Array(new Float64Array([value]).buffer))
  }

  /** An access to memory: the exponent of the alignment and a constant offset in bytes. */
  memory(code: number, alignment: number, offset: number): void {
    this.code(code)
    this.bytes.push(...unsigned(alignment), ...unsigned(offset))
  }
}

/** LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 128 : low)
  } while (rest > 0)
  return bytes
}

/** Signed LEB128 of a 32-bit number. */
export function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (true) {
    const low = rest & 127
    rest >>= 7
    const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)
    bytes.push(done ? low : low | 128)
    if (done) return bytes
  }
}
