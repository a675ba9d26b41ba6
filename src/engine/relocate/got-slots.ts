/** Addresses of words in the GOT, and what relocations compute from them. */
import { formulaCodes } from '../../target/target.ts'
import { gotStartWords } from '../records/got-start.ts'
import type { Needs, SymbolKey } from '../records/needs.ts'
import type { Layout } from '../records/placement.ts'
import type { Program } from '../records/program.ts'

/** Address of the GOT as relocations count it. */
export function gotAddress(program: Program, { sections }: Needs, layout: Layout): number {
  const base = program.plan.dynamic?.gotBase
  const baseSection = base === undefined ? undefined : layout.outputs.find(output => output.name === base)
  if (baseSection !== undefined) return Number(BigInt.asIntN(64, baseSection.address))
  const isFirst = gotStartWords(program) === 0
  const hasHeader = isFirst && sections.gotPlt >= 0 && layout.outputOf[sections.gotPlt]! >= 0
  return addressOf(layout, hasHeader ? sections.gotPlt : sections.got)
}

function addressOf(layout: Layout, section: number): number {
  return section < 0 ? 0 : layout.addressOf[section]!
}

export class GotSlots {
  private readonly needs: Needs
  private readonly word: number
  /** addresses: of the GOT as offsets count from it, of .got, of the words of indirect functions */
  private readonly got: number
  private readonly slots: number
  private readonly indirectSlots: number

  /** @param got see `gotAddress` */
  constructor(program: Program, needs: Needs, layout: Layout, got: number) {
    this.needs = needs
    this.word = program.arch.bits / 8
    this.got = got
    this.slots = addressOf(layout, needs.sections.got)
    this.indirectSlots = addressOf(layout, needs.sections.indirectSlots)
  }

  /**
   * What a formula with a word of the GOT in it gives; NaN for other formulas.
   * @param place address of the relocation
   */
  value(code: number, key: SymbolKey, addend: number, place: number): number {
    switch (code) {
      case formulaCodes['G+A']:
        return this.address(key) - this.got + addend
      case formulaCodes['GOT+G+A']:
        return this.address(key) + addend
      case formulaCodes['GOT+G+A-P']:
        return this.address(key) + addend - place
      case formulaCodes['tls-ie+A']:
        return this.thread(key) - this.got + addend
      case formulaCodes['GOT+tls-ie+A']:
        return this.thread(key) + addend
      case formulaCodes['GOT+tls-ie+A-P']:
        return this.thread(key) + addend - place
      case formulaCodes['tls-gd+A']:
        return this.pair(key) - this.got + addend
      case formulaCodes['GOT+tls-gd+A']:
        return this.pair(key) + addend
      case formulaCodes['GOT+tls-gd+A-P']:
        return this.pair(key) + addend - place
      case formulaCodes['tls-ld+A']:
        return this.at(this.needs.ownModule) - this.got + addend
      case formulaCodes['GOT+tls-ld+A']:
        return this.at(this.needs.ownModule) + addend
      case formulaCodes['GOT+tls-ld+A-P']:
        return this.at(this.needs.ownModule) + addend - place
      case formulaCodes['tls-desc+A']:
        return this.descriptor(key) - this.got + addend
      case formulaCodes['GOT+tls-desc+A']:
        return this.descriptor(key) + addend
      case formulaCodes['GOT+tls-desc+A-P']:
        return this.descriptor(key) + addend - place
      default:
        return NaN
    }
  }

  private at(slot: number): number {
    return this.slots + slot * this.word
  }

  private address(key: SymbolKey): number {
    const slot = this.needs.gotOf.get(key)
    if (slot !== undefined) return this.at(slot)
    return this.indirectSlots + (this.needs.stubOf.get(key) ?? 0) * this.word
  }

  private thread(key: SymbolKey): number {
    return this.at(this.needs.threadOf.get(key) ?? 0)
  }

  private pair(key: SymbolKey): number {
    return this.at(this.needs.pairOf.get(key) ?? 0)
  }

  private descriptor(key: SymbolKey): number {
    return this.at(this.needs.descriptorOf.get(key) ?? 0)
  }
}
