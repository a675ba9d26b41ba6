/** GNU's top-level commands: what each leaves in the plan. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan } from '../../src/plan/describe.ts'
import { compile, compilePieces, planOf } from './support.ts'

function words(text: string): string {
  return describePlan(planOf(text), false)
}

test('entry, formats, outputs: the first or the last counts as in GNU ld', () => {
  const text = `ENTRY(a) ENTRY(b) OUTPUT_FORMAT("elf64-x86-64", "elf64-big", "elf64-little") OUTPUT_FORMAT(binary)
    OUTPUT_ARCH(i386) OUTPUT_ARCH(i386:x86-64) OUTPUT(one) OUTPUT(two) TARGET(elf32-i386) MAP(m)`
  assert.is(
    words(text),
    `entry b
output format elf64-x86-64 (big endian elf64-big, little endian elf64-little)
architecture i386:x86-64
input format elf32-i386
output file one
map file m
`,
  )
})

test('inputs keep their order and grouping', () => {
  assert.is(
    words(
      'STARTUP(crt.o) SEARCH_DIR("=/lib") INPUT(a.o -lm AS_NEEDED(-lz)) GROUP(libc.a AS_NEEDED(ld.so)) EXTERN(x y)',
    ),
    `inputs
  first of all crt.o
  search in =/lib
  file a.o
  library m
  library z, as needed
  group, searched until nothing new is found
    file libc.a
    file ld.so, as needed
required symbols
  x
  y
`,
  )
})

test('memory: attributes, aliases, a second declaration', () => {
  const { plan, messages } = compile(`MEMORY { R (rx!W) : ORIGIN = 0x10, LENGTH = 2K
  S : o = ORIGIN(R) + LENGTH(R), l = 1M }
REGION_ALIAS("A", R)
MEMORY { R : ORIGIN = 0x20, LENGTH = 4K }
SECTIONS { .a : {} >A  .b : {} AT>S  .c 0 : {} AT>A }`)
  assert.equal(messages, ['t.ld:4:10 S1206 memory region R is declared again; the last declaration counts'])
  assert.is(
    describePlan(plan, false),
    `memory
  R, alias A: from 0x20, 0x1000 bytes, takes any of rx, none of w
  S: from ORIGIN (R) + LENGTH (R), 0x100000 bytes
statements
  section .a, in R
  section .b, in S, loaded from S
  section .c, at 0, loaded from R
`,
  )
})

test('an undeclared region is a warning and reaches from 0 to the end of memory', () => {
  const { plan, messages } = compile('MEMORY { FLASH : ORIGIN = 1, LENGTH = 1 }\nSECTIONS { .a : {} >FLAHS }')
  assert.equal(messages, ["t.ld:2:21 S1205 memory region FLAHS is not declared here; did you mean 'FLASH'?"])
  assert.match(describePlan(plan, false), 'FLAHS: from 0, 0xffffffffffffffff bytes')
})

test('program headers', () => {
  assert.is(
    words(
      'PHDRS { h PT_PHDR PHDRS; t PT_LOAD FILEHDR PHDRS AT(0x1000) FLAGS(5); x 0x65041580; } SECTIONS { .a : {} :t :x =0x90 .b : {} :NONE }',
    ),
    `segments
  h: phdr, with the program headers
  t: load, flags r-x, with the ELF header, with the program headers, physical address 0x1000
  x: type 0x65041580
statements
  section .a, segments t x, gaps filled with 90
  section .b, segments NONE
`,
  )
})

test('mistakes that GNU ld finds at this stage', () => {
  const first = (text: string): string => compile(text).messages[0] ?? 'no diagnostic'
  assert.is(
    first('PHDRS { a PT_LOAF; }'),
    "t.ld:1:11 S1210 PT_LOAF is no known program header type; did you mean 'PT_LOAD'?; a number can be given instead",
  )
  assert.match(first('PHDRS { a PT_LOAD JUNK; }'), /1:19 S1211 'JUNK'/)
  assert.match(first('PHDRS { a PT_LOAD; b PT_LOAD FILEHDR; }'), /1:20 S1212/)
  assert.match(first('REGION_ALIAS("A", R)'), /1:19 S1207 memory region R,/)
  assert.match(first('MEMORY { R : ORIGIN = 0, LENGTH = 1 } REGION_ALIAS("R", R)'), /S1208/)
  assert.match(first('MEMORY { R (q) : ORIGIN = 0, LENGTH = 1 }'), /S1209 'q'/)
  assert.match(first('LD_FEATURE("X")'), /S1221/)
  assert.match(first('STARTUP(a) STARTUP(b)'), /S1220 STARTUP names b, but a/)
  assert.match(first('x = CONSTANT(PAGE);'), /S1219/)
  assert.match(first('SECTIONS { .a : AT(1) {} AT>R }'), /S1205/)
  assert.match(first('MEMORY { R : ORIGIN = 0, LENGTH = 1 } SECTIONS { .a : AT(1) {} AT>R }'), /S1217/)
  assert.match(first('SECTIONS { .a : ALIGN(4) ALIGN_WITH_INPUT {} }'), /S1218/)
  assert.match(first('SECTIONS { .a : {} =x }'), /1:21 S1213 a fill value must be a number known here, but x is not/)
})

test('--defsym stands where it was given and says where it comes from', () => {
  const { plan, messages } = compilePieces([
    { kind: 'defsym', text: 'a=0x10+b' },
    { kind: 'script', name: 't.ld', text: 'c = 1;' },
  ])
  assert.equal(messages, [])
  assert.is(describePlan(plan, false), 'statements\n  a = 0x10 + b, from --defsym\n  c = 1\n')
  assert.match(compilePieces([{ kind: 'defsym', text: 'a' }]).messages[0], /S1227 --defsym a: expected name=expression/)
})

test('version nodes', () => {
  assert.is(
    words('VERSION { V1 { global: a; "b*"; local: *; }; V2 { global: extern "C++" { c::*; }; } V1; }'),
    `versions
  V1
    global a
    global b*, exactly
    local *
  V2, after V1
    global c::*, as C++
`,
  )
  assert.match(compile('VERSION { V1 { global: a; }; V1 { global: b; }; }').messages[0], /S1222 version V1/)
  assert.match(compile('VERSION { V1 { global: a; }; { global: b; }; }').messages[0], /S1223/)
  assert.match(compile('VERSION { V1 { global: a; } V0; }').messages[0], /S1224 version V0/)
})

test('features and forbidden references', () => {
  assert.is(
    words('LD_FEATURE("SANE_EXPR") FORCE_COMMON_ALLOCATION NOCROSSREFS(.a .b) NOCROSSREFS_TO(.c .d .e)'),
    `forbidden references
  among .a .b
  to .c from .d .e
features
  SANE_EXPR
  common symbols are allocated with -r too
`,
  )
})

test.run()
