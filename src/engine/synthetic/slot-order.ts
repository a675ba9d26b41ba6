/**
 * Order of words in the GOT and of stubs: locals by file and index, then globals as GNU ld meets them when it walks its
 * hash table of names. The order has no meaning, but with it equal inputs give the same bytes as GNU ld's.
 */
import type { Program } from '../records/program.ts'
import { SymbolState } from '../records/tables.ts'

/** Sizes that the table grows through; it starts with 4051 and grows when three quarters are used. */
const tableSizes = [4051, 4093, 8191, 16381, 32749, 65521, 131071, 262139, 524287, 1048573, 2097143, 4194301]

/**
 * Sorts keys of symbols (see SymbolKey).
 * @param localsFirst GOT words of locals stand in front, stubs of locals behind
 */
export function orderSlots(program: Program, keys: readonly number[], localsFirst: boolean): number[] {
  const locals = keys.filter(key => key < 0).sort((a, b) => b - a)
  const globals = keys.filter(key => key >= 0)
  const { names, state } = program.symbols
  if (globals.length > 1) {
    let used = 0
    for (let id = 0; id < names.count; id++) if (state[id] !== SymbolState.Unknown) used++
    const size = tableSizes.find(each => used <= (each / 4) * 3) ?? tableSizes[tableSizes.length - 1]!
    const bucket = new Map(globals.map(id => [id, hashName(program, id) % size]))
    globals.sort((a, b) => bucket.get(a)! - bucket.get(b)! || b - a)
  }
  return localsFirst ? [...locals, ...globals] : [...globals, ...locals]
}

function hashName(program: Program, id: number): number {
  const { names } = program.symbols
  const bytes = names.bytesOf(id)
  const start = names.offsetOf(id)
  const length = names.lengths[id]!
  let hash = 0
  for (let i = 0; i <= length; i++) {
    const next = i < length ? bytes[start + i]! : length
    hash = (hash + next + next * 0x20000) >>> 0
    hash = (hash ^ (hash >>> 2)) >>> 0
  }
  return hash
}
