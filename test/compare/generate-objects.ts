/** Random small objects: sections of many names, kinds and alignments, symbols of every binding. Bytes tell where they came from. */
import type { ObjectSpec, RelocationSpec, SectionSpec, SymbolSpec } from './case.ts'
import type { Random } from './random.ts'

interface Kind {
  readonly names: readonly string[]
  readonly flags: string
  readonly type?: SectionSpec['type']
  readonly entrySize?: number
}

const kinds: readonly (readonly [number, Kind])[] = [
  [10, { names: ['.text', '.text.hot', '.text.cold', '.text.f1', '.text.f2', '.init', '.code'], flags: 'ax' }],
  [8, { names: ['.rodata', '.rodata.a', '.rodata.b', '.s.10', '.s.9', '.s.200', '.const'], flags: 'a' }],
  [8, { names: ['.data', '.data.x', '.data.y', '.data.rel', 'mydata', '.vars'], flags: 'aw' }],
  [7, { names: ['.bss', '.bss.x', '.bss.y', '.zero'], flags: 'aw', type: 'nobits' }],
  [2, { names: ['.init_array', '.init_array.100', '.init_array.9'], flags: 'aw', type: 'init-array' }],
  [1, { names: ['.note.x', '.note.y'], flags: 'a', type: 'note' }],
  [1, { names: ['.comment', '.debug_x'], flags: '' }],
  [1, { names: ['.odd', '.vectors', '.tbl'], flags: 'a' }],
  [1, { names: ['.tdata', '.tdata.x'], flags: 'awT' }],
  [1, { names: ['.tbss'], flags: 'awT', type: 'nobits' }],
]

/** Names of sections that a script may ask for: all that the objects can have. */
export const sectionNames: readonly string[] = kinds.flatMap(([, kind]) => kind.names)

/** Between one and four objects, without relocations: those need to know what the script defines. */
export function generateObjects(random: Random, tag: (feature: string) => void): ObjectSpec[] {
  const count = random.weighted([
    [3, 1],
    [5, 2],
    [3, 3],
    [1, 4],
  ])
  const objects: ObjectSpec[] = []
  for (let i = 0; i < count; i++) objects.push(generateObject(random, i, tag))
  if (random.chance(8)) addArchive(random, objects, tag)
  if (random.chance(8)) addGroups(random, objects, tag)
  return objects
}

function generateObject(random: Random, number: number, tag: (feature: string) => void): ObjectSpec {
  const name = `${'abcd'[number]}.o`
  const sections: SectionSpec[] = []
  const symbols: SymbolSpec[] = []
  if (number === 0) sections.push(sectionOf({ names: ['.text'], flags: 'ax' }, random, 0))
  const count = random.between(1, 7)
  for (let i = 0; i < count; i++) sections.push(sectionOf(random.weighted(kinds), random, number * 16 + i))
  if (number === 0) symbols.push({ name: '_start', place: 0, value: 0, type: 'func', binding: 'global' })
  sections.forEach((section, i) => {
    if (!random.chance(65)) return
    const value = random.below(sizeOf(section) + 1)
    const binding = random.weighted([
      [6, 'global'],
      [2, 'weak'],
      [2, 'local'],
    ] as const)
    if (binding === 'weak') tag('weak definition')
    const visibility = random.chance(10) ? 'hidden' : 'default'
    const kind = section.flags.includes('T') ? 'tls' : 'func'
    const type = /[xT]/.test(section.flags) ? kind : random.pick(['object', 'notype'] as const)
    symbols.push({ name: `${name[0]}${i}`, place: i, value, size: random.below(9), binding, type, visibility })
  })
  if (sections.some(section => section.flags.includes('T'))) tag('thread-local sections')
  if (random.chance(30)) {
    tag('common')
    const align = random.pick([1, 2, 4, 8, 16, 32])
    symbols.push({
      name: random.pick(['common1', 'common2', `${name[0]}common`]),
      place: 'common',
      value: align,
      size: random.between(1, 40),
      type: 'object',
    })
  }
  if (random.chance(15)) {
    tag('absolute symbol')
    symbols.push({ name: `${name[0]}abs`, place: 'absolute', value: random.between(0, 0x5000) })
  }
  if (random.chance(15)) {
    tag('shared weak')
    symbols.push({
      name: 'shared',
      place: random.below(sections.length),
      value: 0,
      binding: number === 0 ? 'global' : 'weak',
    })
  }
  return { name, sections, symbols, groups: [] }
}

function sectionOf(kind: Kind, random: Random, stamp: number): SectionSpec {
  const align = random.weighted([
    [5, 1],
    [3, 2],
    [4, 4],
    [4, 8],
    [3, 16],
    [1, 32],
    [1, 64],
  ])
  const words = random.weighted([
    [1, 0],
    [4, 1],
    [4, 2],
    [2, 5],
    [1, 9],
  ])
  const size =
    kind.type === 'init-array'
      ? 8
      : kind.type === 'note'
        ? 16
        : words * 8 + (random.chance(40) ? random.between(1, 7) : 0)
  const name = random.pick(kind.names)
  const common = {
    name,
    flags: kind.flags,
    type: kind.type,
    align: kind.type === 'note' ? 4 : align,
    entrySize: kind.entrySize,
    relocations: [],
  }
  if (kind.type === 'nobits') return { ...common, size }
  if (kind.type === 'note') return { ...common, bytes: [4, 0, 0, 0, 0, 0, 0, 0, stamp, 0, 0, 0, 0x61, 0x62, 0x63, 0] }
  return { ...common, bytes: Array.from({ length: size }, (_, i) => (stamp * 8 + i + 1) & 0xff) }
}

export function sizeOf(section: SectionSpec): number {
  return section.size ?? section.bytes?.length ?? 0
}

/** Puts the last object in an archive; it is pulled if something refers to it. */
function addArchive(random: Random, objects: ObjectSpec[], tag: (feature: string) => void): void {
  if (objects.length < 2) return
  tag('archive')
  const last = objects.length - 1
  objects[last] = { ...objects[last], archive: 'lib.a' }
  if (random.chance(50) && last > 1) objects[last - 1] = { ...objects[last - 1], archive: 'lib.a' }
}

/** The same COMDAT group in two objects: the first one stays. */
function addGroups(random: Random, objects: ObjectSpec[], tag: (feature: string) => void): void {
  tag('comdat group')
  for (let i = 0; i < Math.min(2, objects.length); i++) {
    const object = objects[i]
    const index = object.sections.length
    const section = sectionOf({ names: ['.text.once', '.data.once'], flags: 'aw' }, random, 0xe0 + i)
    objects[i] = {
      ...object,
      sections: [...object.sections, section],
      symbols: [...object.symbols, { name: 'once', place: index, value: 0, binding: 'weak' }],
      groups: [{ signature: 'once', members: [index] }],
    }
  }
}

/** Names that any object or script may refer to: what the objects define for everybody. */
export function definedGlobals(objects: readonly ObjectSpec[]): string[] {
  const names = objects
    .filter(object => object.archive === undefined)
    .flatMap(object => object.symbols)
    .filter(s => (s.binding ?? 'global') !== 'local' && s.place !== 'undefined' && s.type !== 'tls')
    .map(symbol => symbol.name)
  return [...new Set(names)]
}

/** Adds relocations to sections with content, against the objects' own symbols and what the script defines. */
export function addRelocations(
  random: Random,
  objects: readonly ObjectSpec[],
  scriptSymbols: readonly string[],
  tag: (feature: string) => void,
): ObjectSpec[] {
  const inArchives = objects
    .filter(object => object.archive !== undefined)
    .flatMap(object => object.symbols)
    .filter(s => (s.binding ?? 'global') !== 'local' && s.place !== 'undefined' && s.type !== 'tls')
    .map(s => s.name)
  const targets = [...definedGlobals(objects), ...scriptSymbols, ...scriptSymbols, ...inArchives]
  return objects.map(object => {
    const symbols = [...object.symbols]
    if (random.chance(10)) {
      tag('undefined weak')
      symbols.push({ name: 'nowhere', place: 'undefined', value: 0, binding: 'weak' })
    }
    const local = symbols
      .filter(s => (s.binding === 'local' && s.type !== 'tls') || s.name === 'nowhere')
      .map(s => s.name)
    const sections = object.sections.map(section => {
      if (section.bytes === undefined || section.type === 'note' || section.bytes.length < 8 || !random.chance(45))
        return section
      const relocations: RelocationSpec[] = []
      for (let offset = 0; offset + 8 <= section.bytes.length && relocations.length < 3; offset += 8) {
        const type = random.weighted([
          [6, 'R_X86_64_64'],
          [2, 'R_X86_64_PC32'],
          [1, 'R_X86_64_32'],
          [1, 'R_X86_64_PC64'],
        ] as const)
        const own = object.sections.flatMap((other, i) => (other.flags.includes('T') ? [] : [i]))
        const symbol =
          own.length > 0 && random.chance(15)
            ? random.pick(own)
            : random.pick(random.chance(15) && local.length > 0 ? local : targets)
        // What a script computes seldom fits 32 bits.
        const narrow = scriptSymbols.includes(String(symbol)) && random.chance(90) ? 'R_X86_64_64' : type
        tag(`relocation ${narrow}`)
        relocations.push({ offset, type: narrow, symbol, addend: random.between(-8, 8) })
      }
      return { ...section, relocations }
    })
    return { ...object, sections, symbols }
  })
}
