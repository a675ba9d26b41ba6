import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Claim, Mark, type Matches } from '../../src/engine/records/placement.ts'
import type { LinkRequest } from '../../src/engine/records/request.ts'
import { collectGarbage } from '../../src/engine/references/collect-garbage.ts'
import { load } from '../support/load.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

/** Names of the sections of one object that stay, with `keep` claimed by KEEP. */
function kept(
  build: (object: ObjectBuilder) => void,
  options: Partial<LinkRequest> = {},
  keep: readonly string[] = [],
) {
  const object = new ObjectBuilder()
  build(object)
  const loaded = load({ 'a.o': object.build() }, { gcSections: true, entry: '_start', ...options })
  const program = loaded.program!
  const { sections, sectionNames } = program
  const matches: Matches = {
    rule: new Int32Array(sections.count).fill(Claim.Orphan),
    marks: new Uint8Array(sections.count),
    pattern: new Uint16Array(sections.count),
    dropped: new Set(),
  }
  for (let id = 0; id < sections.count; id++)
    if (keep.includes(sectionNames.text(sections.name[id]!))) matches.marks[id] = Mark.Keep
  const live = collectGarbage(program, matches, loaded.request, loaded.report)
  const names: string[] = []
  for (let id = 0; id < sections.count; id++) if (live[id] === 1) names.push(sectionNames.text(sections.name[id]!))
  return names
}

const code = { flags: 'ax', bytes: new Uint8Array(16) }

test('what the entry refers to stays, directly and through others', () => {
  const names = kept(object => {
    const c = object.section('.text.c', code)
    const b = object.section('.text.b', code).relocate(0, 2, c)
    object.section('.text.a', code).label('_start').relocate(0, 2, b)
    object.section('.text.d', code).label('d')
  })
  assert.equal(names, ['.text.c', '.text.b', '.text.a'])
})

test('roots: KEEP, -u, SHF_GNU_RETAIN, notes; not init arrays, which scripts keep', () => {
  const names = kept(
    object => {
      object.section('.text', code).label('_start')
      object.section('.keep', code)
      object.section('.text.u', code).label('u')
      object.section('.retain', { flags: 0x200002, bytes: [1] })
      object.section('.note.x', { type: 'note', flags: 'a', bytes: [1] })
      object.section('.init_array', { type: 'init-array', flags: 'aw', bytes: new Uint8Array(8) })
      object.section('.text.gone', code)
    },
    { undefinedSymbols: ['u'] },
    ['.keep'],
  )
  assert.equal(names, ['.text', '.keep', '.text.u', '.retain', '.note.x'])
})

test('__start_ keeps the sections of that name, unless --start-stop-gc', () => {
  const build = (object: ObjectBuilder): void => {
    object.section('.text', code).label('_start').relocate(0, 2, object.undefined('__start_parts'))
    object.section('parts', { flags: 'a', bytes: [1] })
  }
  assert.equal(kept(build), ['.text', 'parts'])
  assert.equal(kept(build, { startStopGc: true }), ['.text'])
})

test('members of a group stay together; SHF_LINK_ORDER goes with its section', () => {
  const names = kept(object => {
    const member = object.section('.text.f', code).label('f')
    const other = object.section('.data.f', { flags: 'aw', bytes: [1] })
    object.group(object.symbols.find(each => each.name === 'f')!, [member, other])
    const text = object.section('.text', code).label('_start').relocate(0, 2, member)
    object.section('.order', { flags: 0x82, bytes: [1], link: text })
    object.section('.order.gone', { flags: 0x82, bytes: [1], link: object.section('.text.gone', code) })
  })
  assert.equal(names, ['.text.f', '.data.f', '.text', '.order'])
})

test('debug sections stay with a file that has something live', () => {
  const build = (object: ObjectBuilder): void => {
    const text = object.section('.text', code).label('_start')
    object.section('.debug_info', { bytes: new Uint8Array(16) }).relocate(0, 1, text)
    object.section('.comment', { bytes: [0] })
  }
  assert.equal(kept(build), ['.text', '.debug_info', '.comment'])
  assert.equal(kept(build, { entry: 'nothing' }), [])
})

test.run()
