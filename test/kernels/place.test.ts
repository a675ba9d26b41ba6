import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NameTable } from '../../src/base/name-table.ts'
import { contentChange, Drafts, emptyOutput, OutputDraft } from '../../src/engine/place/output-drafts.ts'
import { ContentKind } from '../../src/engine/records/placement.ts'
import type { Program } from '../../src/engine/records/program.ts'
import { SectionState, SectionTable } from '../../src/engine/records/tables.ts'
import { plainCompute } from '../../src/kernels/compute.ts'
import { joinInputs, listInputs, noteOutput, sortInputs } from '../../src/kernels/place.ts'
import type { OutputSectionPlan } from '../../src/plan/plan.ts'

test('inputs are sorted by rule in their order, orphans in front, without what takes no part', () => {
  const { Copy, None, Merged, EhFrame, Synthetic } = ContentKind
  const kinds = [Copy, None, Copy, Merged, Merged, None, EhFrame, Copy, Synthetic]
  const count = kinds.length
  const order = {
    live: Uint8Array.from([1, 1, 0, 1, 1, 1, 1, 1, 1]),
    kind: Uint8Array.from(kinds),
    state: Uint8Array.from([0, 0, 0, 0, 0, SectionState.Synthetic, 0, 0, SectionState.Synthetic]),
    size: Float64Array.from([0, 4, 4, 0, 8, 0, 0, 4, 4]),
    rule: Int32Array.from([2, 0, 0, 0, 0, -1, 1, -2, 0]),
    ids: new Int32Array(count),
    count: new Int32Array(1),
    slots: new Int32Array(4),
    sorted: new Int32Array(count),
  }
  listInputs(order, 4, count)
  listInputs(order, 0, 4)
  assert.equal([...order.ids.subarray(0, order.count[0])], [4, 5, 7, 8, 0])
  assert.equal([...order.slots], [1, 2, 0, 1])
  order.slots.set([0, 1, 3, 3])
  sortInputs(order, 0, order.count[0]!)
  assert.equal([...order.sorted.subarray(0, 4)], [5, 4, 8, 0])
  const outputOf = new Int32Array(count).fill(-1)
  noteOutput(outputOf, order.sorted, 1, 3, 7)
  assert.equal([...outputOf], [-1, -1, -1, -1, 7, -1, -1, -1, 7])
})

test('joining many inputs is joining them one by one', () => {
  const names = new NameTable()
  const texts = ['.text', '.debug_info', '.data', '.line', '.odd', '.bss'].map(text => names.internText(text))
  const sections = new SectionTable()
  const count = 400
  sections.add(count)
  let seed = 7
  const pick = (values: readonly number[]): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return values[(seed >>> 16) % values.length]!
  }
  const keep = new Uint8Array(count)
  for (let id = 0; id < count; id++) {
    sections.name[id] = pick(texts)
    sections.type[id] = pick([1, 1, 1, 8, 7, 0x7000_0001])
    sections.flags[id] = pick([0, 1, 2, 2, 3, 6, 0x12, 0x32, 0x33, 0x30, 0x402, 0x403, 0x400, 0x8000_0000])
    sections.align[id] = pick([1, 2, 8, 64, 0x8000_0000])
    sections.entsize[id] = pick([0, 1, 1, 8])
    sections.state[id] = pick([0, 0, 0, SectionState.Common, SectionState.Synthetic])
    keep[id] = pick([0, 0, 0, 1])
  }
  const program = { sections, sectionNames: names, compute: plainCompute } as unknown as Program
  const span = emptyOutput('').span
  const plans: Partial<OutputSectionPlan>[] = [{}, { extra: { unallocated: true } as OutputSectionPlan['extra'] }]
  for (const kind of ['dsect', 'readonly', 'noload'] as const)
    plans.push({ type: { kind, span } as OutputSectionPlan['type'] })
  for (const plan of plans)
    for (let from = 0; from < count; from += 1 + (from % 5)) {
      const ids = Int32Array.from({ length: 1 + (from % 9) }, (_, i) => (from + i * 3) % count)
      const slow = new Drafts(program)
      const one = new OutputDraft('.x', { ...emptyOutput('.x'), ...plan }, undefined)
      for (const id of ids) slow.addInput(one, id, keep[id] === 1)
      const fast = new Drafts(program)
      const many = new OutputDraft('.x', { ...emptyOutput('.x'), ...plan }, undefined)
      const content = new Int32Array(1)
      const largest = new Uint32Array(1)
      const joined = { ...sections, marks: keep, debugging: fast.debugging, content, largest }
      const { cleared, added } = contentChange(many.plan)
      for (let i = 0; i < ids.length; ) {
        fast.addInput(many, ids[i]!, keep[ids[i]!] === 1)
        content[0] = many.content
        largest[0] = many.align
        i = joinInputs(joined, ids, i + 1, ids.length, many.entsize, cleared, added)
        many.content = content[0]!
        many.align = largest[0]!
      }
      assert.is(many.content, one.content)
      assert.is(many.align, one.align)
      assert.is(many.entsize, one.entsize)
    }
})

test.run()
