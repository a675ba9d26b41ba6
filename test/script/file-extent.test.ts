/** Statements that today's Go layout needs: order of headers, ends of segments, tables side by side, a default build id. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { describePlan } from '../../src/plan/describe.ts'
import { planFromJson, planToJson } from '../../src/plan/json.ts'
import { compile, planOf } from './support.ts'

const first = (text: string): string => compile(`@tsld 1;\n${text}`).messages[0] ?? 'no diagnostic'

test('they become data, which survives as JSON', () => {
  const plan = planOf(
    `@tsld 1;
    @build_id_by_default;
    @section_header_order { * .shstrtab .symtab }
    @symbol_table { code : first address; }
    @dynamic { hash : sysv; imports : as_objects weak_stay as_mentioned; stubs : untold_when_none; got : bare;
      versions : plain_when_none by_size 32; relocations : uncounted; flags : flags_1_always; }
    @segment data load (rw) align 4K {
      @file_ends_at .bss;
      @sort (size) {
        .a : { *(.a) }
        @together { .b : { *(.b) } .c : { *(.c) } }
      }
      .bss : { *(.bss) @boundary end object unlisted at . - 1; }
    }`,
    {},
  )
  assert.is(plan.target.buildId, true)
  assert.equal(plan.file?.headerOrder, ['*', '.shstrtab', '.symtab'])
  assert.is(plan.file?.symbolTable?.codeFirst, true)
  assert.is(plan.segments?.[0]?.extra?.fileEndsAt, '.bss')
  const units = plan.statements.flatMap(each =>
    each.kind === 'output-section' ? [`${each.name} ${each.extra?.sorted?.unit !== undefined}`] : [],
  )
  assert.equal(units, ['.a false', '.b true', '.c true', '.bss false'])
  assert.equal(
    [plan.dynamic?.weakImportsStay, plan.dynamic?.importsAsMentioned, plan.dynamic?.plainVersionsAlign],
    [true, true, 32],
  )
  const again = planFromJson(planToJson(plan), 'plan.json', new Report())
  assert.is(describePlan(again!, false), describePlan(plan, false))
  assert.match(describePlan(plan, false), /bytes in the file up to \.bss/)
})

test('mistakes', () => {
  assert.match(first('SECTIONS { @file_ends_at .bss; }'), /an @segment around it/)
  assert.match(first('SECTIONS { @together { .a : { *(.a) } } }'), /a @sort around it/)
  assert.match(first('@section_header_order;'), /a block of section names/)
  assert.match(first('@build_id_by_default yes;'), /nothing more/)
  assert.match(first('@dynamic { versions : by_size; }'), /the largest alignment behind by_size/)
  assert.match(first('@symbol_table { code : last; }'), /address or first address/)
})

test('@include goes up a folder', () => {
  const files = {
    'new/outer.ld': '@tsld 1; @include "../old/inner.ld" (N = 3);',
    'old/inner.ld': '@tsld 1; @param N : int; value = N;',
  }
  const { messages } = compile('@tsld 1; @include "new/outer.ld";', { files })
  assert.equal(messages, [])
})

test.run()
