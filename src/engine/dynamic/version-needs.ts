/** .gnu.version_r: which versions of which shared objects the output was linked with (GNU symbol versioning). */
import { sysvHash } from '../../elf/hash-tables.ts'
import type { Program, SharedObject } from '../records/program.ts'
import { SymbolFlag, SymbolState } from '../records/tables.ts'
import type { StringPool } from './string-pool.ts'

export interface VersionNeed {
  readonly soname: string
  /** offset of the name in .dynstr */
  nameOffset: number
  /** version names with their index for .gnu.version */
  readonly versions: { readonly name: string; readonly index: number; nameOffset: number }[]
}

/** The versions of the given symbols, by shared object in the order of the inputs, or in the order of the symbols. */
export class VersionNeeds {
  readonly files: VersionNeed[] = []
  private readonly program: Program
  private readonly objects: ReadonlyMap<number, SharedObject>
  private readonly indices = new Map<string, number>()

  /** @param symbols ids of dynamic symbols; @param first index of the first version; @param isBySymbol their order decides */
  constructor(program: Program, symbols: readonly number[], first: number, isBySymbol: boolean) {
    this.program = program
    this.objects = new Map(program.shared.map(each => [each.file, each]))
    const byFile = new Map<number, Set<string>>()
    for (const id of symbols) {
      const version = this.versionName(id)
      if (version === undefined) continue
      const file = program.symbols.file[id]!
      const known = byFile.get(file)
      if (known === undefined) byFile.set(file, new Set([version]))
      else known.add(version)
    }
    let next = first
    const files = isBySymbol ? [...byFile.keys()] : program.shared.map(each => each.file)
    for (const file of files) {
      const names = byFile.get(file)
      if (names === undefined) continue
      const versions = [...names].map(name => ({ name, index: next++, nameOffset: 0 }))
      for (const { name, index } of versions) this.indices.set(`${file} ${name}`, index)
      this.files.push({ soname: this.objects.get(file)!.soname, nameOffset: 0, versions })
    }
  }

  /** Index for .gnu.version; undefined: the symbol comes without a version. */
  indexOf(id: number): number | undefined {
    const name = this.versionName(id)
    return name === undefined ? undefined : this.indices.get(`${this.program.symbols.file[id]} ${name}`)
  }

  /** Version of a symbol that a shared object defines, or of which the output has a copy. */
  private versionName(id: number): string | undefined {
    const { symbols, files } = this.program
    const isElsewhere = symbols.state[id] === SymbolState.Shared || (symbols.flags[id]! & SymbolFlag.Copied) !== 0
    const object = isElsewhere ? this.objects.get(symbols.file[id]!) : undefined
    if (object === undefined || object.versionTable === 0) return undefined
    const file = files[object.file]!
    const index = file.view.getUint16(object.versionTable + 2 * symbols.index[id]!, file.littleEndian) & 0x7fff
    return index < 2 ? undefined : object.versionNames[index]
  }

  get size(): number {
    return this.files.reduce((sum, file) => sum + 16 + 16 * file.versions.length, 0)
  }

  enterStrings(strings: StringPool): void {
    for (const file of this.files) {
      file.nameOffset = strings.use(file.soname)
      for (const version of file.versions) version.nameOffset = strings.use(version.name)
    }
  }

  bytes(little: boolean): Uint8Array {
    const bytes = new Uint8Array(this.size)
    const view = new DataView(bytes.buffer)
    let at = 0
    this.files.forEach(({ nameOffset: fileName, versions }, position) => {
      const length = 16 + 16 * versions.length
      view.setUint16(at, 1, little)
      view.setUint16(at + 2, versions.length, little)
      view.setUint32(at + 4, fileName, little)
      view.setUint32(at + 8, 16, little)
      view.setUint32(at + 12, position + 1 === this.files.length ? 0 : length, little)
      versions.forEach(({ name, index, nameOffset }, i) => {
        const row = at + 16 + 16 * i
        view.setUint32(row, sysvHash(name), little)
        view.setUint16(row + 4, 0, little)
        view.setUint16(row + 6, index, little)
        view.setUint32(row + 8, nameOffset, little)
        view.setUint32(row + 12, i + 1 === versions.length ? 0 : 16, little)
      })
      at += length
    })
    return bytes
  }
}
