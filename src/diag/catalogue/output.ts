import { entry } from './entry.ts'

export const unknownFormat = entry(
  'O6001',
  'error',
  (facts: { format: string; expected: string }) =>
    `output format '${facts.format}' is not supported; known for these inputs are ${facts.expected} and binary`,
  'OUTPUT_FORMAT or --oformat names a format that this version cannot write, or one of another machine than that of the inputs.',
)

export const noDigest = entry(
  'O6002',
  'error',
  (facts: { kind: string }) => `cannot compute a ${facts.kind} build id: this host has no digest function`,
  'The library was given a Host without `digest`. Give it one, or ask for --build-id=none, uuid or 0xHEX.',
)

export const binaryTooLarge = entry(
  'O6003',
  'error',
  (facts: { bytes: string; low: string; high: string }) =>
    `a binary image from load address ${facts.low} to ${facts.high} would have ${facts.bytes} bytes`,
  'A raw binary holds everything between the lowest and the highest load address. Sections that lie far apart make it ' +
    'huge: give them load addresses beside each other with AT, or write ELF.',
)

export const notSupported = entry(
  'O6004',
  'error',
  (facts: { what: string }) => `${facts.what} is not supported yet`,
  'What the command line or the script asks for is understood but not carried out by this version. Nothing is written.',
)

export const noDeflate = entry(
  'O6005',
  'error',
  (facts: { section: string }) => `cannot compress ${facts.section}: this host has no deflate function`,
  'The library was given a Host without `deflate`. Give it one, or ask for --compress-debug-sections=none.',
)
