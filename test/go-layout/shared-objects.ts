/** Shared objects with as little in them as a linker has to read: names, kinds and versions. */
import { ObjectBuilder } from '../support/object-builder.ts'
import type { Machine } from './facts.ts'

export interface Definition {
  readonly name: string
  readonly version?: string
  readonly isCode: boolean
}

const types = { hash: 5, dynamic: 6, dynsym: 11, versions: 0x6fffffff, definitions: 0x6ffffffd }

/** Bytes of a shared object that defines these symbols, each of 16 bytes. */
export function sharedObject(target: Machine, soname: string, definitions: readonly Definition[]): Uint8Array {
  const wide = target.bits === 64
  const word = target.bits / 8
  const builder = new ObjectBuilder({ machine: target.machine, bits: target.bits, flags: target.flags, type: 3 })
  const room = new Uint8Array(16 * definitions.length + 16)
  builder.section('.text', { flags: 'ax', align: 16, bytes: room })
  builder.section('.data', { flags: 'aw', align: 16, bytes: room })
  const strings = new Strings()
  const nameOffset = strings.add(soname)
  const versions = [...new Set(definitions.flatMap(each => each.version ?? []))]
  const entry = wide ? 24 : 16
  const symbols = Buffer.alloc(entry * (definitions.length + 1))
  const indices = Buffer.alloc(2 * (definitions.length + 1))
  definitions.forEach(({ name, version, isCode }, i) => {
    const at = entry * (i + 1)
    symbols.writeUInt32LE(strings.add(name), at)
    const info = at + (wide ? 4 : 12)
    symbols.writeUInt8(16 | (isCode ? 2 : 1), info)
    symbols.writeUInt16LE(isCode ? 1 : 2, info + 2)
    symbols.writeUInt32LE(16 * i, at + (wide ? 8 : 4))
    symbols.writeUInt32LE(16, at + (wide ? 16 : 8))
    indices.writeUInt16LE(version === undefined ? 1 : versions.indexOf(version) + 2, 2 * (i + 1))
  })
  // The first definition is the object itself (VER_FLG_BASE).
  const rows = versions.length === 0 ? [] : [soname, ...versions]
  const table = Buffer.alloc(28 * rows.length)
  rows.forEach((name, i) => {
    const at = 28 * i
    table.writeUInt16LE(1, at)
    table.writeUInt16LE(i === 0 ? 1 : 0, at + 2)
    table.writeUInt16LE(i + 1, at + 4)
    table.writeUInt16LE(1, at + 6)
    table.writeUInt32LE(20, at + 12)
    table.writeUInt32LE(i + 1 === rows.length ? 0 : 28, at + 16)
    table.writeUInt32LE(strings.add(name), at + 20)
  })
  const tags = Buffer.alloc(4 * word)
  tags.writeUInt32LE(14, 0)
  tags.writeUInt32LE(nameOffset, word)
  const text = builder.section('.dynstr', { type: 'strtab', flags: 'a', bytes: strings.bytes() })
  const common = { flags: 'a', align: word }
  const dynsym = builder.section('.dynsym', {
    ...common,
    type: types.dynsym,
    entrySize: entry,
    bytes: symbols,
    link: text,
    info: 1,
  })
  if (versions.length > 0) {
    builder.section('.gnu.version', { ...common, type: types.versions, entrySize: 2, bytes: indices, link: dynsym })
    builder.section('.gnu.version_d', {
      ...common,
      type: types.definitions,
      bytes: table,
      link: text,
      info: rows.length,
    })
  }
  builder.section('.dynamic', { ...common, type: types.dynamic, entrySize: 2 * word, bytes: tags, link: text })
  return builder.build()
}

class Strings {
  private text = '\0'

  add(name: string): number {
    const at = this.text.length
    this.text += `${name}\0`
    return at
  }

  bytes(): Uint8Array {
    return Buffer.from(this.text, 'latin1')
  }
}
