/** The scripts contain the facts: one changed line changes exactly what it speaks of. And a system that tsld never heard of. */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { dynamicEntries, type ElfFile, notesIn, readElf, sectionBytes, sectionNamed } from '../support/elf-reader.ts'
import { ObjectBuilder } from '../support/object-builder.ts'
import { needs, runTool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'
import { machinesOfFacts } from './facts.ts'
import { sharedObject } from './shared-objects.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** exit(0) on Linux, a call of `import` behind it. */
const code = [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0xe8, 0, 0, 0, 0]

function program(isDynamic: boolean): Uint8Array {
  const builder = new ObjectBuilder()
  const text = builder.section('.text', { flags: 'ax', align: 16, bytes: code })
  for (const name of ['_start', '_rt0_amd64_linux', '_rt0_amd64_netbsd']) text.label(name, 0, { type: 'func' })
  if (isDynamic) text.relocate(10, 4, builder.undefined('import'), -4)
  builder.section('.rodata', { flags: 'a', align: 8, bytes: new Uint8Array(40).fill(1) })
  builder.section('.typelink', { flags: 'a', align: 8, bytes: new Uint8Array(48).fill(2) })
  builder.section('.gcdata', { flags: 'a', align: 8, bytes: new Uint8Array(48).fill(3) })
  builder.section('.data', { flags: 'aw', align: 8, bytes: new Uint8Array(24).fill(4) })
  builder.section('.bss', { flags: 'aw', align: 8, type: 'nobits', size: 100 })
  return builder.build()
}

function linked(folder: string, options: readonly string[], isDynamic: boolean): ElfFile {
  writeFileSync(join(folder, 'a.o'), program(isDynamic))
  writeFileSync(
    join(folder, 'liba.so'),
    sharedObject(machinesOfFacts['amd64']!, 'liba.so', [{ name: 'import', isCode: true }]),
  )
  const run = runLinker([...options, '-o', 'program', 'a.o', ...(isDynamic ? ['liba.so'] : [])], folder)
  assert.is(run.status, 0, run.text)
  assert.is(run.text, '')
  return readElf(new Uint8Array(readFileSync(join(folder, 'program'))))
}

/** Links with the layout as it is and with a change in one of its scripts. */
function change(
  what: string,
  script: string,
  edit: (text: string) => string,
  isDynamic: boolean,
  check: (before: ElfFile, after: ElfFile) => void,
): void {
  test(what, () => {
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(what, obstacle)
    const folder = mkdtempSync(join(tmpdir(), 'tsld-go-changes-'))
    try {
      cpSync(join(here, '..', '..', 'layouts', 'go'), join(folder, 'go'), { recursive: true })
      const target = /netbsd/.test(what) ? 'netbsd-amd64.ld' : 'linux-amd64.ld'
      const options = ['-D', 'SEED=true', '-T', join('go', target)]
      const before = linked(folder, options, isDynamic)
      const path = join(folder, 'go', script)
      const text = readFileSync(path, 'utf8')
      const edited = edit(text)
      assert.is.not(edited, text, 'the line is there')
      writeFileSync(path, edited)
      check(before, linked(folder, options, isDynamic))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

/** Bytes that differ, as offsets. */
function differing(a: ElfFile, b: ElfFile): number[] {
  assert.is(a.bytes.length, b.bytes.length)
  return [...a.bytes.keys()].filter(at => a.bytes[at] !== b.bytes[at])
}

change(
  'the base moves every address and nothing else',
  'linux-amd64.ld',
  text => text.replace('TEXT = 0x400c00', 'TEXT = 0x500c00'),
  true,
  (before, after) => {
    assert.is(after.entry, before.entry + 0x100000n)
    const moved = (address: bigint): bigint => (address === 0n ? 0n : address + 0x100000n)
    assert.equal(
      after.sections,
      before.sections.map(section => ({ ...section, address: moved(section.address) })),
    )
    assert.equal(
      after.segments,
      before.segments.map(segment => ({
        ...segment,
        virtualAddress: moved(segment.virtualAddress),
        physicalAddress: moved(segment.physicalAddress),
      })),
    )
  },
)

change(
  'the page size moves the data and shows in the alignment of segments',
  'layout.ld',
  text => text.replace('@page_size 4K;', '@page_size 64K;'),
  false,
  (before, after) => {
    const aligns = (file: ElfFile): string => file.segments.map(segment => `${segment.type}:${segment.align}`).join(' ')
    assert.is(aligns(after), aligns(before).replaceAll(':4096', ':65536'))
    const loads = (file: ElfFile): ElfFile['segments'] => file.segments.filter(segment => segment.type === 1)
    assert.is(loads(after)[0]!.fileSize, loads(before)[0]!.fileSize)
    assert.is(loads(after)[1]!.virtualAddress, 0x410000n)
    assert.is(loads(after)[1]!.offset, 0x10000)
    assert.is(loads(after)[1]!.fileSize, loads(before)[1]!.fileSize)
    assert.is(sectionNamed(after, '.symtab')!.offset, 0x20000)
  },
)

change(
  'two sections change places',
  'layout.ld',
  text => {
    const [first, second] = ['typelink', 'gcdata'].map(
      name => new RegExp(`  \\.${name} : ALIGN[^]*?\\n  }\\n`).exec(text)![0],
    )
    return text.replace(first!, '@first@').replace(second!, first!).replace('@first@', second!)
  },
  false,
  (before, after) => {
    const rename = (name: string): string => ({ '.typelink': '.gcdata', '.gcdata': '.typelink' })[name] ?? name
    assert.equal(
      after.sections.map(section => section.name),
      before.sections.map(section => rename(section.name)),
    )
    for (const section of before.sections) {
      const other = sectionNamed(after, section.name)!
      const place = before.sections.find(each => each.name === rename(section.name))!
      assert.is(other.address, place.address, section.name)
      assert.is(other.size, section.size)
    }
    assert.equal(after.segments, before.segments)
  },
)

change(
  'the note of netbsd says what the script says',
  'netbsd-amd64.ld',
  text => text.replace('OS_NOTE_VALUE = 599000000', 'OS_NOTE_VALUE = 600000000'),
  false,
  (before, after) => {
    const note = sectionNamed(after, '.note.netbsd.ident')!
    assert.ok(differing(before, after).every(at => at >= note.offset + 20 && at < note.offset + 24))
    assert.is(Buffer.from(sectionBytes(after, note)).readUInt32LE(20), 600000000)
  },
)

change(
  'another loader',
  'linux-amd64.ld',
  text => text.replace('/lib64/ld-linux-x86-64.so.2', '/opt64/ld-linux-x86-64.so.2'),
  true,
  (before, after) => {
    const section = sectionNamed(after, '.interp')!
    assert.ok(differing(before, after).every(at => at >= section.offset && at < section.offset + section.size))
  },
)

change(
  'the order of the tags',
  'layout.ld',
  text => text.replace('tags : NEEDED, SONAME, SYMBOLIC, HASH,', 'tags : HASH, NEEDED, SONAME, SYMBOLIC,'),
  true,
  (before, after) => {
    const section = sectionNamed(after, '.dynamic')!
    assert.ok(differing(before, after).every(at => at >= section.offset && at < section.offset + 32))
    const tags = (file: ElfFile): bigint[] => dynamicEntries(file).map(each => each.tag)
    const [needed, hash, ...rest] = tags(before)
    assert.equal(tags(after), [hash, needed, ...rest])
  },
)

for (const isDynamic of [false, true])
  test(`a layout for a system that tsld never heard of, ${isDynamic ? 'dynamic' : 'static'}`, () => {
    const name = 'layout of an unknown system'
    const obstacle = whyNoLinker()
    if (obstacle !== undefined) return skip(name, obstacle)
    const folder = mkdtempSync(join(tmpdir(), 'tsld-quay-'))
    try {
      const file = linked(folder, ['-T', join(here, 'quay-amd64.ld'), '-D', 'RELEASE=9'], isDynamic)
      assert.is(file.osabi, 77)
      assert.is(file.entry, sectionNamed(file, '.text')!.address)
      const note = notesIn(file, sectionBytes(file, sectionNamed(file, '.note.quay')!))[0]!
      assert.is(`${note.name} ${note.type} ${Buffer.from(note.description).toString('hex')}`, 'Quay 9 09000000')
      const loads = file.segments.filter(segment => segment.type === 1)
      assert.equal(
        loads.map(segment => segment.flags),
        [4, 5, 4, 6],
      )
      assert.equal(
        loads.map(segment => segment.virtualAddress),
        [0x2000000n, 0x2004000n, 0x2008000n, 0x200c000n],
      )
      const types = file.segments.map(segment => segment.type)
      assert.is(types.includes(3), isDynamic)
      assert.is(types.includes(0x60000042), isDynamic)
      if (isDynamic) {
        const tags = dynamicEntries(file).map(each => Number(each.tag))
        assert.equal(tags.slice(0, 7), [21, 5, 10, 6, 11, 4, 1])
        assert.equal(
          file.dynamicSymbols.map(symbol => symbol.name),
          ['import'],
        )
        if (needs(name, 'readelf'))
          assert.is(runTool('readelf', ['-aW', join(folder, 'program')]).stderr, '', 'nothing to complain of')
      } else if (process.platform === 'linux' && process.arch === 'x64') {
        chmodSync(join(folder, 'program'), 0o755)
        assert.is(spawnSync(join(folder, 'program')).status, 0)
      }
      assert.ok(existsSync(join(folder, 'program')))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

test("a short file makes Go's layout that of another system: the scripts that come with tsld are included by name", () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-quay-'))
  try {
    const script = `@tsld 1;
@osabi 77;
@include "go/layout.ld" (
  GO_ENTRY = "_start", OS_NOTE = ".note.quay.ident", OS_NOTE_OWNER = "Quay", OS_NOTE_VALUE = 7,
  TEXT = 0x2000c00, TEXT_ROUNDING = 64, WORD = 8, INTERPRETER = "/quay/loader"
);
`
    writeFileSync(join(folder, 'quay.ld'), script)
    const file = linked(folder, ['-T', 'quay.ld', '--os', 'quay'], true)
    assert.is(file.osabi, 77)
    assert.is(sectionNamed(file, '.text')!.address, 0x2000c00n)
    assert.equal(
      notesIn(file, sectionBytes(file, sectionNamed(file, '.note.quay.ident')!)).map(note => note.name),
      ['Quay'],
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
