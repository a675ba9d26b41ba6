/**
 * Draws the Go layouts for layouts/README.md, from the scripts alone: each is linked with a small object of Go's sections,
 * and what came out is told as one row of a table and, for one target of each family, as a picture of the file.
 *
 *   --check   change nothing; exit status 1 when layouts/README.md is out of date
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LayoutFacts, type LayoutRow, layoutRows } from '../layouts/catalog.ts'
import { layoutTexts } from '../layouts/compiled.generated.ts'
import { compileLayout } from '../src/cli/default-layout.ts'
import { Report } from '../src/diag/report.ts'
import { printExpression } from '../src/plan/expression.ts'
import type { LayoutPlan } from '../src/plan/plan.ts'
import { archForMachine } from '../src/target/arch/index.ts'
import { defaultRequest, inputFile, linkPlan, MemoryHost } from '../src/tsld.ts'
import { type ElfFile, readElf } from '../test/support/elf-reader.ts'
import { ObjectBuilder } from '../test/support/object-builder.ts'

const machines: Readonly<Record<string, readonly [machine: number, bits: 32 | 64, endian: 'little' | 'big']>> = {
  amd64: [62, 64, 'little'],
  '386': [3, 32, 'little'],
  arm: [40, 32, 'little'],
  arm64: [183, 64, 'little'],
  riscv64: [243, 64, 'little'],
  loong64: [258, 64, 'little'],
  mips: [8, 32, 'big'],
  mipsle: [8, 32, 'little'],
  mips64: [8, 64, 'big'],
  mips64le: [8, 64, 'little'],
  ppc64: [21, 64, 'big'],
  ppc64le: [21, 64, 'little'],
  s390x: [22, 64, 'big'],
}

/** Sections of a Go program: name, flags, bytes. */
const sections: readonly (readonly [name: string, flags: string, size: number])[] = [
  ['.text', 'ax', 0x5000],
  ['.rodata', 'a', 0x2000],
  ['.typelink', 'a', 0x40],
  ['.itablink', 'a', 0x10],
  ['.gopclntab', 'a', 0x1800],
  ['.go.buildinfo', 'aw', 0x20],
  ['.go.fipsinfo', 'aw', 0x20],
  ['.noptrdata', 'aw', 0x300],
  ['.data', 'aw', 0x500],
  ['.debug_info', '', 0x900],
]

/** Which sections an object of that family has. */
const isOfFamily = (layout: string, section: string): boolean =>
  !layout.startsWith('go1')
    ? !/itablink|go\.buildinfo|fipsinfo/.test(section)
    : layout !== 'go1.19' || !/fips/.test(section)

interface Target {
  readonly row: LayoutRow
  readonly facts: LayoutFacts
  readonly plan: LayoutPlan
  readonly elf: ElfFile
}

function targets(): Target[] {
  const found: Target[] = []
  for (const row of layoutRows)
    if (row.name.startsWith('go'))
      for (const os of row.os)
        for (const arch of row.arch) {
          const facts: LayoutFacts = { os, arch, output: 'exec', magic: 'normal', separateCode: true, bindNow: false }
          const machine = machines[arch]
          if (row.script(facts) === undefined || machine === undefined) continue
          if (archForMachine(machine[0], machine[1], machine[2] === 'little') === undefined) continue
          found.push(linked(row, facts, machine))
        }
  return found
}

function linked(row: LayoutRow, facts: LayoutFacts, machine: (typeof machines)[string]): Target {
  const [number, bits, endian] = machine
  const report = new Report()
  const plan = compileLayout(row, facts, layoutTexts, new Map(), report)
  const object = new ObjectBuilder({ machine: number, bits, endian })
  for (const [name, flags, size] of sections)
    if (isOfFamily(row.name, name)) {
      const section = object.section(name, { flags, align: flags === '' ? 1 : 4, bytes: new Uint8Array(size) })
      if (name === '.text') section.label(`_rt0_${facts.arch}_${facts.os}`, 0, { type: 'func' })
    }
  object.section('.bss', { type: 'nobits', flags: 'aw', align: 4, size: 0x2000 })
  object.section('.noptrbss', { type: 'nobits', flags: 'aw', align: 4, size: 0x800 })
  const host = new MemoryHost({ 'go.o': object.build() })
  const result =
    plan === undefined ? undefined : linkPlan({ ...defaultRequest, plan, inputs: [inputFile('go.o')] }, host)
  if (plan === undefined || result?.output === undefined)
    throw new Error(
      `${row.name} ${facts.os}-${facts.arch}: ${[...report.diagnostics, ...(result?.diagnostics ?? [])].map(each => each.message).join('; ')}`,
    )
  return { row, facts, plan, elf: readElf(result.output) }
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`

/** Program headers in their order; in brackets those that are there only with something to put in. */
function headerList(plan: LayoutPlan): string {
  const names = (plan.segments ?? []).map(({ name, type, extra }) => {
    const kind = typeName(printExpression(type))
    const shown = kind === 'LOAD' ? `LOAD(${name})` : kind
    const isCertain = extra?.optional !== true && extra?.when === undefined && extra?.unless === undefined
    return isCertain ? shown : `[${shown}]`
  })
  return names.filter((name, at) => name !== names[at - 1]).join(' ')
}

const typeNames: Readonly<Record<string, string>> = {
  1: 'LOAD',
  2: 'DYNAMIC',
  3: 'INTERP',
  4: 'NOTE',
  6: 'PHDR',
  7: 'TLS',
  [0x6474e550]: 'EH_FRAME',
  [0x6474e551]: 'STACK',
  [0x6474e552]: 'RELRO',
  [0x6474e553]: 'PROPERTY',
  [0x65041580]: 'PAX_FLAGS',
  [0x65a3dbe8]: 'NOBTCFI',
  [0x6ffffffb]: 'SUNWSTACK',
  [0x70000001]: 'ARM_EXIDX',
  [0x70000003]: 'MIPS_ABIFLAGS',
}
const typeName = (text: string): string => typeNames[Number(text)] ?? text

function tableRow({ facts, plan, elf }: Target): string {
  const loads = elf.segments.filter(segment => segment.type === 1)
  const base = loads[0]!.virtualAddress - BigInt(loads[0]!.offset)
  const text = elf.sections.find(section => section.name === '.text')!
  const cells = [
    `${facts.os}-${facts.arch}`,
    `${elf.bits} ${elf.endian === 'little' ? 'LE' : 'BE'}`,
    String(elf.osabi),
    hex(elf.flags),
    hex(base),
    hex(loads[0]!.align),
    hex(text.address),
    plan.target.interpreter ?? '',
  ]
  return `| ${cells.join(' | ')} |`
}

function table(name: string, all: readonly Target[]): string[] {
  const rows = all.filter(target => target.row.name === name)
  if (rows.length === 0) return []
  return [
    '',
    `### \`--layout ${name}\``,
    '',
    '| target | class | OSABI | flags | base | page | .text | interpreter |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(tableRow),
    '',
    'Program headers (in brackets: only with something to put in):',
    '',
    ...headerRows(rows),
  ]
}

/** Each list of program headers with the targets that have it. */
function headerRows(rows: readonly Target[]): string[] {
  const lists = new Map<string, string[]>()
  for (const { plan, facts } of rows) {
    const list = headerList(plan)
    lists.set(list, [...(lists.get(list) ?? []), `${facts.os}-${facts.arch}`])
  }
  return [...lists].map(([list, names]) => `* ${list}: ${lists.size === 1 ? 'all' : names.join(', ')}`)
}

/** The file from its first byte to its last, with the segments at the side. */
function picture({ row, facts, elf }: Target): string[] {
  const wide = elf.bits === 64
  const view = new DataView(elf.bytes.buffer, elf.bytes.byteOffset)
  const little = elf.endian === 'little'
  const headersAt = wide ? Number(view.getBigUint64(40, little)) : view.getUint32(32, little)
  const pieces: { at: number; size: number; text: string }[] = [
    { at: 0, size: wide ? 64 : 52, text: 'ELF header' },
    { at: wide ? 64 : 52, size: elf.segments.length * (wide ? 56 : 32), text: 'program headers' },
    { at: headersAt, size: elf.sections.length * (wide ? 64 : 40), text: 'section headers' },
  ]
  for (const section of elf.sections)
    if (section.type !== 0 && section.type !== 8 && section.size > 0)
      pieces.push({ at: section.offset, size: section.size, text: section.name })
  pieces.sort((a, b) => a.at - b.at)
  const lines = ['', `    ${row.name}, ${facts.os}-${facts.arch}`]
  let end = 0
  for (const piece of pieces) {
    if (piece.at > end) lines.push(`    ${hex(end).padStart(8)}  ${'·'.padEnd(22)}${hex(piece.at - end)} zeros`)
    const load = elf.segments.find(
      each => each.type === 1 && piece.at >= each.offset && piece.at + piece.size <= each.offset + each.fileSize,
    )
    const letters =
      load === undefined
        ? 'not loaded'
        : `${load.flags & 4 ? 'r' : '-'}${load.flags & 2 ? 'w' : '-'}${load.flags & 1 ? 'x' : '-'}`
    lines.push(`    ${hex(piece.at).padStart(8)}  ${piece.text.padEnd(22)}${letters}`)
    end = Math.max(end, piece.at + piece.size)
  }
  return lines
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const readme = join(root, 'layouts', 'README.md')
const old = readFileSync(readme, 'utf8')
const start = '<!-- npm run plans: tables and pictures of the Go layouts -->'
const stop = '<!-- end of what npm run plans writes -->'
const from = old.indexOf(start)
const to = old.indexOf(stop)
if (from < 0 || to < from) throw new Error(`layouts/README.md has no place for the tables (${start})`)
const all = targets()
const pictured = ['go', 'go1.24']
const text = [
  ...layoutRows.flatMap(row => table(row.name, all)),
  '',
  '### The file',
  ...all
    .filter(each => pictured.includes(each.row.name) && each.facts.os === 'netbsd' && each.facts.arch === 'amd64')
    .flatMap(picture),
  '',
].join('\n')
const fresh = `${old.slice(0, from + start.length)}\n${text}\n${old.slice(to)}`
if (fresh === old) console.log('layouts/README.md is up to date')
else if (process.argv.includes('--check')) {
  console.log('layouts/README.md is out of date: npm run plans')
  process.exit(1)
} else {
  writeFileSync(readme, fresh)
  console.log(`layouts/README.md: ${all.length} targets`)
}
