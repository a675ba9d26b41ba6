import type { InputFile, Program } from '../records/program.ts'
import { targetFacts } from './target-facts.ts'

const unknown = 255

/** Facts about the symbols of one file after another (TargetFact bits), found out when first asked for. */
export class KnownFacts {
  private readonly program: Program
  private facts = new Uint8Array(4096)
  private file = -1

  constructor(program: Program) {
    this.program = program
  }

  of(file: InputFile, symbol: number): number {
    if (this.file !== file.id) {
      const { count } = file.symbolTable
      if (this.facts.length < count) this.facts = new Uint8Array(count * 2)
      this.facts.fill(unknown, 0, count)
      this.file = file.id
    }
    const known = this.facts[symbol]!
    if (known !== unknown) return known
    const found = targetFacts(this.program, file, symbol)
    this.facts[symbol] = found
    return found
  }
}
