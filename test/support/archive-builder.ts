/**
 * `ar` archives made in memory: GNU and BSD names, symbol index, thin archives, and damage.
 *
 * @example
 * const library = archive([{ name: 'a.o', bytes, symbols: ['foo'] }])
 */
import { latin1 } from './object-builder.ts'

export interface ArchiveMember {
  readonly name: string
  readonly bytes: Uint8Array
  /** names this member defines, for the symbol index */
  readonly symbols?: readonly string[]
}

export interface ArchiveOptions {
  /** gnu: `name/`, long names in `//`; bsd: `#1/length` with the name before the content */
  readonly names?: 'gnu' | 'bsd'
  /** `/` (gnu), `/SYM64/` (gnu64), `__.SYMDEF` (bsd), or none; by default the one that suits `names` */
  readonly index?: 'gnu' | 'gnu64' | 'bsd' | 'none'
  /** a thin archive names its members' files and does not hold their bytes */
  readonly thin?: boolean
}

/** The bytes of an archive. Member headers carry zero dates and ids, so equal calls give equal bytes. */
export function archive(members: readonly ArchiveMember[], options: ArchiveOptions = {}): Uint8Array {
  const style = options.names ?? 'gnu'
  const index = options.index ?? style
  const symbols = members.flatMap((member, i) => (member.symbols ?? []).map(name => ({ name, member: i })))

  const longNames = style === 'gnu' ? gnuNameTable(members, options.thin ?? false) : undefined
  const bodies = members.map((member, i) => {
    const content = options.thin ? new Uint8Array(0) : member.bytes
    if (style === 'bsd') {
      const name = latin1(member.name)
      return block(`#1/${name.length}`, join([name, content]))
    }
    const short = longNames?.references[i] ?? `${member.name}/`
    return block(short, content, member.bytes.length)
  })
  const front: Uint8Array[] = [latin1(options.thin ? '!<thin>\n' : '!<arch>\n')]
  const nameBlock = longNames !== undefined && longNames.table.length > 0 ? [block('//', longNames.table)] : []

  // The index holds member offsets, which depend on the size of the index; its size does not depend on the offsets.
  const sizeOfIndex = index === 'none' ? 0 : indexBlock(index, symbols, []).length
  const starts: number[] = []
  let offset = 8 + sizeOfIndex + (nameBlock[0]?.length ?? 0)
  for (const body of bodies) {
    starts.push(offset)
    offset += body.length
  }
  if (index !== 'none') front.push(indexBlock(index, symbols, starts))
  return join([...front, ...nameBlock, ...bodies])
}

interface IndexEntry {
  readonly name: string
  readonly member: number
}

function indexBlock(
  kind: 'gnu' | 'gnu64' | 'bsd',
  entries: readonly IndexEntry[],
  starts: readonly number[],
): Uint8Array {
  const names = latin1(entries.map(entry => `${entry.name}\0`).join(''))
  if (kind === 'bsd') {
    const view = new DataView(new ArrayBuffer(8 + entries.length * 8))
    view.setUint32(0, entries.length * 8, true)
    let at = 0
    entries.forEach((entry, i) => {
      view.setUint32(4 + i * 8, at, true)
      view.setUint32(8 + i * 8, starts[entry.member] ?? 0, true)
      at += entry.name.length + 1
    })
    view.setUint32(4 + entries.length * 8, names.length, true)
    return block('__.SYMDEF', join([new Uint8Array(view.buffer), names]))
  }
  const size = kind === 'gnu64' ? 8 : 4
  const view = new DataView(new ArrayBuffer(size * (1 + entries.length)))
  const put = (slot: number, value: number): void =>
    size === 8 ? view.setBigUint64(slot * 8, BigInt(value)) : view.setUint32(slot * 4, value)
  put(0, entries.length)
  entries.forEach((entry, i) => {
    put(i + 1, starts[entry.member] ?? 0)
  })
  return block(kind === 'gnu64' ? '/SYM64/' : '/', join([new Uint8Array(view.buffer), names]))
}

function gnuNameTable(members: readonly ArchiveMember[], thin: boolean): { table: Uint8Array; references: string[] } {
  let table = ''
  const references = members.map(member => {
    if (!thin && member.name.length <= 15) return `${member.name}/`
    const reference = `/${table.length}`
    table += `${member.name}/\n`
    return reference
  })
  return { table: latin1(table), references }
}

/** One member: 60 bytes of header, the content, a newline when the content's length is odd. */
function block(name: string, content: Uint8Array, size = content.length): Uint8Array {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`
  return join([latin1(header), content, latin1(content.length % 2 === 1 ? '\n' : '')])
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
