/** Shared objects with as little in them as a linker has to read: names, kinds and versions; in both byte orders. */
import { ObjectBuilder } from '../support/object-builder.ts'

export interface Definition {
  readonly name: string
  readonly version: string | undefined
  readonly isCode: boolean
}

export interface Target {
  readonly bits: 32 | 64
  readonly endian: 'little' | 'big'
  readonly machine: number
  readonly flags: number | undefined
}

const types = { hash: 5, dynamic: 6, dynsym: 11, versions: 0x6fffffff, definitions: 0x6ffffffd }

/** Bytes of a shared object that defines these symbols, each of 16 bytes; a name is defined once. */
export function sharedObject(target: Target, soname: string, wanted: readonly Definition[]): Uint8Array {
  const definitions = wanted.filter((each, i) => wanted.findIndex(other => other.name === each.name) === i)
  const little = target.endian === 'little'
  const wide = target.bits === 64
  const word = target.bits / 8
  const builder = new ObjectBuilder({ ...target, type: 3 })
  const room = new Uint8Array(16 * definitions.length + 16)
  builder.section('.text', { flags: 'ax', align: 16, bytes: room })
  builder.section('.data', { flags: 'aw', align: 16, bytes: room })
  let strings = '\0'
  const string = (name: string): number => {
    strings += `${name}\0`
    return strings.length - name.length - 1
  }
  const nameOffset = string(soname)
  const versions = [...new Set(definitions.flatMap(each => each.version ?? []))]
  const entry = wide ? 24 : 16
  const symbols = new DataView(new ArrayBuffer(entry * (definitions.length + 1)))
  const indices = new DataView(new ArrayBuffer(2 * (definitions.length + 1)))
  const put = (view: DataView, at: number, value: number): void => {
    if (wide) view.setBigUint64(at, BigInt(value), little)
    else view.setUint32(at, value, little)
  }
  definitions.forEach(({ name, version, isCode }, i) => {
    const at = entry * (i + 1)
    symbols.setUint32(at, string(name), little)
    const info = at + (wide ? 4 : 12)
    symbols.setUint8(info, 16 | (isCode ? 2 : 1))
    symbols.setUint16(info + 2, isCode ? 1 : 2, little)
    put(symbols, at + (wide ? 8 : 4), 16 * i)
    put(symbols, at + (wide ? 16 : 8), 16)
    indices.setUint16(2 * (i + 1), version === undefined ? 1 : versions.indexOf(version) + 2, little)
  })
  // The first definition is the object itself (VER_FLG_BASE).
  const rows = versions.length === 0 ? [] : [soname, ...versions]
  const table = new DataView(new ArrayBuffer(28 * rows.length))
  rows.forEach((name, i) => {
    const at = 28 * i
    for (const [offset, value] of [
      [0, 1],
      [2, i === 0 ? 1 : 0],
      [4, i + 1],
      [6, 1],
    ] as const)
      table.setUint16(at + offset, value, little)
    table.setUint32(at + 12, 20, little)
    table.setUint32(at + 16, i + 1 === rows.length ? 0 : 28, little)
    table.setUint32(at + 20, string(name), little)
  })
  const tags = new DataView(new ArrayBuffer(4 * word))
  put(tags, 0, 14)
  put(tags, word, nameOffset)
  const bytes = (view: DataView): Uint8Array => new Uint8Array(view.buffer)
  const text = builder.section('.dynstr', { type: 'strtab', flags: 'a', bytes: Buffer.from(strings, 'latin1') })
  const common = { flags: 'a', align: word }
  const dynsym = builder.section('.dynsym', {
    ...common,
    type: types.dynsym,
    entrySize: entry,
    bytes: bytes(symbols),
    link: text,
    info: 1,
  })
  if (versions.length > 0) {
    builder.section('.gnu.version', {
      ...common,
      type: types.versions,
      entrySize: 2,
      bytes: bytes(indices),
      link: dynsym,
    })
    const options = { type: types.definitions, bytes: bytes(table), link: text, info: rows.length }
    builder.section('.gnu.version_d', { ...common, ...options })
  }
  builder.section('.dynamic', { ...common, type: types.dynamic, entrySize: 2 * word, bytes: bytes(tags), link: text })
  return builder.build()
}
