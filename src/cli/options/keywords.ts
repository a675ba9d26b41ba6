/** The words behind -z. */
import { badChoice, badNumber, notCarriedOut, unknownKeyword } from '../../diag/catalogue/usage.ts'
import type { CommandLine, OptionUse } from '../command-line.ts'
import { nearest } from '../nearest.ts'
import { anyNumber, pageSize } from '../option-row.ts'

interface Keyword {
  readonly help: string
  /** words of the request that it adds and takes away; neither: no effect on the output */
  readonly adds?: readonly string[]
  readonly removes?: readonly string[]
  /** other effect; `value` stands behind the '=' */
  readonly effect?: (line: CommandLine, value: string, use: OptionUse) => Partial<CommandLine>
  /** not carried out: why */
  readonly refused?: string
}

const on = (word: string, opposite: string, help: string): Keyword => ({ help, adds: [word], removes: [opposite] })
const mark = (word: string, help: string): Keyword => ({ help, adds: [word] })
const nothing = (help: string): Keyword => ({ help })
const no = (refused: string): Keyword => ({ help: '', refused })

const keywords: Readonly<Record<string, Keyword>> = {
  relro: on('relro', 'norelro', 'Make what the loader relocates read-only afterwards (PT_GNU_RELRO)'),
  norelro: on('norelro', 'relro', 'No PT_GNU_RELRO'),
  now: on('now', 'lazy', 'Bind all functions at start'),
  lazy: on('lazy', 'now', 'Bind functions when first called'),
  execstack: on('execstack', 'noexecstack', 'The stack is executable'),
  noexecstack: on('noexecstack', 'execstack', 'The stack is not executable'),
  'separate-code': on('separate-code', 'noseparate-code', 'Code in pages of its own'),
  'noseparate-code': on('noseparate-code', 'separate-code', 'Code shares pages with read-only data'),
  'separate-loadable-segments': on('separate-code', 'noseparate-code', 'As separate-code (lld)'),
  text: on('text', 'notext', 'Relocations in read-only segments are errors'),
  notext: on('notext', 'text', 'Relocations in read-only segments are allowed'),
  textoff: on('notext', 'text', 'As notext'),
  defs: {
    ...on('defs', 'undefs', 'Undefined symbols are errors in shared objects too'),
    effect: () => ({ unresolved: 'error' }),
  },
  undefs: { ...on('undefs', 'defs', 'Undefined symbols are no errors'), effect: () => ({ unresolved: 'ignore' }) },
  muldefs: { help: 'The first definition counts', effect: () => ({ allowMultipleDefinition: true }) },
  copyreloc: { help: 'Copy relocations are allowed', removes: ['nocopyreloc'] },
  nocopyreloc: mark('nocopyreloc', 'No copy relocations'),
  combreloc: { help: 'Sort dynamic relocations', removes: ['nocombreloc'] },
  nocombreloc: mark('nocombreloc', 'Do not sort dynamic relocations'),
  nodelete: mark('nodelete', 'The shared object stays loaded'),
  nodlopen: mark('nodlopen', 'The shared object cannot be opened with dlopen'),
  nodump: mark('nodump', 'The shared object cannot be dumped'),
  nodefaultlib: mark('nodefaultlib', 'The loader does not search its default paths'),
  initfirst: mark('initfirst', 'The shared object is initialised first'),
  interpose: mark('interpose', 'The shared object comes before others in symbol search'),
  loadfltr: mark('loadfltr', 'Filters are loaded at once'),
  origin: mark('origin', '$ORIGIN is used'),
  global: mark('global', 'Symbols are visible to objects loaded later'),
  globalaudit: mark('globalaudit', 'The program needs global auditing'),
  unique: no('DF_GNU_1_UNIQUE is not written'),
  nounique: nothing('The default'),
  common: mark('common', 'Common symbols keep the type STT_COMMON'),
  nocommon: { help: 'Common symbols are STT_OBJECT (default)', removes: ['common'] },
  'start-stop-gc': { help: '__start_ and __stop_ symbols keep nothing alive', effect: () => ({ startStopGc: true }) },
  'nostart-stop-gc': { help: 'They do (default)', effect: () => ({ startStopGc: false }) },
  'start-stop-visibility': { help: 'Visibility of __start_ and __stop_ symbols', effect: startStopVisibility },
  'max-page-size': {
    help: 'Largest page size the output may meet',
    effect: (_l, v, use) => ({ maxPageSize: pageSize(v, use) }),
  },
  'common-page-size': { help: 'Usual page size', effect: (_l, v, use) => ({ commonPageSize: pageSize(v, use) }) },
  'stack-size': { help: 'Size of the stack (PT_GNU_STACK)', effect: stackSize },
  'dynamic-undefined-weak': {
    help: 'Undefined weak symbols are left to the loader',
    adds: ['dynamic-undefined-weak'],
    removes: ['nodynamic-undefined-weak'],
  },
  'nodynamic-undefined-weak': {
    help: 'They are zero',
    adds: ['nodynamic-undefined-weak'],
    removes: ['dynamic-undefined-weak'],
  },
  sectionheader: nothing('The default'),
  nosectionheader: no('section headers are always written'),
  'nounique-symbol': nothing('The default'),
  'unique-symbol': no('local symbols keep their names'),
  'nomemory-seal': nothing('The default'),
  'memory-seal': no('no such note is written'),
  'noextern-protected-data': nothing('Concerns copy relocations of protected data'),
  'noindirect-extern-access': nothing('The default'),
  'indirect-extern-access': no('no such property is written'),
  'noreloc-overflow': no('relocations are always checked'),
  'nopack-relative-relocs': nothing('The default'),
  'pack-relative-relocs': no('relative relocations are written in full; DT_RELR is not made'),
  'nomark-plt': nothing('The default'),
  'mark-plt': no('the tags are not written'),
  'call-nop': no('calls are padded in one way only'),
  ibt: no('no such property is written'),
  'pac-plt': mark('pac-plt', 'AArch64: stubs authenticate addresses that the loader has signed'),
  'force-bti': no('the property is joined from the inputs; compile all of them with -mbranch-protection'),
  ibtplt: no('no such PLT is written'),
  shstk: no('no such property is written'),
  'lam-u48': no('no such property is written'),
  'lam-u57': no('no such property is written'),
  'x86-64-baseline': no('no such property is written'),
  'x86-64-v2': no('no such property is written'),
  'x86-64-v3': no('no such property is written'),
  'x86-64-v4': no('no such property is written'),
  'cet-report': nothing('Only a report'),
  'lam-report': nothing('Only a report'),
  'lam-u48-report': nothing('Only a report'),
  'lam-u57-report': nothing('Only a report'),
  'isa-level-report': nothing('Only a report'),
  'report-relative-reloc': nothing('Only a report'),
}

/** All words with their help, for --help. */
export function keywordHelp(): [word: string, help: string][] {
  return Object.entries(keywords)
    .filter(([, row]) => row.refused === undefined && row.help !== '')
    .map(([word, row]) => [word, row.help])
}

/** The effect of `-z word`. */
export function keywordEffect(line: CommandLine, text: string, use: OptionUse): Partial<CommandLine> {
  const cut = text.indexOf('=')
  const word = cut < 0 ? text : text.slice(0, cut)
  const at = { kind: 'option', text: `-z ${text}` } as const
  const row = Object.hasOwn(keywords, word) ? keywords[word] : undefined
  if (row === undefined) {
    use.report.add(unknownKeyword({ word: text, nearest: nearest(word, Object.keys(keywords)) }), at)
    return {}
  }
  if (row.refused !== undefined) use.report.add(notCarriedOut({ option: `-z ${text}`, reason: row.refused }), at)
  const own = row.effect?.(line, cut < 0 ? '' : text.slice(cut + 1), { ...use, option: `-z ${word}` }) ?? {}
  return row.adds || row.removes ? { ...own, keywords: [...line.keywords, word] } : own
}

/** The words in force: those of the layout, then those of the command line in order. */
export function settleKeywords(first: readonly string[], given: readonly string[]): Set<string> {
  const words = new Set(first)
  for (const word of given) {
    const row = keywords[word]
    for (const gone of row?.removes ?? []) words.delete(gone)
    for (const added of row === undefined ? [word] : (row.adds ?? [])) words.add(added)
  }
  return words
}

function startStopVisibility(line: CommandLine, value: string, use: OptionUse): Partial<CommandLine> {
  const choices = ['default', 'protected', 'hidden', 'internal']
  if (choices.includes(value)) return { keywords: [...line.keywords, `start-stop-visibility=${value}`] }
  use.report.add(badChoice({ option: use.option, value, choices }), { kind: 'option', text: use.option })
  return {}
}

function stackSize(_line: CommandLine, value: string, use: OptionUse): Partial<CommandLine> {
  const size = anyNumber(value, use)
  if (size === undefined) return {}
  if (size <= BigInt(Number.MAX_SAFE_INTEGER)) return { stackSize: Number(size) }
  use.report.add(badNumber({ option: use.option, value, expected: 'a size below 2^53' }), {
    kind: 'option',
    text: use.option,
  })
  return {}
}
