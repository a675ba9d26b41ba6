/**
 * Rebuilds the objects and archives that are checked in beside their sources below test/.
 *
 *   node --import tsx scripts/build-fixtures.ts [FOLDER...]     every x.s becomes x.o; every libx.a.members becomes libx.a
 *   node --import tsx scripts/build-fixtures.ts --record FOLDER prints what GNU ld makes of a feature, as directives
 *
 * Needs gcc (and GNU ld for --record). The tests themselves need neither.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readFeature } from '../test/features/feature.ts'
import { archive } from '../test/support/archive-builder.ts'
import { SHN_UNDEF } from '../test/support/elf-numbers.ts'
import { readElf, sectionBytes } from '../test/support/elf-reader.ts'
import { findTool, runTool } from '../test/support/peers.ts'

const tests = join(dirname(fileURLToPath(import.meta.url)), '..', 'test')

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => join(folder, name))
}

function build(folder: string): void {
  const gcc = findTool('gcc')
  if (gcc === undefined) throw new Error('gcc is needed to rebuild the fixtures')
  for (const source of filesBelow(folder, '.s')) {
    const object = source.replace(/\.s$/, '.o')
    // A relative name and the source's own folder keep the paths of this machine out of the object.
    execFileSync(gcc, ['-c', basename(source), '-o', basename(object)], { cwd: dirname(source) })
  }
  for (const list of filesBelow(folder, '.a.members')) writeFileSync(list.replace(/\.members$/, ''), archiveOf(list))
}

/** The archive a `.members` file describes: one object per line, beside it. */
function archiveOf(list: string): Uint8Array {
  const names = readFileSync(list, 'utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  return archive(
    names.map(name => {
      const bytes = new Uint8Array(readFileSync(join(dirname(list), name)))
      const symbols = readElf(bytes).symbols.filter(s => s.binding !== 0 && s.sectionIndex !== SHN_UNDEF)
      return { name, bytes, symbols: symbols.map(symbol => symbol.name) }
    }),
  )
}

/** Prints the outcome of a feature under GNU ld in the words of expect.txt, to choose from. */
function record(folder: string): void {
  const feature = readFeature(basename(folder), folder)
  const work = mkdtempSync(join(tmpdir(), 'tsld-record-'))
  try {
    cpSync(folder, work, { recursive: true })
    for (const words of feature.links) {
      const run = runTool(
        'ld.bfd',
        words.map(word => word.replaceAll('@OUT@', 'out.elf')),
        { cwd: work },
      )
      console.log(`# status ${run.status}`, run.stderr.trim().replaceAll('\n', '\n# '))
    }
    if (existsSync(join(work, 'out.elf'))) printFile(new Uint8Array(readFileSync(join(work, 'out.elf'))))
  } finally {
    rmSync(work, { recursive: true })
  }
}

function printFile(bytes: Uint8Array): void {
  const hex = (value: number | bigint): string => `0x${value.toString(16)}`
  const file = readElf(bytes)
  console.log(`entry ${hex(file.entry)}`)
  for (const s of file.segments)
    console.log(
      `segment ${hex(s.type)} at ${hex(s.virtualAddress)} load ${hex(s.physicalAddress)} file ${hex(s.fileSize)} memory ${hex(s.memorySize)} flags ${s.flags & 4 ? 'R' : ''}${s.flags & 2 ? 'W' : ''}${s.flags & 1 ? 'X' : ''}`,
    )
  for (const s of file.sections.slice(1)) {
    console.log(
      `section ${s.name} at ${hex(s.address)} size ${hex(s.size)} type ${s.type} flags ${hex(s.flags)} align ${s.align}`,
    )
    if (s.flags & 2 && s.type !== 8)
      console.log(
        `bytes ${s.name} ${Array.from(sectionBytes(file, s).subarray(0, 48), b => b.toString(16).padStart(2, '0')).join(' ')}`,
      )
  }
  for (const s of file.symbols) if (s.name !== '') console.log(`symbol ${s.name} = ${hex(s.value)} in ${s.section}`)
}

const args = process.argv.slice(2)
if (args[0] === '--record') for (const folder of args.slice(1)) record(folder)
else for (const folder of args.length > 0 ? args : [tests]) build(folder)
