/** Where things go: scripts, layouts, addresses, page sizes, order, garbage collection. */
import { badDefinition } from '../../diag/catalogue/usage.ts'
import type { CommandLine, OptionUse } from '../command-line.ts'
import {
  anyNumber,
  choice,
  cutPair,
  flag,
  hexAddress,
  type OptionRow,
  optional,
  refused,
  valued,
  withEntry,
} from '../option-row.ts'

function sectionStart(line: CommandLine, section: string, value: string, use: OptionUse): Partial<CommandLine> {
  const address = hexAddress(value, use)
  return address === undefined ? {} : { sectionStarts: withEntry(line.sectionStarts, section, address) }
}

function segmentStart(line: CommandLine, segment: string, value: string, use: OptionUse): Partial<CommandLine> {
  const address = hexAddress(value, use)
  return address === undefined ? {} : { segmentStarts: withEntry(line.segmentStarts, segment, address) }
}

export const layoutOptions: readonly OptionRow[] = [
  valued(
    '-T --script',
    'FILE',
    'Linker script (or a plan in JSON) in place of the default layout',
    (line, path, use) => {
      if (!use.inputs.all.some(input => input.kind === 'plan-inputs')) use.inputs.add({ kind: 'plan-inputs' })
      return { pieces: [...line.pieces, { kind: 'script', option: use.option, path }] }
    },
  ),
  valued('-dT --default-script', 'FILE', 'Linker script used when no -T is given', (_line, path, use) => ({
    defaultScript: { option: use.option, path },
  })),
  valued('--layout', 'NAME', 'One of the layouts of tsld: go, gnu', (_line, layout) => ({ layout })),
  valued('--os', 'NAME', 'Operating system the layout is for (default: linux)', (_line, operatingSystem) => ({
    operatingSystem,
  })),
  valued('--arch', 'NAME', 'Architecture the layout is for (default: amd64)', (_line, architecture) => ({
    architecture,
  })),
  valued('-D', 'NAME=VALUE', 'Value of an @param of the script', (line, text, use) => {
    const pair = cutPair(text) ?? (/^[A-Za-z_]\w*$/.test(text) ? { name: text, value: 'true' } : undefined)
    if (pair !== undefined) return { parameters: withEntry(line.parameters, pair.name, pair.value) }
    use.report.add(badDefinition({ option: use.option, value: text, form: 'NAME=VALUE' }), {
      kind: 'option',
      text: use.option,
    })
    return {}
  }),
  valued('--dialect', 'NAME', 'Where linkers differ on the language: gnu (default), lld', (_line, value, use) => ({
    dialect: choice(value, ['gnu', 'lld'], use) ?? 'gnu',
  })),
  valued('-Ttext', 'ADDRESS', 'Address of .text', (line, value, use) => sectionStart(line, '.text', value, use)),
  valued('-Tdata', 'ADDRESS', 'Address of .data', (line, value, use) => sectionStart(line, '.data', value, use)),
  valued('-Tbss', 'ADDRESS', 'Address of .bss', (line, value, use) => sectionStart(line, '.bss', value, use)),
  valued('--section-start', 'SECTION=ADDRESS', 'Address of a section', (line, text, use) => {
    const pair = cutPair(text)
    if (pair !== undefined) return sectionStart(line, pair.name, pair.value, use)
    use.report.add(badDefinition({ option: use.option, value: text, form: 'SECTION=ADDRESS' }), {
      kind: 'option',
      text: use.option,
    })
    return {}
  }),
  valued('-Ttext-segment', 'ADDRESS', 'Address of the text segment', (line, value, use) =>
    segmentStart(line, 'text-segment', value, use),
  ),
  valued('-Trodata-segment', 'ADDRESS', 'Address of the read-only segment', (line, value, use) =>
    segmentStart(line, 'rodata-segment', value, use),
  ),
  valued('-Tldata-segment', 'ADDRESS', 'Address of the large data segment', (line, value, use) =>
    segmentStart(line, 'ldata-segment', value, use),
  ),
  valued('--image-base', 'ADDRESS', 'Address of the image', (_line, value, use) => ({
    imageBase: anyNumber(value, use),
  })),
  flag('-N --omagic', 'Text is writable, nothing is aligned to pages', line => ({
    magic: 'omagic',
    // GNU ld: -N also means no shared libraries
    state: { ...line.state, staticOnly: true },
  })),
  flag('-n --nmagic', 'Nothing is aligned to pages', line => ({
    magic: 'nmagic',
    state: { ...line.state, staticOnly: true },
  })),
  flag('--no-omagic --no-nmagic', 'Undo -N and -n', () => ({ magic: 'normal' })),
  flag('--gc-sections', 'Leave out sections that nothing refers to', () => ({ gcSections: true })),
  flag('--no-gc-sections', 'Keep all sections (default)', () => ({ gcSections: false })),
  flag('--gc-keep-exported', 'Exported symbols keep their sections', () => ({ gcKeepExported: true })),
  valued(
    '--orphan-handling',
    'MODE',
    'Sections the script does not name: place, warn, error, discard',
    (_line, value, use) => ({
      orphanHandling: choice(value, ['place', 'warn', 'error', 'discard'], use) ?? 'place',
    }),
  ),
  optional('--unique', 'SECTION', 'Do not merge input sections of this name (pattern)', (line, value) => ({
    uniqueSections: [...line.uniqueSections, value === '' ? '' : value],
  })),
  valued('--sort-section', 'KEY', 'Sort what wildcards match: name, alignment', (_line, value, use) => ({
    sortSection: choice(value, ['name', 'alignment'], use),
  })),
  flag('--check-sections', 'Overlapping sections are errors (default)', () => ({ noCheckSections: false })),
  flag('--no-check-sections', 'Sections may overlap', () => ({ noCheckSections: true })),
  flag('--enable-non-contiguous-regions', 'Sections that do not fit go on to the next place that matches', () => ({
    nonContiguousRegions: true,
  })),
  flag('--enable-non-contiguous-regions-warnings', 'Name the sections for which that makes a difference', () => ({
    nonContiguousWarnings: true,
  })),
  flag('--no-warn-rwx-segments', 'No warning about segments that are writable and executable', () => ({
    noWarnRwxSegments: true,
  })),
  flag('--warn-rwx-segments', 'Warn about such segments (default)', () => ({ noWarnRwxSegments: false })),
  flag('--rosegment', 'One read-only segment with -z separate-code', line => ({
    keywords: [...line.keywords, 'rosegment'],
  })),
  flag('--no-rosegment', 'Two of them (default)', line => ({ keywords: [...line.keywords, 'norosegment'] })),
  flag('--force-group-allocation', 'Merge section groups with -r', line => ({
    keywords: [...line.keywords, 'force-group-allocation'],
  })),
  refused('--error-rwx-segments', 'none', 'not carried out; use --fatal-warnings'),
  refused('--error-execstack', 'none', 'not carried out; use --fatal-warnings'),
  refused('--traditional-format', 'none', 'not carried out'),
  refused('--strip-discarded --no-strip-discarded', 'none', 'symbols of discarded sections are always left out'),
]
