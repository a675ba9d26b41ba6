/** What the parts of the script generator share while one script is made, and the assignments they all write. */
import type { ObjectSpec, Piece } from './case.ts'
import { expression, type Scope } from './generate-expressions.ts'
import { definedGlobals } from './generate-objects.ts'
import { type Random, tagged } from './random.ts'

/** What the script is built around. */
export type Style = 'plain' | 'regions' | 'segments' | 'orphans'

/** Everything the parts of the generator share while one script is made. */
export interface Draft {
  readonly random: Random
  readonly tag: (feature: string) => void
  readonly style: Style
  readonly objects: readonly ObjectSpec[]
  /** output sections in script order */
  readonly outputs: readonly string[]
  /** index in `outputs` of the section that is being written */
  position: number
  /** symbols the script assigns, in the order of assignment */
  readonly assigned: string[]
  readonly provided: string[]
  /** symbols it will still assign */
  readonly pending: string[]
  readonly regions: readonly string[]
  readonly segments: readonly string[]
  /** an address above all that was placed so far */
  floor: number
  /** input patterns not yet used; a pattern is mostly used once */
  readonly patterns: string[]
}

/** The scope of an expression at this point. */
export function scopeOf(draft: Draft, inSection: boolean): Scope {
  const globals = definedGlobals(draft.objects)
  return {
    random: draft.random,
    tag: draft.tag,
    inSection,
    symbols: [...draft.assigned, ...globals],
    laterSymbols: draft.pending,
    sections: draft.outputs.slice(0, draft.position),
    laterSections: draft.outputs.slice(draft.position),
    regions: draft.regions,
  }
}

/** `name = expression;` for the next symbol, or another form of assignment. */
export function assignment(draft: Draft, scope: Scope): Piece {
  const { random, tag } = draft
  if (draft.assigned.length > 0 && random.chance(15)) {
    const operator = random.pick(['+=', '-=', '*=', '/=', '<<=', '>>=', '&=', '|=', '^='])
    tag(`assignment ${operator}`)
    const value = operator === '/=' || operator.length === 3 ? random.pick(['1', '2', '3']) : expression(scope, 1)
    return { text: `${random.pick(draft.assigned)} ${operator} ${value};` }
  }
  const name = draft.pending.shift()
  if (name === undefined) return provision(draft, scope)
  const value = expression({ ...scope, laterSymbols: draft.pending }, random.between(1, 3))
  draft.assigned.push(name)
  return random.weighted<() => Piece>([
    [10, () => ({ text: `${name} = ${value};` })],
    [1, () => ({ text: tagged(tag, 'HIDDEN', `HIDDEN(${name} = ${value});`) })],
    [2, () => ({ text: tagged(tag, 'alias', `${name} = ${random.pick([...definedGlobals(draft.objects), '.'])};`) })],
  ])()
}

/** PROVIDE in one of its forms. */
export function provision(draft: Draft, scope: Scope): Piece {
  const { random, tag } = draft
  const name = random.pick(['p1', 'p2', 'p3', '_start'])
  const word = random.pick(['PROVIDE', 'PROVIDE', 'PROVIDE_HIDDEN'])
  tag(word)
  if (name !== '_start' && !draft.provided.includes(name)) draft.provided.push(name)
  return { text: `${word}(${name} = ${expression(scope, 2)});` }
}
