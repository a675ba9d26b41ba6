/**
 * Makes a failing case smaller: takes parts away while it still fails in the same way. The parts are statements, options,
 * objects, sections, symbols and relocations; what is left is mostly a handful of lines.
 */
import type { Case, ObjectSpec, Piece } from './case.ts'

/**
 * The smallest case found with at most `budget` trials for which `fails` still holds. After a success the search goes on where
 * it was: what was needed before is mostly needed still. It ends with a whole round that finds nothing.
 */
export function shrinkCase(link: Case, fails: (candidate: Case) => boolean, budget = 1000): Case {
  let best = link
  let left = budget
  let start = 0
  let progress = false
  while (left > 0) {
    let position = 0
    let found = false
    for (const candidate of smaller(best)) {
      if (position++ < start) continue
      if (left-- <= 0) return best
      if (!fails(candidate)) continue
      best = candidate
      start = position - 1
      found = true
      progress = true
      break
    }
    if (found) continue
    if (!progress && start === 0) return best
    start = 0
    progress = false
  }
  return best
}

/** Every case with one part less, big parts first. */
function* smaller(link: Case): Generator<Case> {
  for (let i = link.objects.length - 1; i >= 0; i--) yield { ...link, objects: without(link.objects, i) }
  for (const script of smallerPieces(link.script)) yield { ...link, script }
  for (let i = 0; i < link.args.length; i++) {
    yield { ...link, args: without(link.args, i) }
    if (i + 1 < link.args.length) yield { ...link, args: without(without(link.args, i + 1), i) }
  }
  for (let i = 0; i < link.objects.length; i++)
    for (const object of smallerObjects(link.objects[i]))
      yield { ...link, objects: link.objects.map((other, at) => (at === i ? object : other)) }
}

function* smallerPieces(pieces: readonly Piece[]): Generator<readonly Piece[]> {
  for (let i = pieces.length - 1; i >= 0; i--) yield without(pieces, i)
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]
    const replaced = (other: Piece): readonly Piece[] => pieces.map((old, at) => (at === i ? other : old))
    if (piece.inside !== undefined) {
      for (const inside of smallerPieces(piece.inside)) yield replaced({ ...piece, inside })
      if (piece.close !== undefined && piece.close !== '}') yield replaced({ ...piece, close: '}' })
    }
    for (const text of simplerTexts(piece.text)) yield replaced({ ...piece, text })
  }
}

/** Statements with an operand, a function call or a header clause less. */
function* simplerTexts(text: string): Generator<string> {
  for (const pattern of [/ (AT|ALIGN|SUBALIGN)\([^()]*\)/, / ONLY_IF_R[OW]/, / \([A-Z]+\)(?= :)/, /KEEP\((.*)\)$/]) {
    const shorter = text.replace(pattern, '$1')
    if (shorter !== text && !shorter.includes('$1')) yield shorter.replace(/(AT|ALIGN|SUBALIGN)(?=[ {])/, '')
  }
  const assigned = /^(\S+ \S*= )(.+);$/.exec(text)
  if (assigned === null) return
  const terms = assigned[2].split(/ (?:[-+*&|^/%]|<<|>>|[=!<>]=|[<>]|&&|\|\|) /)
  if (terms.length > 1) for (const term of terms) if (balanced(term)) yield `${assigned[1]}${term};`
  const inner = /^[A-Z0-9_]*\((.*)\)$/.exec(assigned[2])
  if (inner !== null && balanced(inner[1])) yield `${assigned[1]}${inner[1]};`
}

function balanced(text: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '(') depth++
    if (character === ')' && --depth < 0) return false
  }
  return depth === 0
}

function* smallerObjects(object: ObjectSpec): Generator<ObjectSpec> {
  for (let i = object.sections.length - 1; i >= 0; i--) {
    const used =
      object.symbols.some(symbol => symbol.place === i) ||
      object.groups.some(group => group.members.includes(i)) ||
      object.sections.some(section => section.relocations.some(r => r.symbol === i))
    if (!used) yield withoutSection(object, i)
  }
  for (let i = object.symbols.length - 1; i >= 0; i--) yield { ...object, symbols: without(object.symbols, i) }
  if (object.groups.length > 0) yield { ...object, groups: [] }
  if (object.archive !== undefined) yield { ...object, archive: undefined }
  for (let i = 0; i < object.sections.length; i++)
    for (let k = 0; k < object.sections[i].relocations.length; k++) {
      const section = { ...object.sections[i], relocations: without(object.sections[i].relocations, k) }
      yield { ...object, sections: object.sections.map((other, at) => (at === i ? section : other)) }
    }
}

/** Later sections move down by one, and everything that counts them does too. */
function withoutSection(object: ObjectSpec, gone: number): ObjectSpec {
  const moved = (i: number): number => (i > gone ? i - 1 : i)
  return {
    ...object,
    symbols: object.symbols.map(s => (typeof s.place === 'number' ? { ...s, place: moved(s.place) } : s)),
    groups: object.groups.map(group => ({ ...group, members: group.members.map(moved) })),
    sections: without(object.sections, gone).map(section => ({
      ...section,
      relocations: section.relocations.map(r => (typeof r.symbol === 'number' ? { ...r, symbol: moved(r.symbol) } : r)),
    })),
  }
}

function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_, i) => i !== index)
}
