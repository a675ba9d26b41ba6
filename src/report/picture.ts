/** A linked program as a picture of text: one box per loaded segment, one line per section, gaps between them in words. */
import type { Layout, PlacedSection, PlacedSegment } from '../engine/records/placement.ts'

const loadType = 1
const inner = 58

/** Lines of the picture, lowest address first. Sections without an address are listed below the boxes. */
export function layoutPicture(layout: Layout): string[] {
  const lines: string[] = []
  const loads = layout.segments
    .filter(segment => segment.type === loadType)
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
  const largest = Math.max(1, ...loads.flatMap(load => sectionsOf(load, layout).map(section => section.size)))
  let end: bigint | undefined
  for (const load of loads) {
    if (end !== undefined && load.address > end)
      lines.push(`${' '.repeat(14)}${`: ${sizeInWords(Number(load.address - end))} not used :`}`)
    lines.push(...segmentBox(load, layout, largest))
    end = load.address + BigInt(load.memorySize)
  }
  const rest = layout.outputs.filter(
    section => !loads.some(load => load.sections.includes(section.index)) && section.size > 0,
  )
  if (rest.length > 0) {
    const names = rest.map(section => `${section.name} (${sizeInWords(section.size)})`)
    lines.push('', `not loaded: ${names.join(', ')}`)
  }
  return lines
}

function sectionsOf(load: PlacedSegment, layout: Layout): PlacedSection[] {
  return load.sections.map(index => layout.outputs[index]!).filter(section => section.size > 0)
}

function segmentBox(load: PlacedSegment, layout: Layout, largest: number): string[] {
  const title = ` segment ${load.name === '' ? '' : `${load.name} `}${flagLetters(load.flags)} `
  const size = ` ${sizeInWords(load.memorySize)} `
  const lines = [
    `${address(load.address)} ┌─${title}${'─'.repeat(Math.max(0, inner - 2 - title.length - size.length))}${size}─┐`,
  ]
  if (load.fileHeader || load.programHeaders) lines.push(boxLine(load.address, 'headers', '', ''))
  for (const section of sectionsOf(load, layout)) {
    const bar = '█'.repeat(Math.max(1, Math.round((20 * section.size) / largest)))
    lines.push(
      boxLine(
        section.address,
        section.name,
        sizeInWords(section.size),
        section.type === 8 ? bar.replaceAll('█', '░') : bar,
      ),
    )
  }
  lines.push(`${' '.repeat(13)} └${'─'.repeat(inner)}┘`)
  return lines
}

function boxLine(at: bigint, name: string, size: string, bar: string): string {
  const shown = name.length > 20 ? `${name.slice(0, 19)}…` : name
  return `${address(at)} │ ${shown.padEnd(20)} ${size.padStart(12)}  ${bar.padEnd(20)} ${' '.repeat(inner - 57)}│`
}

function address(value: bigint): string {
  return `0x${value.toString(16)}`.padStart(13)
}

function flagLetters(flags: number): string {
  return `${flags & 4 ? 'r' : '-'}${flags & 2 ? 'w' : '-'}${flags & 1 ? 'x' : '-'}`
}

function sizeInWords(size: number): string {
  if (size < 1024) return `${size} bytes`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = size / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`
}
