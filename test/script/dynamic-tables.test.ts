/** @dynamic, sorted output sections, and what headers and segments say depending on sections. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan } from '../../src/plan/describe.ts'
import { compile, planOf } from './support.ts'

const words = (text: string): string => describePlan(planOf(`@tsld 1; ${text}`, {}), false)

const first = (text: string): string => compile(`@tsld 1;\n${text}`).messages[0] ?? 'no diagnostic'

test('@dynamic: every entry, from several statements', () => {
  assert.is(
    words(`@dynamic { hash : sysv buckets_by_bits oldest_first; tags : NEEDED, HASH, IMPLICIT_NEEDED; spare_tags : 1;
        strings : apart; tables : always; got : from .got, empty_first_slot; }
      @dynamic { imports : by_use as_objects; exports : plain; export_index : 11 .text .init; versions : oldest_first
        plain_when_none; relocations : as_met slots_for_words; copies : never; stubs : lazy_only; }`),
    `dynamic tables
  hash tables: sysv
  tags: NEEDED HASH IMPLICIT_NEEDED
  empty tags at the end: 1
  the GOT starts at .got
  exports of .text show section 11
  exports of .init show section 11
  as many hash buckets as the number of symbols has bits, and one
  hash chains by age
  imports in the order of their use
  imports shown as objects
  exports shown as functions and objects without size
  no string is shared
  empty tables stay
  version tables stay when there is no version
  needed versions by age
  relocations in the order they were met
  words with the address of an import are relocated like those of the GOT
  the first word of .got.plt is zero
  no copied variables
  every stub has a slot in .got.plt
`,
  )
})

test('@dynamic: mistakes', () => {
  assert.match(first('@dynamic { hush : sysv; }'), /S1318 @dynamic hush: expected one of hash, imports/)
  assert.match(first('@dynamic { hash : sysvr4; }'), /S1318 @dynamic hash: expected sysv, gnu, both/)
  assert.match(first('@dynamic { tags : NEEDED, NEEDLESS; }'), /NEEDLESS is none/)
  assert.match(first('@dynamic { spare_tags : many; }'), /a number of entries/)
  assert.match(first('@dynamic;'), /a block of entries/)
})

test('@sort around output sections, tables that stay with others, what headers show', () => {
  assert.is(
    words(`SECTIONS { @sort (size, name) { .b : { *(.b) } .a : { @show_align contents; *(.a) } } @sort (name) {
        .c : { @always rela a when .dynamic; @link .dynsym; @info 0; @entsize 4; *(.c) } } }`),
    `statements
  section .b, sorted by size, name in group 1
    *(.b)
  section .a, shows the alignment of its contents, sorted by size, name in group 1
    *(.a)
  section .c, then of type 4, then with flags 0x2, entries of 4 bytes, even when empty if there is .dynamic, sh_link .dynsym, sh_info 0, sorted by name in group 2
    *(.c)
`,
  )
})

test('@symbol_table: sections of objects as symbols, no imports', () => {
  assert.is(
    words('@symbol_table { imports : omitted; containers : unless .gopclntab; }'),
    `file
  a symbol for each data section of objects without .gopclntab
  symbols that are defined elsewhere are left out
`,
  )
})

test('segments that depend on sections, sections padded up to the next thing', () => {
  assert.is(
    words(`@segment a tls (r) size 16 when .dynamic unless .tdata unless .tbss { }
      SECTIONS { . = 64; @reserve 32 padded { .n : ALIGN(4) { *(.n) } .i : { *(.i) } } }`),
    `segments
  a: tls, flags r--, size 0x10, only with .dynamic, not with .tdata .tbss
statements
  . = 0x40
  section .n, at 0x40 + 0x20 - SIZEOF (.i) - SIZEOF (.n), aligned to 4, (0x40 + 0x20 - SIZEOF (.i)) % 4 bytes more at the end
    *(.n)
  section .i, at 0x40 + 0x20 - SIZEOF (.i)
    *(.i)
  . = 0x40 + 0x20
  assert 0x40 + 0x20 - SIZEOF (.i) - SIZEOF (.n) >= 0x40 + SIZEOF_HEADERS: "the headers and the sections behind them do not fit into the reserved 32 bytes"
`,
  )
})

test.run()
