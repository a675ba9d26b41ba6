/**
 * The layouts that come with tsld: which script serves which system, and the forms each is compiled in ahead, so that a
 * link without -T reads no script at all.
 */

/** What a layout script may ask about (plan time): see `@if` in the language reference. */
export interface LayoutFacts {
  /** linux, freebsd, netbsd, openbsd, none */
  readonly os: string
  /** amd64, 386, arm, ... */
  readonly arch: string
  readonly output: 'exec' | 'pie' | 'shared' | 'relocatable'
  readonly magic: 'normal' | 'omagic' | 'nmagic'
  readonly separateCode: boolean
  readonly bindNow: boolean
}

export interface LayoutRow {
  /** --layout */
  readonly name: string
  readonly help: string
  readonly os: readonly string[]
  readonly arch: readonly string[]
  /** -z words in force before the command line */
  readonly keywords: readonly string[]
  /** the same for architectures where other words are in force */
  readonly keywordsOf?: Readonly<Record<string, readonly string[]>>
  /** the script for these facts, relative to the folder of layouts; undefined: there is none */
  readonly script: (facts: LayoutFacts) => string | undefined
  /** values of the script's parameters */
  readonly parameters: (facts: LayoutFacts) => Readonly<Record<string, string>>
  /** the facts it is compiled for ahead; others are compiled when asked for */
  readonly stored: readonly LayoutFacts[]
}

const linux: LayoutFacts = {
  os: 'linux',
  arch: 'amd64',
  output: 'exec',
  magic: 'normal',
  separateCode: true,
  bindNow: false,
}

/** GNU's names of the architectures in names of scripts. */
const gnuArchitectures: Readonly<Record<string, string>> = {
  amd64: 'x86-64',
  386: 'i386',
  arm: 'arm',
  arm64: 'aarch64',
  riscv64: 'riscv64',
  riscv32: 'riscv32',
}

/** Architectures of Go's objects alone: they are joined (-r), and nothing is known of their C programs. */
const relocatableOnly: readonly string[] = ['loong64', 'mips', 'mipsle', 'ppc64', 'ppc64le', 's390x']

const gnuLayout: LayoutRow = {
  name: 'gnu',
  help: 'programs of gcc, clang and rustc: what the system linker does',
  os: ['linux', 'none'],
  arch: [...Object.keys(gnuArchitectures), ...relocatableOnly],
  keywords: ['relro', 'separate-code'],
  // Elsewhere GNU ld lets code share its pages with constants.
  keywordsOf: { arm: ['relro'], arm64: ['relro'], riscv64: ['relro'], riscv32: ['relro'] },
  script: ({ arch, output }) => {
    if (relocatableOnly.includes(arch)) return output === 'relocatable' ? 'gnu/relocatable.ld' : undefined
    return `gnu/${output === 'relocatable' ? 'relocatable' : 'elf'}-${gnuArchitectures[arch] ?? arch}.ld`
  },
  parameters: facts =>
    facts.output === 'relocatable'
      ? ({} as Record<string, string>)
      : { separate_code: String(facts.separateCode), bind_now: String(facts.bindNow), magic: facts.magic },
  stored: [
    linux,
    { ...linux, bindNow: true },
    { ...linux, separateCode: false },
    { ...linux, magic: 'omagic' },
    { ...linux, magic: 'nmagic' },
    { ...linux, output: 'pie' },
    { ...linux, output: 'pie', bindNow: true },
    { ...linux, output: 'shared' },
    { ...linux, output: 'shared', bindNow: true },
    { ...linux, output: 'relocatable' },
  ],
}

const goLayout: LayoutRow = {
  name: 'go',
  help: "Go's layout as correct ELF: code, then data, headers in a reserve of 3072 bytes (default of the command tsld)",
  os: ['linux', 'freebsd', 'netbsd', 'openbsd'],
  arch: ['amd64', '386', 'arm'],
  keywords: [],
  script: facts => (facts.output === 'exec' ? `go/${facts.os}-${facts.arch}.ld` : undefined),
  parameters: () => ({}),
  stored: [linux],
}

const seedLayout: LayoutRow = {
  ...goLayout,
  name: 'go-2013-exact',
  help: "the same with every quirk of Go's linkers of January 2013, byte for byte",
  parameters: () => ({ SEED: 'true' }),
}

/** Go's ports to systems with ELF files: architectures by system. */
const modernArchitectures: Readonly<Record<string, readonly string[]>> = {
  linux: [
    'amd64',
    '386',
    'arm',
    'arm64',
    'riscv64',
    'loong64',
    'mips',
    'mipsle',
    'mips64',
    'mips64le',
    'ppc64',
    'ppc64le',
    's390x',
  ],
  android: ['amd64', '386', 'arm', 'arm64'],
  freebsd: ['amd64', '386', 'arm', 'arm64', 'riscv64'],
  netbsd: ['amd64', '386', 'arm', 'arm64'],
  openbsd: ['amd64', '386', 'arm', 'arm64', 'ppc64', 'riscv64'],
  dragonfly: ['amd64'],
  solaris: ['amd64'],
  illumos: ['amd64'],
}

const modernLayout: LayoutRow = {
  name: 'go1.24',
  help: "Go's layout as Go 1.24 writes it on all its ELF targets: headers in a page, code, constants, data",
  os: Object.keys(modernArchitectures),
  arch: modernArchitectures['linux']!,
  keywords: [],
  script: ({ os, arch, output }) =>
    modernArchitectures[os]?.includes(arch) && (output === 'exec' || output === 'pie') ? 'go1.24/layout.ld' : undefined,
  parameters: ({ output, bindNow }) =>
    output === 'pie' && bindNow ? { BIND_NOW: 'true' } : ({} as Record<string, string>),
  stored: [linux],
}

const layoutOf2022: LayoutRow = {
  ...modernLayout,
  name: 'go1.19',
  help: 'the same as Go 1.19 writes it',
  script: facts => modernLayout.script(facts)?.replace('go1.24', 'go1.19'),
  stored: [],
}

export const layoutRows: readonly LayoutRow[] = [goLayout, gnuLayout, seedLayout, modernLayout, layoutOf2022]

/** The layout of the command `tsld`; called by a linker's name it is 'gnu'. */
export const ownDefault = 'go'

export function layoutNamed(name: string): LayoutRow | undefined {
  return layoutRows.find(row => row.name === name)
}

/** Names that mean the same architecture. */
const architectureNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  i386: '386',
  i686: '386',
  x86: '386',
  aarch64: 'arm64',
}

/** Go's name of an architecture, which the catalogue uses. */
export function architectureName(name: string): string {
  return architectureNames[name] ?? name
}

/** Key of a stored plan: all that its compilation depends on. */
export function storedKey(row: LayoutRow, facts: LayoutFacts): string {
  const parameters = Object.entries(row.parameters(facts))
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
  return `${row.script(facts)} ${facts.os} ${facts.arch} ${facts.output} ${parameters}`
}
