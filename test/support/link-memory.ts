/** Links objects in memory with a script text: for tests of what comes out. */
import type { Diagnostic } from '../../src/diag/diagnostic.ts'
import { Report } from '../../src/diag/report.ts'
import { link } from '../../src/engine/link.ts'
import { defaultRequest } from '../../src/engine/records/default-request.ts'
import type { LinkRequest } from '../../src/engine/records/request.ts'
import { MemoryHost } from '../../src/host.ts'
import { compileScripts } from '../../src/language.ts'
import { type ElfFile, readElf, sectionBytes, sectionNamed } from './elf-reader.ts'
import { input } from './load.ts'

export interface MemoryLink {
  readonly elf: ElfFile | undefined
  readonly bytes: Uint8Array | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** content of an output section */
  content(name: string): Uint8Array
}

/**
 * @example
 * const { elf } = linkMemory('SECTIONS { .text 0x1000 : { *(.text) } }', { 'a.o': object.build() })
 */
export function linkMemory(
  script: string,
  files: Readonly<Record<string, Uint8Array>>,
  options: Partial<LinkRequest> = {},
): MemoryLink {
  const report = new Report()
  const host = new MemoryHost(files)
  const facts = {
    arch: 'amd64',
    os: 'linux',
    bits: 64,
    endian: 'little',
    output: 'exec',
    dynamic: false,
    strip: 'none',
  }
  const plan = compileScripts(
    [{ kind: 'script', name: 'test.ld', text: script }],
    { searchPaths: [], defines: new Map(), facts } as unknown as Parameters<typeof compileScripts>[1],
    host,
    report,
  )
  const request: LinkRequest = {
    ...defaultRequest,
    ...options,
    plan,
    inputs: Object.keys(files).map(name => input(name)),
  }
  const result = report.failed ? undefined : link(request, host, report)
  const elf = result === undefined ? undefined : readElf(result.bytes)
  return {
    elf,
    bytes: result?.bytes,
    diagnostics: report.diagnostics,
    content(name) {
      const section = elf === undefined ? undefined : sectionNamed(elf, name)
      if (elf === undefined || section === undefined)
        throw new Error(`no section ${name}: ${report.diagnostics.map(each => each.message).join('; ')}`)
      return sectionBytes(elf, section)
    },
  }
}
