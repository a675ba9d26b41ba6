/** The plan as JSON: exact round trip, and damaged texts. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Report } from '../../src/diag/report.ts'
import { looksLikePlan, planFromJson, planToJson } from '../../src/plan/json.ts'
import { emptyPlan, type LayoutPlan } from '../../src/plan/plan.ts'
import { planOf } from '../script/support.ts'

const gnu = `ENTRY(main) OUTPUT_FORMAT("a", "b", "c") OUTPUT_ARCH(x) OUTPUT(out) MAP(m) TARGET(t) EXTERN(e)
STARTUP(s) SEARCH_DIR(d) INPUT(a.o -lb AS_NEEDED(c)) GROUP(d e) LD_FEATURE("SANE_EXPR") NOCROSSREFS(.a .b)
MEMORY { R (rx!w) : ORIGIN = 0xffffffff80000000, LENGTH = 1K } REGION_ALIAS("A", R)
PHDRS { t PT_LOAD FILEHDR PHDRS AT(1) FLAGS(5); }
VERSION { V1 { global: a; extern "C++" { "b"; }; local: *; }; V2 { } V1; }
SECTIONS {
  . = ALIGN(8); x += -1 + ~2 * !3 / +4; PROVIDE_HIDDEN(y = DEFINED(x) ? ADDR(.a) : SIZEOF_HEADERS);
  z = MAX(ALIGN(x, 4), MIN(LOADADDR(.a), ALIGNOF(.b))) + LOG2CEIL(NEXT(3)) + ABSOLUTE(.) + CONSTANT(MAXPAGESIZE);
  w = DATA_SEGMENT_ALIGN(1, 2) + DATA_SEGMENT_RELRO_END(1, 2) + DATA_SEGMENT_END(.) + SEGMENT_START("text", 1);
  v = ORIGIN(R) + LENGTH(A) + ASSERT(1, "m") + SIZEOF(.a);
  .a 1 (NOLOAD) : AT(2) ALIGN(3) SUBALIGN(4) ONLY_IF_RW {
    KEEP(*(SORT(.a) EXCLUDE_FILE(q) .b)) EXCLUDE_FILE(p) lib.a:m.o(.c) lib.a:(.d) main.o SORT(*)(REVERSE(.e))
    INPUT_SECTION_FLAGS(SHF_ALLOC) *(.f) BYTE(1) SQUAD(-1) ASCIZ "x" FILL(0x90) FILL(1) CONSTRUCTORS
    CREATE_OBJECT_SYMBOLS LINKER_VERSION ASSERT(1, "\xe9"); k = .;
  } :t =0x1234
  .t (TYPE = SHT_NOTE) : ALIGN_WITH_INPUT { } AT>R =7
  .i : {} >R
  OVERLAY : { .o1 { } .o2 { } }
  ASSERT(x, "no")
}`

const extended = `@tsld 1; @osabi netbsd; @machine_flags 1; @page_size 4K; @entry a else b;
@segment text load (rx) align 4K { @program_headers; . = section_start(.text, 0x1000);
  .text : { @always progbits ax; @show_align 8; @end_align 8; @entsize 4; @not_allocated; @boundary b object; @sort (size) { *(.t) } } }
@segment tls tls (r) size 16 round_down optional { .text }
@section_headers behind program_headers else end; @headers_last { .x }
@unloaded align 8 packed padded { .y } @section_name_order when .z { .z } @symbol_table { first : a; data : newest; }`

function roundTrip(plan: LayoutPlan): LayoutPlan | undefined {
  const report = new Report()
  const back = planFromJson(planToJson(plan), 'plan.json', report)
  assert.equal(report.diagnostics, [])
  return back
}

test('every construct survives the round trip', () => {
  for (const plan of [emptyPlan, planOf(gnu), planOf(extended)]) {
    assert.equal(roundTrip(plan), plan)
    assert.is(planToJson(roundTrip(plan) as LayoutPlan), planToJson(plan))
  }
})

test('a plan is known by its beginning', () => {
  assert.ok(looksLikePlan(planToJson(emptyPlan, 2)))
  assert.not.ok(looksLikePlan('SECTIONS { }'))
})

function messages(json: string): string[] {
  const report = new Report()
  assert.is(planFromJson(json, 'plan.json', report), undefined)
  return report.diagnostics.map(d => `${d.code} ${d.message}`)
}

test('what is no plan', () => {
  assert.match(messages('{')[0], /^P1001/)
  assert.match(messages('[]')[0], /^P1001/)
  assert.match(messages('{"format":"tsld-layout-plan","plan":null}')[0], /^P1001/)
  assert.match(messages('{"format":"tsld-layout-plan","files":[],"plan":{"version":2}}')[0], /^P1002 .*version 2/)
})

test('a damaged member is named with its path', () => {
  const json = planToJson(planOf('x = 1;'))
  assert.match(json, '"symbol":"x"')
  assert.equal(messages(json.replace('"symbol":"x"', '"symbol":5')), [
    'P1003 plan.statements[0].symbol: expected a string, found 5',
  ])
  assert.match(
    messages(json.replace('"symbol":"x"', '"symbl":"x"')).join(),
    /statements\[0\]\.symbol: expected a value/,
  )
  assert.match(messages(json.replace('"value":"0x1"', '"value":1'))[0], /\.value\.value: expected a hexadecimal string/)
  assert.match(messages(json.replace('"kind":"assign"', '"kind":"jump"'))[0], /an object whose kind is one of assign/)
  assert.match(messages(json.replace('"files":["t.ld"]', '"files":[]'))[0], /\.span: expected a span/)
})

test('any cut or changed byte gives diagnostics or a plan, never an exception', () => {
  const json = planToJson(planOf('x = 1 + 2; SECTIONS { .a : { *(.b) } }'))
  for (let i = 0; i < json.length; i += 3) {
    const report = new Report()
    planFromJson(json.slice(0, i), 'cut', report)
    planFromJson(json.slice(0, i) + '7' + json.slice(i + 1), 'changed', report)
    assert.ok(report.failed)
  }
})

test('nesting without end is refused', () => {
  const one = '{"op":"number","value":"0x1","span":[0,0,0,1,1]}'
  const json = planToJson(planOf('x = 1;'))
  const deep = '{"op":"unary","operator":"-","span":[0,0,0,1,1],"operand":'.repeat(5000) + one + '}'.repeat(5000)
  assert.match(messages(json.replace(/\{"op":"number"[^}]*\}/, deep))[0], /levels/)
})

test.run()
