/** What comes out: kind, name, format, contents of the file. */
import { badBuildId, notCarriedOut } from '../../diag/catalogue/usage.ts'
import { choice, flag, ignored, type OptionRow, optional, refused, valued } from '../option-row.ts'

/** What is wrong with bytes in hexadecimal; undefined: they are not meant as such. */
function whyNoBytes(style: string): string | undefined {
  if (!/^0x/i.test(style)) return undefined
  const digits = style.slice(2).replace(/[-:]/g, '')
  const wrong = /[^0-9a-f]/i.exec(digits)
  if (wrong !== null) return `'${wrong[0]}' is no hex digit`
  if (digits === '') return 'there are no digits behind 0x'
  return `${digits.length} hex digits are an odd number, and every byte has two`
}

export const outputOptions: readonly OptionRow[] = [
  valued('-o --output', 'FILE', 'Write the result to FILE (default: a.out)', (_line, output) => ({ output })),
  flag('-r -i --relocatable -Ur', 'Write an object file that can be linked again', () => ({ kind: 'relocatable' })),
  flag('-shared -Bshareable', 'Write a shared object', () => ({ kind: 'shared' })),
  flag('-pie --pic-executable', 'Write a position independent executable', () => ({ kind: 'pie' })),
  flag('-no-pie --no-pic-executable', 'Write an executable for a fixed address (default)', line =>
    line.kind === 'pie' ? { kind: 'exec' } : {},
  ),
  valued('--oformat', 'FORMAT', 'Format of the output: elf64-x86-64, binary', (_line, outputFormat) => ({
    outputFormat,
  })),
  valued('-e --entry', 'ADDRESS', 'Symbol or address where the program starts', (_line, entry) => ({ entry })),
  valued('-I --dynamic-linker', 'FILE', 'Program interpreter (PT_INTERP)', (_line, dynamicLinker) => ({
    dynamicLinker,
    noDynamicLinker: false,
  })),
  flag('--no-dynamic-linker', 'Name no program interpreter', () => ({
    noDynamicLinker: true,
    dynamicLinker: undefined,
  })),
  valued('-h -soname', 'NAME', 'Name of the shared object (DT_SONAME)', (_line, soname) => ({ soname })),
  valued('-rpath', 'PATH', 'Add PATH to the run-time search path', (line, path) => ({
    rpath: line.rpath.includes(path) ? line.rpath : [...line.rpath, path],
  })),
  valued('-rpath-link', 'PATH', 'Look in PATH for what shared objects need', (line, path) => ({
    rpathLink: [...(line.rpathLink ?? []), path],
  })),
  flag('--enable-new-dtags', 'Write the run-time search path as DT_RUNPATH (default)', () => ({ newDtags: true })),
  flag('--disable-new-dtags', 'Write the run-time search path as DT_RPATH', () => ({ newDtags: false })),
  optional(
    '--build-id',
    'STYLE',
    'Note that identifies the output: none, sha1, md5, uuid, fast, sha256, 0xHEX',
    (_line, style, use) => {
      const words = ['sha1', 'md5', 'uuid', 'fast', 'sha256'] as const
      if (style === 'none') return { buildId: undefined, noBuildId: true }
      if (style === '' || style === 'tree') return { buildId: { kind: 'sha1' } }
      const word = words.find(known => known === style)
      if (word !== undefined) return { buildId: { kind: word } }
      const digits = style.replace(/^0x/i, '').replace(/[-:]/g, '')
      if (/^0x/i.test(style) && digits.length % 2 === 0 && /^([0-9a-f]{2})+$/i.test(digits))
        return {
          buildId: { kind: 'hex', bytes: Uint8Array.from(digits.match(/../g)!, pair => Number.parseInt(pair, 16)) },
        }
      use.report.add(badBuildId({ value: style, why: whyNoBytes(style) }), { kind: 'option', text: use.option })
      return {}
    },
  ),
  flag('--no-build-id', 'Write no such note', () => ({ buildId: undefined, noBuildId: true })),
  flag('--eh-frame-hdr', 'Write .eh_frame_hdr and its program header', () => ({ ehFrameHdr: true })),
  flag('--no-eh-frame-hdr', 'Do not write .eh_frame_hdr', () => ({ ehFrameHdr: false })),
  valued('--hash-style', 'STYLE', 'Hash tables of shared objects: sysv, gnu, both', (_line, value, use) => ({
    hashStyle: choice(value, ['sysv', 'gnu', 'both'], use) ?? 'gnu',
  })),
  flag('-s --strip-all', 'Leave out the symbol table and debug sections', () => ({ strip: 'all' })),
  flag('-S --strip-debug', 'Leave out debug sections', line => (line.strip === 'all' ? {} : { strip: 'debug' })),
  flag('-x --discard-all', 'Leave out local symbols', () => ({ discardLocals: 'all' })),
  flag('-X --discard-locals', 'Leave out temporary local symbols (default)', () => ({ discardLocals: 'temporary' })),
  flag('--discard-none', 'Keep all local symbols', () => ({ discardLocals: 'none', keepTemporaryLabels: true })),
  flag('-q --emit-relocs', 'Keep the relocations in the output', () => ({ emitRelocations: true })),
  flag('--relax', 'Rewrite instructions that can be shorter or faster (default)', () => ({ relax: true })),
  flag('--no-relax', 'Leave instructions as they are', () => ({ relax: false })),
  valued('--compress-debug-sections', 'STYLE', 'Compress debug sections: none, zlib, zstd', (_line, value, use) => {
    const word = choice(value, ['none', 'zlib', 'zlib-gabi', 'zlib-gnu', 'zstd'], use)
    if (word === 'zlib-gnu' || word === 'zstd') {
      const reason = word === 'zstd' ? 'Node 20 has no zstd' : 'sections named .zdebug are outdated; use zlib'
      use.report.add(notCarriedOut({ option: `${use.option}=${value}`, reason }), { kind: 'option', text: use.option })
    }
    return { compressDebug: word === 'zlib' || word === 'zlib-gabi' ? 'zlib' : 'none' }
  }),
  flag('--enable-linker-version', 'Carry out LINKER_VERSION of scripts', () => ({ enableLinkerVersion: true })),
  flag('--disable-linker-version', 'Pass over LINKER_VERSION (default)', () => ({ enableLinkerVersion: false })),
  flag('--noinhibit-exec', 'Write the output even after errors where one can be made', () => ({ noInhibitExec: true })),
  valued('--dependency-file', 'FILE', 'Write a make rule that lists every input', (_line, dependencyFile) => ({
    dependencyFile,
  })),
  flag('-EL', 'Link little-endian objects (default)', () => ({})),
  refused('-EB', 'none', 'no big-endian target is supported'),
  refused('--be8', 'none', 'no big-endian target is supported'),
  flag('--no-merge-exidx-entries', 'ARM: keep entries of .ARM.exidx that repeat the one before them', () => ({
    mergesFunctionTables: false,
  })),
  ...(['enum-size', 'wchar-size'] as const).map(topic =>
    flag(
      `--no-${topic}-warning`,
      `ARM: objects may differ in the ${topic.replace('-', ' ')} without a warning`,
      line => ({
        silentTopics: [...(line.silentTopics ?? []), topic],
      }),
    ),
  ),
  valued('--target2', 'HOW', 'ARM: what R_ARM_TARGET2 means: rel, abs, got-rel (default)', (_line, value, use) => ({
    variant: `target2=${choice(value, ['rel', 'abs', 'got-rel'], use)}`,
  })),
  refused('--target1-rel', 'none', 'R_ARM_TARGET1 is an absolute address'),
  refused('--fix-cortex-a8', 'none', 'code that Cortex-A8 gets wrong is left as it is'),
  refused('--fix-v4bx --fix-v4bx-interworking', 'none', 'bx is left as it is; compile for the processor'),
  refused('--vfp11-denorm-fix', 'required', 'code that VFP11 gets wrong is left as it is'),
  refused('--fix-stm32l4xx-629360', 'optional', 'code that STM32L4xx gets wrong is left as it is'),
  refused('--pic-veneer --long-plt', 'none', 'veneers and stubs have the form that the output needs'),
  refused('--cmse-implib', 'none', 'import libraries of secure code are not made'),
  optional('--fix-cortex-a53-843419', 'HOW', 'AArch64: change code that Cortex-A53 gets wrong', (line, value, use) => {
    if (value !== '') choice(value, ['full'], use)
    return { errata: [...(line.errata ?? []), 'cortex-a53-843419'] }
  }),
  flag('--fix-cortex-a53-835769', 'AArch64: the same for another fault of theirs', line => ({
    errata: [...(line.errata ?? []), 'cortex-a53-835769'],
  })),
  ignored('-O', 'required', 'the output does not depend on the level'),
  refused('--audit -P --depaudit', 'required', 'audit libraries are not recorded'),
  refused('-f --auxiliary', 'required', 'filters are not recorded'),
  refused('-F --filter', 'required', 'filters are not recorded'),
  refused('-Bgroup', 'none', 'DF_1_GROUP is not written'),
  refused('--package-metadata', 'required', 'no such note is written'),
  refused('--out-implib', 'required', 'import libraries are not written'),
  refused('--split-by-file --split-by-reloc', 'optional', 'output sections are not split'),
  refused('--embedded-relocs', 'none', 'concerns MIPS only'),
  refused('--task-link', 'required', 'not carried out'),
  refused('--retain-symbols-file', 'required', 'not carried out; use a version script or strip'),
  refused('--version-exports-section', 'required', 'not carried out; use a version script'),
  refused('--spare-dynamic-tags', 'required', 'not carried out'),
  refused('-fini', 'required', 'DT_FINI of another name is not carried out'),
  refused('-init', 'required', 'DT_INIT of another name is not carried out'),
]
