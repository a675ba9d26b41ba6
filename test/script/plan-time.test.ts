/** Parameters, constants, conditions, loops, macros and names with values. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan } from '../../src/plan/describe.ts'
import { compile, planOf, type Setting } from './support.ts'

function words(text: string, setting: Setting = {}): string {
  return describePlan(planOf('@tsld 1; ' + text, setting), false).replace(/^statements\n/, '')
}

function first(text: string, setting: Setting = {}): string {
  return compile('@tsld 1;\n' + text, setting).messages[0] ?? 'no diagnostic'
}

test('constants make no symbol and count as numbers', () => {
  assert.is(
    words('@const A : size = 2 * 64KiB; @const B = A > 1M; x = A + "A"; y = B;'),
    '  x = 0x20000 + A\n  y = 0\n',
  )
})

test('parameters: default, -D, types', () => {
  const text = `@param N : int = 3; @param ON = false; @param S = "a"; @if (ON) { x = N; } @else { s_\${S} = N; }`
  assert.is(words(text), '  s_a = 3\n')
  assert.is(words(text, { defines: { N: '0x10', ON: 'true' } }), '  x = 0x10\n')
  assert.is(words(text, { defines: { S: 'b', N: '4K' } }), '  s_b = 0x1000\n')
  assert.match(first(text, { defines: { N: 'many' } }), "S1306 -D N: expected int, found 'many'")
  assert.match(
    first(text, { defines: { NN: '1' } }),
    "S1309 -D NN: the script has no parameter of that name; did you mean 'N'?",
  )
  assert.match(first('@param N : int;'), /t\.ld:2:8 S1308/)
  assert.match(first('@param N : number = 1;'), /S1307 number is no type/)
  assert.match(first('@param N : int = "x";'), /2:18 S1306 parameter N: expected int, found string/)
  assert.match(first('@const N = 1; @const N = 2;'), /2:22 S1311/)
})

test('conditions on facts of the target', () => {
  const text =
    '@if (os == "netbsd" && bits == 64) { a = 1; } @else @if (output == "pie" || dynamic) { b = 1; } @else { c = 1; }'
  assert.is(words(text), '  c = 1\n')
  assert.is(words(text, { facts: { os: 'netbsd' } }), '  a = 1\n')
  assert.is(words(text, { facts: { dynamic: true } }), '  b = 1\n')
  assert.match(first('@if (oss == "x") { }'), /S1304 oss .* did you mean 'os'\?/)
  assert.match(first('@if (bits == "64") { }'), /S1306/)
})

test('values of the layout have no place in decisions', () => {
  assert.match(
    first('@if (SIZEOF(.text) > 4K) { }'),
    /2:6 S1305 the condition of @if is decided before the layout, but SIZEOF\(\.text\)/,
  )
  assert.match(first('@const X = .;'), /S1305 constant X .*the location counter/)
  assert.match(first('@const X = ADDR(.a) + 1;'), /S1305/)
  assert.match(first('@const X = 1 / 0;'), /S1322/)
})

test('functions that can be computed now, and the same in the layout', () => {
  assert.is(
    words(
      '@const A = align_down(0x1234, 0x100) + pow2ceil(5) + clamp(9, 1, 3) + MAX(1, 2); x = A; y = align_down(., 8);',
    ),
    '  x = 0x120d\n  y = . - . % 8\n',
  )
  assert.is(
    words('SECTIONS { .a : {} } z = end(.a); s = section_start(.text, 0x100);'),
    '  section .a\n  z = ADDR (.a) + SIZEOF (.a)\n  s = section_start (.text, 0x100)\n',
  )
  assert.match(first('x = crc32(.text);'), /S1317 the function crc32 is not carried out/)
})

test('loops and names with values', () => {
  assert.is(
    words(
      `SECTIONS { @for (i in 0 .. 2) { .bank\${i} : { *(.bank\${i}.*) } } @for (s in "a", "b") { \${s}_end = .; } }`,
    ),
    '  section .bank0\n    *(.bank0.*)\n  section .bank1\n    *(.bank1.*)\n  section .bank2\n    *(.bank2.*)\n  a_end = .\n  b_end = .\n',
  )
  assert.is(words('@for (i in 3 .. 2) { x = 1; } y = 1;'), '  y = 1\n')
  assert.match(first('@for (i in 0 .. 1M) { x = 1; }'), /S1312/)
})

test('macros: arguments, defaults, scopes, levels', () => {
  assert.is(
    words(`@const K = 2;
      @define code(name, where = "R") { .\${name} : { *(.\${name}.*) x\${K} = .; } }
      @define twice() body { BYTE(1) BYTE(K) }
      @use code("fast");
      SECTIONS { @use code("slow", "S"); .t : { @use twice(); } }`),
    `  section .fast
    *(.fast.*)
    x2 = .
  section .slow
    *(.slow.*)
    x2 = .
  section .t
    1 bytes: 1
    1 bytes: 2
`,
  )
  assert.match(first('@define f(a) { } @use f();'), /S1315 f takes 1 arguments, but 0 were given/)
  assert.match(first('@define foo() { } @use fop();'), /S1313 .* did you mean 'foo'\?/)
  assert.match(first('@define f() { @use f(); } @use f();'), /S1314/)
  assert.match(first('@define f() body { BYTE(1) } SECTIONS { @use f(); }'), /S1316 @use f cannot stand in SECTIONS/)
})

test('what is not carried out is named', () => {
  assert.match(first('@budget FLASH 95;'), /S1317 @budget is not carried out/)
  assert.match(first('@fill A with 0xff;'), /S1317 @fill is not carried out/)
  assert.match(first('SECTIONS { .a : { *(.b) @where (size > 1) } }'), /S1317 @where/)
  assert.match(
    first('SECTIONS { @osabi linux; }'),
    /S1316 @osabi cannot stand in SECTIONS; it belongs at the top level/,
  )
})

test('the language version', () => {
  assert.match(compile('x = 1; @const Y = 2;').messages[0], /S1009/)
  assert.match(compile('@tsld 2; x = 1;').messages[0], /S1302 language version 2/)
  assert.equal(compile('@tsld 1; x = 1;').messages, [])
})

test('constants in all kinds of blocks', () => {
  assert.is(
    describePlan(
      planOf(`@tsld 1; @const N = 2; MEMORY { @for (i in 1 .. N) { RAM\${i} : ORIGIN = i * 1M, LENGTH = 1M } }
        PHDRS { @if (N == 2) { t PT_LOAD; } } VERSION { @if (true) { V1 { global: a; }; } }
        SECTIONS { @for (i in 1 .. N) { .o\${i} : { @if (i == 2) { BYTE(i) } } } }`),
      false,
    )
      .split('\n')
      .filter(line => /RAM|t:|V1|section|bytes:/.test(line))
      .join('\n'),
    `  RAM1: from 1 * 0x100000, 0x100000 bytes
  RAM2: from 2 * 0x100000, 0x100000 bytes
  t: load
  section .o1
  section .o2
    1 bytes: 2
  V1`,
  )
})

test.run()
