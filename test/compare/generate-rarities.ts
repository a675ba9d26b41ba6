/** Seldom used parts of the language, put into a finished script: they meet everything else there. */
import type { Case, Piece } from './case.ts'
import { type Random, tagged } from './random.ts'

type Rarity = (link: Case, random: Random) => Case

const rarities: readonly (readonly [percent: number, feature: string, rarity: Rarity])[] = [
  [6, 'comments', comments],
  [4, 'INCLUDE', include],
  [5, 'INPUT', inputCommand],
  [4, 'EXTERN', (link, random) => top(link, `EXTERN(${random.pick(['_start', 'shared', 'p1', 'a0'])})`)],
  [3, 'LD_FEATURE', link => top(link, 'LD_FEATURE("SANE_EXPR")')],
  [
    3,
    'NOCROSSREFS',
    (link, random) => bottom(link, `NOCROSSREFS(${random.pick(['.text .data', '.rodata .data .bss'])})`),
  ],
  [2, 'NOCROSSREFS_TO', link => bottom(link, 'NOCROSSREFS_TO(.text .data)')],
  [3, 'FORCE_COMMON_ALLOCATION', link => top(link, 'FORCE_COMMON_ALLOCATION')],
  [4, 'OUTPUT_FORMAT', link => top(link, 'OUTPUT_FORMAT(elf64-x86-64)')],
  [3, 'OUTPUT_ARCH', link => top(link, 'OUTPUT_ARCH(i386:x86-64)')],
  [3, 'SEARCH_DIR', link => top(link, 'SEARCH_DIR(.)')],
  [3, 'REGION_ALIAS', regionAlias],
  [3, 'CONSTRUCTORS', (link, random) => inBody(link, random, 'CONSTRUCTORS')],
  [2, 'CREATE_OBJECT_SYMBOLS', (link, random) => inBody(link, random, 'CREATE_OBJECT_SYMBOLS')],
  [3, 'sections without a file', (link, random) => inBody(link, random, '[ .odd .tbl ]')],
  [3, 'a file without sections', (link, random) => inBody(link, random, 'a.o')],
  [3, 'stray semicolons', (link, random) => inBody(link, random, ';;')],
  [3, 'ENTRY in SECTIONS', (link, random) => inSections(link, random, 'ENTRY(_start)')],
  [4, 'a data segment', dataSegment],
  [3, 'a second SECTIONS', link => bottom(link, 'SECTIONS { .late : { *(.odd) *(.const) late = .; } }')],
  [
    3,
    'GROUP of sections',
    (link, random) => inSections(link, random, 'GROUP ALIGN(64) : { .grouped : { *(.vectors) } }'),
  ],
  [
    2,
    'no script sections at all',
    link => ({ ...link, script: link.script.filter(piece => piece.text !== 'SECTIONS') }),
  ],
  [
    3,
    'carriage returns',
    link => ({ ...link, script: mapPieces(link.script, piece => ({ ...piece, text: `${piece.text}\r` })) }),
  ],
]

/** The case with any number of rarities, mostly none. */
export function addRarities(link: Case, random: Random, tag: (feature: string) => void): Case {
  let result = link
  for (const [percent, feature, rarity] of rarities)
    if (random.chance(percent * 0.7)) result = tagged(tag, feature, rarity(result, random))
  return result
}

function top(link: Case, text: string): Case {
  return { ...link, script: [{ text }, ...link.script] }
}

function bottom(link: Case, text: string): Case {
  return { ...link, script: [...link.script, { text }] }
}

function mapPieces(pieces: readonly Piece[], change: (piece: Piece) => Piece): Piece[] {
  return pieces.map(piece =>
    change(piece.inside === undefined ? piece : { ...piece, inside: mapPieces(piece.inside, change) }),
  )
}

function insert(pieces: readonly Piece[], random: Random, text: string): Piece[] {
  const at = random.below(pieces.length + 1)
  return [...pieces.slice(0, at), { text }, ...pieces.slice(at)]
}

/** Into the braces of SECTIONS. */
function inSections(link: Case, random: Random, text: string): Case {
  const script = mapPieces(link.script, piece =>
    piece.text === '{' ? { ...piece, inside: insert(piece.inside ?? [], random, text) } : piece,
  )
  return { ...link, script }
}

/** Into the body of one output section. */
function inBody(link: Case, random: Random, text: string): Case {
  const isBody = (piece: Piece): boolean => / : ?.*\{$/.test(piece.text) && !piece.text.startsWith('OVERLAY')
  let total = 0
  mapPieces(link.script, piece => {
    if (isBody(piece)) total++
    return piece
  })
  let wanted = random.below(Math.max(1, total))
  const script = mapPieces(link.script, piece =>
    isBody(piece) && wanted-- === 0 ? { ...piece, inside: insert(piece.inside ?? [], random, text) } : piece,
  )
  return { ...link, script }
}

function comments(link: Case, random: Random): Case {
  const words = ['/* a comment */', '# to the end of the line', '/* SECTIONS { } ; " */', '/* two\nlines */']
  const script = mapPieces(link.script, piece =>
    random.chance(20) ? { ...piece, text: `${piece.text} ${random.pick(words)}` } : piece,
  )
  return { ...link, script }
}

function include(link: Case, random: Random): Case {
  const included = { ...link, includes: { 'part.ld': 'from_part = 0x40;\nPROVIDE(p1 = from_part + 1);\n' } }
  return random.pick([top, bottom])(included, 'INCLUDE part.ld')
}

/** The last object of the command line comes from the script instead. */
function inputCommand(link: Case, random: Random): Case {
  const last = link.objects.findLastIndex(object => object.archive === undefined)
  if (last < 1) return link
  const objects = link.objects.map((object, i) => (i === last ? { ...object, byScript: true } : object))
  return random.pick([top, bottom])({ ...link, objects }, `INPUT(${link.objects[last].name})`)
}

function regionAlias(link: Case): Case {
  const at = link.script.findIndex(piece => piece.text.startsWith('MEMORY'))
  if (at < 0) return link
  const name = link.script[at].inside?.[0]?.text.split(' ')[0] ?? 'RAM'
  const alias: Piece = { text: `REGION_ALIAS("alias", ${name})` }
  const script = mapPieces(link.script, piece =>
    piece.close === `} > ${name}` ? { ...piece, close: '} > alias' } : piece,
  )
  return { ...link, script: [...script.slice(0, at + 1), alias, ...script.slice(at + 1)] }
}

/** The usual page-saving data segment around what follows. */
function dataSegment(link: Case, random: Random): Case {
  const script = mapPieces(link.script, piece => {
    const inside = piece.inside
    if (piece.text !== '{' || inside === undefined || inside.length < 2) return piece
    const at = random.below(inside.length)
    const relro: Piece[] = random.chance(40) ? [{ text: '. = DATA_SEGMENT_RELRO_END(0, .);' }] : []
    const start: Piece = { text: '. = DATA_SEGMENT_ALIGN(CONSTANT(MAXPAGESIZE), CONSTANT(COMMONPAGESIZE));' }
    const end: Piece = { text: '. = DATA_SEGMENT_END(.);' }
    const [first, second] = [inside.slice(at, at + 1), inside.slice(at + 1)]
    return { ...piece, inside: [...inside.slice(0, at), start, ...first, ...relro, ...second, end] }
  })
  return { ...link, script }
}
