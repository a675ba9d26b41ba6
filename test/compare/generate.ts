/**
 * Random links inside the GNU language: a script, small objects, options. The same seed gives the same case.
 *
 * Most cases are meant to be accepted; one in eight is spoilt in one place, to compare what is rejected. Values stay small, so
 * that no output is larger than some kilobytes.
 */
import type { Case, ObjectSpec, Piece } from './case.ts'
import { generateBody } from './generate-bodies.ts'
import { assignment, type Draft, provision, type Style, scopeOf } from './generate-draft.ts'
import { literal, truth } from './generate-expressions.ts'
import { spoil } from './generate-mistakes.ts'
import { addRelocations, generateObjects } from './generate-objects.ts'
import { addRarities } from './generate-rarities.ts'
import { Random, tagged } from './random.ts'

/** The case of a seed. */
export function generateCase(seed: number): Case {
  const random = new Random(seed)
  const features = new Set<string>()
  const tag = (feature: string): void => void features.add(feature)
  const objects = generateObjects(random, tag)
  const style = random.weighted([
    [5, 'plain'],
    [4, 'regions'],
    [2, 'segments'],
    [1, 'orphans'],
  ] as const)
  tag(`style ${style}`)
  const draft = newDraft(random, tag, style, objects)
  const script = generateScript(draft)
  const defined = [...draft.assigned.filter(name => name !== '.'), ...draft.provided]
  const link: Case = {
    seed,
    features: [],
    script,
    objects: addRelocations(random, objects, defined, tag),
    args: generateArguments(draft),
  }
  const dressed = addRarities(link, random, tag)
  const finished = random.chance(12) ? spoil(dressed, random, tag) : dressed
  return { ...finished, features: [...features].sort() }
}

const outputPool = [
  '.text',
  '.rodata',
  '.data',
  '.bss',
  '.first',
  '.second',
  '.third',
  '.table',
  '.more',
  'named',
  '.last',
]

const patternPool = [
  ...[
    '.text',
    '.text.*',
    '.text .text.*',
    '.init .code',
    '.rodata',
    '.rodata.*',
    '.rodata .rodata.*',
    '.s.*',
    '.const',
  ],
  ...[
    '.data',
    '.data.*',
    '.data .data.*',
    'mydata',
    '.vars',
    '.bss',
    '.bss.* COMMON',
    'COMMON',
    '.zero',
    '.init_array.*',
  ],
  ...[
    '.init_array .init_array.*',
    '.note.*',
    '.odd .tbl',
    '.vectors',
    '*.x',
    '.*.y',
    '.data.rel',
    '.t?xt',
    '.[rs]*',
    '.once',
    '*',
  ],
]

function newDraft(random: Random, tag: Draft['tag'], style: Style, objects: readonly ObjectSpec[]): Draft {
  const symbols = Array.from({ length: random.between(2, 9) }, (_, i) => `s${i + 1}`)
  const sectionCount = style === 'orphans' ? random.between(0, 2) : random.between(2, 7)
  return {
    random,
    tag,
    style,
    objects,
    outputs: outputNames(random, sectionCount, tag),
    position: 0,
    assigned: [],
    provided: [],
    pending: symbols,
    regions: style === 'regions' ? random.some(['ROM', 'RAM', 'FAST', 'rest'], random.between(1, 4)) : [],
    segments: style === 'segments' ? random.some(['one', 'two', 'three'], random.between(1, 3)) : [],
    floor: style === 'segments' ? 0x400000 : random.pick([0, 0x1000, 0x8000, 0x400000]),
    patterns: [...patternPool],
  }
}

function generateScript(draft: Draft): Piece[] {
  const { random, tag } = draft
  const script: Piece[] = []
  if (random.chance(60)) script.push({ text: tagged(tag, 'ENTRY', 'ENTRY(_start)') })
  if (draft.regions.length > 0) script.push(memory(draft))
  if (draft.segments.length > 0) script.push(programHeaders(draft))
  if (random.chance(40)) script.push(...assignments(draft, 2))
  if (draft.outputs.length > 0 || random.chance(80)) script.push(sections(draft))
  script.push(...assignments(draft, 3))
  if (random.chance(25)) script.push(assertion(draft))
  while (draft.pending.length > 0) script.push(assignment(draft, scopeOf(draft, false)))
  return script
}

/** Mostly different names; now and then one comes twice, and its pieces are joined. */
function outputNames(random: Random, count: number, tag: Draft['tag']): string[] {
  const names = random.some(outputPool, count)
  if (count < 2 || !random.chance(6)) return names
  tag('an output section twice')
  return [...names, random.pick(names)]
}

/** Lengths are generous: a region that overflows is one of the mistakes. */
function memory(draft: Draft): Piece {
  const { random, tag } = draft
  tag('MEMORY')
  const lines = draft.regions.map((name, i): Piece => {
    const origin = literal(random, 0x10000 * (i + 1) * random.pick([1, 4]))
    const attributes = random.weighted<() => string>([
      [4, () => ''],
      [2, () => tagged(tag, 'region attributes', `(${random.pick(['rx', 'rwx', 'w', 'r', 'x', 'a'])}) `)],
      [i === draft.regions.length - 1 ? 4 : 0, () => '(rwx) '],
      [1, () => tagged(tag, 'region attributes with !', `(${random.pick(['!x', 'rx!w', 'w!x', 'r!wx'])}) `)],
    ])()
    const length = random.pick(['32K', '0x8000', '64K - 256', '0x1000 * 8'])
    const [o, l] = random.pick([
      ['ORIGIN', 'LENGTH'],
      ['org', 'len'],
      ['o', 'l'],
    ])
    // The comma may be left out before LENGTH only: the short words are ordinary names where an expression ends.
    const comma = random.chance(l === 'LENGTH' ? 50 : 97) ? ',' : ''
    return { text: `${name} ${attributes}: ${o} = ${origin}${comma} ${l} = ${length}` }
  })
  return { text: 'MEMORY {', inside: lines, close: '}' }
}

function programHeaders(draft: Draft): Piece {
  const { random, tag } = draft
  tag('PHDRS')
  const lines = draft.segments.map((name, i): Piece => {
    const headers = i === 0 && random.chance(50) ? ' FILEHDR PHDRS' : ''
    if (headers !== '') tag('FILEHDR PHDRS')
    const flags = random.chance(40) ? tagged(tag, 'FLAGS', ` FLAGS(${random.pick(['4', '5', '6', '7', '1 | 4'])})`) : ''
    return { text: `${name} ${random.pick(['PT_LOAD', 'PT_LOAD', '1'])}${headers}${flags};` }
  })
  if (random.chance(20)) lines.push({ text: 'extra PT_GNU_STACK FLAGS(6);' })
  return { text: 'PHDRS {', inside: lines, close: '}' }
}

function sections(draft: Draft): Piece {
  const { random, tag } = draft
  const inside: Piece[] = []
  const start =
    draft.segments.length > 0 ? `0x${draft.floor.toString(16)} + SIZEOF_HEADERS` : literal(random, draft.floor)
  if (draft.regions.length === 0 && (draft.segments.length > 0 || random.chance(75)))
    inside.push({ text: `. = ${start};` })
  for (draft.position = 0; draft.position < draft.outputs.length; ) {
    if (random.chance(45)) inside.push(...betweenSections(draft))
    const rest = draft.outputs.length - draft.position
    if (rest >= 2 && draft.style === 'plain' && random.chance(8)) inside.push(overlay(draft))
    else inside.push(outputSection(draft))
    draft.floor += 0x2000
  }
  if (random.chance(15)) {
    tag('/DISCARD/')
    const victims = random.pick(['.s.*', '.note.*', '.comment', '.zero', '.odd'])
    inside.push({ text: `/DISCARD/ : { *(${victims}) }` })
  }
  if (random.chance(40)) inside.push(...betweenSections(draft))
  return { text: 'SECTIONS', inside: [{ text: '{', inside, close: '}' }] }
}

function betweenSections(draft: Draft): Piece[] {
  const { random, tag } = draft
  const scope = scopeOf(draft, false)
  return random.weighted<() => Piece[]>([
    [5, () => assignments(draft, 2)],
    [draft.regions.length > 0 ? 1 : 5, () => [{ text: moveDot(draft) }]],
    [1, () => [{ text: tagged(tag, 'barrier', '. = .;') }]],
    [1, () => [assertion(draft)]],
    [2, () => [provision(draft, scope)]],
  ])()
}

/** Outside a section the dot only moves up: going back makes sections overlap, which is one of the mistakes. */
function moveDot(draft: Draft): string {
  const { random, tag } = draft
  tag('dot moved outside a section')
  draft.floor += 0x2000
  return random.weighted<() => string>([
    [4, () => `. = ALIGN(${literal(random, random.pick([4, 16, 64, 256, 4096]))});`],
    [3, () => `. = . + ${literal(random, random.pick([1, 8, 0x30, 0x100]))};`],
    [2, () => tagged(tag, '. +=', `. += ${random.pick(['3', '0x20', 'SIZEOF_HEADERS'])};`)],
    [2, () => `. = MAX(., 0x${draft.floor.toString(16)});`],
    [1, () => `. = ALIGN(., 32) + (. & 7);`],
    [1, () => `. = (. + 0xfff) & ~0xfff;`],
  ])()
}

function assignments(draft: Draft, limit: number): Piece[] {
  const count = draft.random.between(0, limit)
  return Array.from({ length: count }, () => assignment(draft, scopeOf(draft, false)))
}

function assertion(draft: Draft): Piece {
  draft.tag('ASSERT')
  return { text: `ASSERT(${truth(scopeOf(draft, false))}, "must hold")` }
}

function overlay(draft: Draft): Piece {
  const { random, tag } = draft
  tag('OVERLAY')
  draft.floor += 0x2000
  const members: Piece[] = []
  for (let i = 0; i < 2; i++) {
    members.push({ text: `${draft.outputs[draft.position]} {`, inside: generateBody(draft, false), close: '}' })
    draft.position++
  }
  const address = random.chance(60) ? ` 0x${draft.floor.toString(16)}` : ''
  const load = random.chance(50) ? tagged(tag, 'OVERLAY AT', ` AT(0x${(draft.floor + 0x100000).toString(16)})`) : ''
  draft.floor += 0x2000
  return { text: `OVERLAY${address} :${load} {`, inside: members, close: '}' }
}

function outputSection(draft: Draft): Piece {
  const { random, tag } = draft
  const name = draft.outputs[draft.position]
  const option = (percent: number, feature: string, make: () => string): string =>
    random.chance(percent) ? tagged(tag, feature, make()) : ''
  const power = (): string => literal(random, random.pick([1, 4, 8, 16, 32, 64, 256]))
  const address = draft.regions.length > 0 ? '' : option(15, 'section address', () => sectionAddress(draft))
  const type = option(8, 'section type', () =>
    random.pick([' (NOLOAD)', ' (NOLOAD)', ' (INFO)', ' (COPY)', ' (READONLY)', ' (TYPE = SHT_PROGBITS)', ' ()']),
  )
  if (type !== '') tag(`section type${type}`)
  const hasLoad = option(12, 'AT', () => ` AT(0x${(0x800000 + draft.floor).toString(16)})`)
  const align = option(18, 'ALIGN of a section', () => ` ALIGN(${power()})`)
  const subalign = option(8, 'SUBALIGN', () => ` SUBALIGN(${power()})`)
  const constraint = option(4, 'constraint', () => random.pick([' ONLY_IF_RO', ' ONLY_IF_RW']))
  const inside = generateBody(draft, true)
  const region = draft.regions.length > 0 && random.chance(88) ? ` > ${random.pick(draft.regions)}` : ''
  const loadRegion =
    region !== '' && hasLoad === '' ? option(20, 'AT>', () => ` AT> ${random.pick(draft.regions)}`) : ''
  const segment =
    draft.segments.length > 0 && (draft.position === 0 || random.chance(40)) ? ` :${random.pick(draft.segments)}` : ''
  if (segment !== '') tag(':phdr')
  const fill = option(
    15,
    'fill',
    () => ` =${random.pick(['0x90', '0x0090', '0xdeadbeef', '0x123456', '(0x11)', '17', '0x1 + 1'])}`,
  )
  draft.position++
  const head = `${name}${address}${type} :${hasLoad}${align}${subalign}${constraint}`
  return { text: `${head} {`, inside, close: `}${region}${loadRegion}${segment}${fill}` }
}

function sectionAddress(draft: Draft): string {
  const { random } = draft
  draft.floor += 0x2000
  return random.weighted([
    [3, ` 0x${draft.floor.toString(16)}`],
    [2, ` ALIGN(${random.pick(['16', '0x100'])})`],
    [1, ` (. + ${random.pick(['4', '0x10'])})`],
    [1, ` MAX(., 0x${draft.floor.toString(16)})`],
  ])
}

function generateArguments(draft: Draft): string[] {
  const { random, tag } = draft
  const args: string[] = []
  const option = (percent: number, ...words: string[]): void => {
    if (!random.chance(percent)) return
    tag(`option ${words[0].replace(/=.*/, '')}`)
    args.push(...words)
  }
  option(10, '--gc-sections')
  option(10, `--defsym=fromline=${random.pick(['0x77', '_start+4', '12'])}`)
  option(5, '--sort-section=name')
  option(5, '--sort-section=alignment')
  option(4, '--orphan-handling=discard')
  option(4, '-u', 'never_defined')
  option(5, '-e', random.pick(['_start', '0x1234']))
  option(3, '-N')
  option(3, '-n')
  option(3, '--no-check-sections')
  option(4, '-z', 'max-page-size=0x1000')
  return args
}
