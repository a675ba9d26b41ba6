/**
 * Build attributes: tags with values by which objects say what they were compiled for (.ARM.attributes,
 * .riscv.attributes). The format is that of "Addenda to the ABI for the Arm Architecture"; what the tags mean and how
 * the values of several objects are joined is the architecture's.
 */

/** A value is a number (ULEB128), a string (Latin-1), or both. */
export interface AttributeValue {
  readonly number?: number
  readonly text?: string
}

export type Attributes = Map<number, AttributeValue>

/** What joining has to complain about; the engine knows which file is meant. */
export interface AttributeProblem {
  readonly severity: 'error' | 'warning'
  /** name of the tag */
  readonly tag: string
  readonly found: string
  readonly expected: string
  /** what an option may silence: 'enum-size', 'wchar-size' */
  readonly topic?: string
}

export interface AttributeRules {
  /** of the section in inputs and output */
  readonly section: string
  /** sh_type */
  readonly type: number
  /** type of a program header that shows the section, behind those of the headers and the interpreter; absent: none */
  readonly segment?: number
  /** whose tags these are: 'aeabi' */
  readonly vendor: string
  /** how the value of a tag is written */
  form(tag: number): 'number' | 'text' | 'both'
  /** Joins what an object says into what is known so far; the first object's attributes are taken over as they are. */
  join(
    known: Attributes,
    added: ReadonlyMap<number, AttributeValue>,
    complain: (problem: AttributeProblem) => void,
  ): void
  /** order of the tags in the output, where it is not that of their numbers */
  readonly first: readonly number[]
  /** bits of OutputTrait from 0x100 on */
  traits(joined: ReadonlyMap<number, AttributeValue>): number
  /**
   * Joins the e_flags of an object that holds code into those of the objects before it; absent: by OR, whatever they say.
   * The first object's flags are taken over as they are.
   */
  joinFlags?(known: number, added: number, complain: (problem: AttributeProblem) => void): number
  /** e_flags of a program or shared object, from those of the objects joined by OR */
  machineFlags(flags: number, joined: ReadonlyMap<number, AttributeValue>): number
}
