/**
 * Mistakes found while sections get their places and addresses. Codes L4xxx.
 */
import { entry } from './entry.ts'

export const mixedLinkOrder = entry(
  'L4601',
  'error',
  (f: { section: string }) =>
    `${f.section} has both ordered and unordered contents: sections with SHF_LINK_ORDER would have to change places`,
  'Sections with SHF_LINK_ORDER stand in the order of the addresses of what they describe. That cannot be done when sections without the flag stand among them. Give those an output section of their own.',
)

const bytes = (count: bigint | number): string => `${count.toString()} byte${count.toString() === '1' ? '' : 's'}`

export const orphanError = entry(
  'L4001',
  'error',
  (f: { section: string; file: string }) => `no rule of the script places section ${f.section} of ${f.file}`,
  'With --orphan-handling=error every input section must be claimed by a rule of the script. Add a rule such as *(NAME) to an output section, or drop the section with /DISCARD/ : { *(NAME) }.',
)

export const orphanWarning = entry(
  'L4002',
  'warning',
  (f: { section: string; file: string }) =>
    `no rule of the script places section ${f.section} of ${f.file}; it is placed by its kind`,
  'With --orphan-handling=warn each input section that no rule claims is named. It goes behind the last output section of its kind, as GNU ld does.',
)

export const undefinedSymbolInScript = entry(
  'L4101',
  'error',
  (f: { symbol: string }) => `undefined symbol ${f.symbol} used in expression`,
  'An expression needs the value of a symbol that no object, no assignment of the script and no --defsym defines. An assignment to the location counter needs it already while addresses are given, so a definition further down that depends on addresses comes too late. Define the symbol, or test it with DEFINED(name) first.',
)

export const droppedSymbol = entry(
  'L4102',
  'warning',
  (f: { symbol: string }) =>
    `symbol ${f.symbol} is in a section that is not part of the output; its offset there is taken as a number`,
  'The symbol is defined in an input section that was dropped: by /DISCARD/, by --gc-sections, or because another file won its COMDAT group. As GNU ld does, the expression uses its offset in that section. Keep the section (KEEP in its rule), or do not use the symbol in the script.',
)

export const undefinedSection = entry(
  'L4103',
  'error',
  (f: { section: string }) =>
    `undefined section ${f.section} used in expression: there is no output section of this name`,
  'ADDR, LOADADDR, SIZEOF and ALIGNOF take the name of an output section of the script or of an orphan. Check the spelling; names of input sections do not count.',
)

export const undefinedRegion = entry(
  'L4104',
  'error',
  (f: { region: string }) => `there is no memory region ${f.region}`,
  'ORIGIN and LENGTH take the name of a region declared in MEMORY, or of an alias made by REGION_ALIAS.',
)

export const divisionByZero = entry(
  'L4105',
  'error',
  (f: { operator: string }) => `the right side of ${f.operator} is zero`,
  'A division or remainder by zero has no value. Guard it: d != 0 ? a / d : 0.',
)

export const badSegmentFunction = entry(
  'L4106',
  'error',
  (f: { expression: string }) => `${f.expression} can be used only between output sections, once`,
  'DATA_SEGMENT_ALIGN, DATA_SEGMENT_RELRO_END and DATA_SEGMENT_END work together, once each and in this order, on the location counter outside output sections.',
)

export const assertionFailed = entry(
  'L4107',
  'error',
  (f: { message: string }) => f.message,
  'An ASSERT of the script does not hold. The message is the script author’s; the notes show the expression and what its parts were worth.',
)

export const invalidAddress = entry(
  'L4108',
  'error',
  (f: { section: string }) => `the address of section ${f.section} cannot be computed here`,
  'The address expression uses something that is not known yet when the section is placed: a later section or symbol whose value depends on addresses. Use values that are known before this point.',
)

export const invalidDot = entry(
  'L4109',
  'error',
  () => 'the value assigned to the location counter cannot be computed here',
  'The expression uses something that is not known yet at this point of the script.',
)

export const backwardsDot = entry(
  'L4110',
  'error',
  (f: { section: string; from: string; to: string }) =>
    `the location counter cannot move backwards inside ${f.section}: from ${f.from} to ${f.to}`,
  'Inside an output section the location counter is an offset from the start of the section and may only grow: what was placed cannot be taken back. A value meant as an address needs ABSOLUTE or a place outside the section.',
)

export const invalidSymbolValue = entry(
  'L4111',
  'error',
  (f: { symbol: string }) => `the value of ${f.symbol} cannot be computed`,
  'The expression uses a symbol or section that does not exist or has no value here.',
)

export const notPowerOfTwo = entry(
  'L4112',
  'error',
  (f: { what: string; section: string }) => `the ${f.what} of section ${f.section} cannot be computed`,
  'ALIGN and SUBALIGN of an output section take an expression that is known when the section is placed.',
)

export const regionOverflow = entry(
  'L4201',
  'error',
  (f: { region: string; by: bigint; section: string }) =>
    `section \`${f.section}' will not fit in region \`${f.region}': region \`${f.region}' overflowed by ${bytes(f.by)}`,
  'The sections placed in a MEMORY region need more than its LENGTH. Make the region larger, move a section to another region, or shrink the contents; the notes name the largest pieces.',
)

export const outsideRegion = entry(
  'L4202',
  'error',
  (f: { section: string; address: string; region: string }) =>
    `address ${f.address} of section ${f.section} is not within region ${f.region}`,
  'The section has an explicit address and a region, and they do not agree. Drop one of them, or correct the address.',
)

export const noRegion = entry(
  'L4203',
  'error',
  (f: { section: string }) => `no memory region is given for loaded section ${f.section}`,
  'The script declares MEMORY, so every loaded section needs a region: write `>REGION` behind its closing brace, give the region attributes that fit (for example (rwx)), or use --no-check-sections to place such sections at the default location.',
)

export const unknownRegion = entry(
  'L4204',
  'warning',
  (f: { region: string }) => `memory region ${f.region} is not declared`,
  'A section is placed in a region that MEMORY does not declare. As GNU ld does, the region is taken to start at 0 and to have no end.',
)

export const loadAddressTwice = entry(
  'L4205',
  'error',
  (f: { section: string }) => `section ${f.section} has both a load address AT(...) and a load region AT>`,
  'Only one of AT(address) and AT>region can say where the section is loaded.',
)

export const sectionsOverlap = entry(
  'L4206',
  'error',
  (f: { first: string; second: string; kind: string; at: string }) =>
    `sections ${f.first} and ${f.second} overlap: both have ${f.kind} ${f.at}`,
  'Two output sections with contents would occupy the same addresses. Give one another place; sections meant to share an address belong in OVERLAY. --no-check-sections switches this check off.',
)

export const dotMovedBackwards = entry(
  'L4207',
  'warning',
  (f: { section: string }) => `the location counter moved backwards before ${f.section}`,
  'The section stands at a lower address than the one before it, which has a load address of its own; its load address is taken to be its address.',
)

export const noRoomForHeaders = entry(
  'L4301',
  'error',
  (f: { needed: number; address: string }) =>
    `not enough room for the program headers: ${f.needed} bytes are needed below address ${f.address}`,
  'The first loaded segment is to hold the ELF header and the program headers, but its first section starts too low or too early in its page. Begin with `. = ADDRESS + SIZEOF_HEADERS;`, leave FILEHDR and PHDRS away, or link with -N.',
)

export const headersNotLoaded = entry(
  'L4302',
  'error',
  () => 'the PT_PHDR segment is not covered by a PT_LOAD segment',
  'A program that asks for its program headers in memory (PT_PHDR) needs a loaded segment that contains them: the first PT_LOAD with FILEHDR and PHDRS, and room in front of the first section.',
)

export const unknownSegment = entry(
  'L4303',
  'error',
  (f: { section: string; segment: string }) =>
    `section ${f.section} is assigned to ${f.segment}, which PHDRS does not declare`,
  'The name behind the colon must be one of PHDRS, or NONE.',
)

export const noSegmentUsed = entry(
  'L4304',
  'error',
  () => 'PHDRS declares segments, but no section is assigned to any of them',
  'With PHDRS every loaded section goes to the segments named behind a colon, `.text : { ... } :text`; the ones that follow stay there.',
)

export const notInSegment = entry(
  'L4305',
  'warning',
  (f: { section: string; segment: string }) =>
    `section ${f.section} cannot be part of segment ${f.segment}: its addresses do not fit`,
  'A segment is one range of memory and of the file. Its sections must come in rising order of addresses. Put the section into another segment or correct its address.',
)

export const allocatedNotLoaded = entry(
  'L4306',
  'warning',
  (f: { section: string }) => `allocated section ${f.section} is in no segment`,
  'The section needs memory at run time but no program header loads it, so it will not be there. Assign it to a PT_LOAD segment.',
)

export const threadSectionsApart = entry(
  'L4307',
  'error',
  () => 'thread-local sections are not side by side',
  'PT_TLS describes one block: all thread-local output sections (.tdata, .tbss) must follow each other in the script.',
)

export const loadAddressAdjusted = entry(
  'L4308',
  'warning',
  (f: { section: string; from: string; to: string }) =>
    `the load address of section ${f.section} is changed from ${f.from} to ${f.to}`,
  'Within a segment load addresses rise with addresses in the file; this section’s overlaps the one before it.',
)

export const headersInOtherSegment = entry(
  'L4309',
  'error',
  (f: { segment: string }) => `segment ${f.segment} cannot hold the file header or the program headers`,
  'FILEHDR and PHDRS belong to PT_LOAD and PT_PHDR segments.',
)

export const noConvergence = entry(
  'L4401',
  'error',
  (f: { what: string; rounds: number }) =>
    `the layout does not settle: ${f.what} still changes after ${f.rounds} rounds`,
  'An address depends on itself: for example a section aligned or filled according to its own end. Each round moves it again. Break the circle by using a constant or an earlier symbol in the expression.',
)

export const entryNotFound = entry(
  'L4501',
  'warning',
  (f: { symbol: string; address?: string }) =>
    f.address === undefined
      ? `cannot find entry symbol ${f.symbol}; the entry address is left 0`
      : `cannot find entry symbol ${f.symbol}; defaulting to ${f.address}, the start of .text`,
  'ENTRY or -e names a symbol that nothing defines. Define it, or name the right one.',
)

export const outputTooLarge = entry(
  'L4503',
  'error',
  (f: { bytes: number }) => `the output file would have ${f.bytes} bytes, more than there is memory for`,
  'A section or a gap between sections that the file has to hold is very large: -Map shows which. An address far away needs a segment of its own (PHDRS, or a section that starts a page), and memory without contents is NOBITS: it takes no room in the file.',
)

export const sectionTooLarge = entry(
  'L4502',
  'error',
  (f: { section: string }) => `section ${f.section} would be larger than a file can be`,
  'An assignment to the location counter inside the section moved it by more than 2^53 bytes. Inside an output section the location counter counts from the start of the section; an absolute address is not what it takes.',
)
