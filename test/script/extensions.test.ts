/** @segment and the other statements that lower to parts of the plan GNU text cannot say. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describePlan } from '../../src/plan/describe.ts'
import { compile, planOf, type Setting } from './support.ts'

function words(text: string, setting: Setting = {}): string {
  return describePlan(planOf('@tsld 1; ' + text, setting), false)
}

function first(text: string): string {
  return compile('@tsld 1;\n' + text).messages[0] ?? 'no diagnostic'
}

test('@segment places sections and makes program headers in order', () => {
  assert.is(
    words(`@segment text load (rx) at 0x400000 align 4K {
        @headers;
        .text : { *(.text) }
        @segment notes note (r) { .note.a : { *(.note.a) } }
      }
      @segment data load (rw) align 4K { .data : { *(.data) } .tbss : { *(.tbss) } .bss : { *(.bss) } }
      @segment tls tls (r) { .tdata .tb* }
      @segment stack gnu_stack (rw) { }
      @segment pax 0x65041580 flags 0x2a00 { }
      @segment thread tls (r) size 16 { }`),
    `segments
  text: load, flags r-x, with the ELF header, with the program headers, align 0x1000
  notes: note, flags r--
  data: load, flags rw-, align 0x1000
  tls: tls, flags r--, left out when empty
  stack: gnu_stack, flags rw-
  pax: type 0x65041580, flags 0x2a00
  thread: tls, flags r--, size 0x10
statements
  . = 0x400000
  . = . + SIZEOF_HEADERS
  section .text, segments text
    *(.text)
  section .note.a, segments text notes
    *(.note.a)
  . = ALIGN (0x1000)
  section .data, segments data
    *(.data)
  section .tbss, segments data tls
    *(.tbss)
  section .bss, segments data
    *(.bss)
`,
  )
})

test('further segments of sections that inherit theirs', () => {
  assert.is(
    words('PHDRS { d PT_LOAD; } SECTIONS { .a : {} :d .b : {} .c : {} } @segment relro gnu_relro (r) { .b }')
      .split('\n')
      .filter(line => line.includes('section'))
      .join('\n'),
    '  section .a, segments d\n  section .b, segments d relro\n  section .c, segments d',
  )
})

test('@segment: mistakes', () => {
  assert.match(first('@segment a load (rz) { }'), /2:17 S1318 @segment: expected flags of r, w and x/)
  assert.match(first('@segment a laod (r) { }'), /2:12 S1210 laod is no known .* 'load'/)
  assert.match(first('@segment a load (r) near 5 { }'), /2:21 S1318 @segment: expected at, align/)
  assert.match(first('@segment a load { } @segment a load { }'), /S1319 there is a segment a already/)
  assert.match(first('@segment a load (r) { .a : {} } @segment b load (r) { @headers; .b : {} }'), /2:33 S1212/)
  assert.match(first('SECTIONS { @headers; }'), /S1318 @headers: expected an @segment around it/)
})

test('@interp stands in front of the loaded segments and vanishes when no loader is needed', () => {
  const text = '@segment text load (rx) { @interp "/lib/ld.so"; .text : {} }'
  assert.is(
    words(text),
    `interpreter /lib/ld.so
segments
  interp: interp, flags r--, left out when empty
  text: load, flags r-x
statements
  section .interp, segments text interp
    *(.interp)
  section .text, segments text
`,
  )
})

test('@note and @build_id', () => {
  assert.is(
    words('SECTIONS { @note .note.netbsd.ident "NetBSD" type 1 { LONG(599000000) BYTE(7) } @build_id; }'),
    `statements
  section .note.netbsd.ident, type 7, aligned to 4, then with flags 0x2
    4 bytes: 7
    4 bytes: 5
    4 bytes: 1
    bytes 4e 65 74 42 53 44 00 00
    4 bytes: 0x23b403c0
    1 bytes: 7
    bytes 00 00 00
  section .note.gnu.build-id
    *(.note.gnu.build-id)
`,
  )
  assert.match(first('SECTIONS { @note .n "A" type 1 { *(.x) } }'), /S1321/)
})

test('@reserve packs sections against the end of an area', () => {
  assert.is(
    words(
      'SECTIONS { . = 0x400000; @reserve 0xc00 { .note : ALIGN(4) { *(.note) } .interp : { *(.interp) } } .text : {} }',
    ),
    `statements
  . = 0x400000
  section .note, at 0x400000 + 0xc00 - SIZEOF (.interp) - SIZEOF (.note) & 0xfffffffffffffffc, aligned to 4
    *(.note)
  section .interp, at 0x400000 + 0xc00 - SIZEOF (.interp)
    *(.interp)
  . = 0x400000 + 0xc00
  assert (0x400000 + 0xc00 - SIZEOF (.interp) - SIZEOF (.note) & 0xfffffffffffffffc) >= 0x400000 + SIZEOF_HEADERS: "the headers and the sections behind them do not fit into the reserved 3 KiB"
  section .text
`,
  )
  assert.match(first('SECTIONS { .a : {} @reserve 4K { } }'), /S1320/)
})

test('what the file looks like around the segments', () => {
  assert.is(
    words(`@osabi freebsd; @machine_flags 0x5000002; @page_size 4K; @entry _rt0 else _start;
      @section_headers behind program_headers else end; @headers_last { .note.a .note.b }
      @unloaded align 4K packed { .symtab .strtab .debug_* }
      @section_name_order when .symtab { .symtab .strtab }
      @symbol_table { first : text, etext; data : newest; code : address; types : plain; weak : global; }`),
    `entry _rt0 or else _start
page size 0x1000
OSABI 9
machine flags 0x5000002
file
  section headers behind the program headers, at the end when they do not fit
  last headers: .note.a .note.b
  what is not loaded starts at a multiple of 0x1000
  not loaded, in this order: .symtab .strtab .debug_*
  not loaded: without gaps
  section names when there is .symtab: .symtab .strtab
  first symbols: text etext
  symbols of data: newest first
  symbols of code by address
  symbols are functions or objects only
  weak symbols are shown as global
`,
  )
})

test('properties of output sections, and order of their contents', () => {
  assert.is(
    words(`@const W = 8; SECTIONS { .a : { @always progbits ax; @show_align W; @not_allocated;
      @sort (size, name) { *(.a .a.*) *(EXCLUDE_FILE(x.o) .b) } *(.c) } }`),
    `statements
  section .a, even when empty, then of type 1, then with flags 0x6, shows alignment 8, not allocated
    *(.a by size, name .a.* by size, name)
    *(EXCLUDE_FILE(x.o) .b by size, name)
    *(.c)
`,
  )
  assert.match(first('SECTIONS { .a : { @always nothing; } }'), /S1318 @always: expected a section type/)
  assert.match(first('SECTIONS { .a : { @sort (weight) { *(.a) } } }'), /weight/)
})

test.run()
