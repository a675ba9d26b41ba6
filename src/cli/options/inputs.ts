/** What is linked: files, libraries, search paths and the positional switches that change how inputs are taken. */
import { badChoice, unbalanced } from '../../diag/catalogue/usage.ts'
import type { CommandLine } from '../command-line.ts'
import { flag, type OptionRow, refused, valued } from '../option-row.ts'

const state = (line: CommandLine, change: Partial<CommandLine['state']>): Partial<CommandLine> => ({
  state: { ...line.state, ...change },
})

/** -Bstatic alone also means -static on some targets' drivers; -Bdynamic takes that back. */
function searchStatic(line: CommandLine, atStart: boolean): Partial<CommandLine> {
  return { ...state(line, { staticOnly: true }), isStatic: line.isStatic || atStart }
}

export const inputOptions: readonly OptionRow[] = [
  valued('-l --library', 'NAME', 'Search for library NAME (-l:FILE for that file name)', (line, name, use) => {
    use.inputs.add({ kind: 'library', name, state: line.state })
    return {}
  }),
  valued(
    '-L --library-path',
    'DIR',
    'Add DIR to the library search path; = and $SYSROOT stand for the sysroot',
    (line, path) => ({
      searchPaths: [...line.searchPaths, path],
    }),
  ),
  valued('--sysroot', 'DIR', 'Folder that = in -L and SEARCH_DIR stands for', (_line, sysroot) => ({ sysroot })),
  flag('-nostdlib', 'Search only the folders of -L', () => ({ noStandardPaths: true })),
  flag('-( --start-group', 'Open a group of archives that are searched until nothing new is found', (_line, use) => {
    if (use.inputs.groupIsOpen)
      use.report.add(unbalanced({ option: 'a second --start-group', partner: '--end-group before it' }), {
        kind: 'option',
        text: use.option,
      })
    else use.inputs.openGroup()
    return {}
  }),
  flag('-) --end-group', 'Close the group', (_line, use) => {
    if (!use.inputs.groupIsOpen)
      use.report.add(unbalanced({ option: '--end-group', partner: '--start-group' }), {
        kind: 'option',
        text: use.option,
      })
    use.inputs.closeGroup()
    return {}
  }),
  flag('--whole-archive', 'Take every member of the archives that follow', line => state(line, { wholeArchive: true })),
  flag('--no-whole-archive', 'Take members of archives as needed again', line => state(line, { wholeArchive: false })),
  flag('--as-needed', 'Record shared libraries that follow only if they are used', line =>
    state(line, { asNeeded: true }),
  ),
  flag('--no-as-needed', 'Record every shared library that follows', line => state(line, { asNeeded: false })),
  flag('-static', 'Use no shared libraries', line => ({ ...state(line, { staticOnly: true }), isStatic: true })),
  flag('-Bstatic -dn -non_shared', 'Search libNAME.a only, from here on', (line, use) =>
    searchStatic(line, use.inputs.all.length === 0 && !use.inputs.groupIsOpen),
  ),
  flag('-Bdynamic -dy -call_shared', 'Search libNAME.so as well, from here on', line =>
    state(line, { staticOnly: false }),
  ),
  flag('--push-state', 'Remember the positional switches', line => ({
    savedStates: [...line.savedStates, line.state],
  })),
  flag('--pop-state', 'Restore the positional switches', (line, use) => {
    const saved = line.savedStates.at(-1)
    if (saved !== undefined) return { state: saved, savedStates: line.savedStates.slice(0, -1) }
    use.report.add(unbalanced({ option: '--pop-state', partner: '--push-state' }), { kind: 'option', text: use.option })
    return {}
  }),
  valued(
    '-b --format',
    'FORMAT',
    'Format of the inputs that follow: elf64-x86-64, default, binary',
    (line, value, use) => {
      if (value === 'binary') return state(line, { format: 'binary' })
      if (value === 'default' || /^elf(32|64)-/.test(value)) return state(line, { format: 'elf' })
      use.report.add(badChoice({ option: use.option, value, choices: ['default', 'elf64-x86-64', 'binary'] }), {
        kind: 'option',
        text: use.option,
      })
      return {}
    },
  ),
  valued('-R --just-symbols', 'FILE', 'Take the symbols of FILE and none of its contents', (line, path, use) => {
    use.inputs.add({ kind: 'file', path, state: { ...line.state, justSymbols: true } })
    return {}
  }),
  valued('-m', 'EMULATION', 'Machine and format to link for, such as elf_x86_64', (_line, emulation) => ({
    emulation,
  })),
  valued('--exclude-libs', 'NAMES', 'Hide the symbols of these archives (ALL: of every one)', (line, names) => ({
    excludeLibs: [...line.excludeLibs, ...names.split(/[,:]/).filter(name => name !== '')],
  })),
  flag('--no-warn-mismatch', 'Do not complain about inputs that do not fit together', () => ({ noWarnMismatch: true })),
  flag('--warn-mismatch', 'Complain about inputs that do not fit together (default)', () => ({
    noWarnMismatch: false,
  })),
  refused('-c --mri-script', 'required', 'MRI scripts are not read; write a GNU linker script'),
  refused('--error-handling-script', 'required', 'no program is started for undefined symbols'),
  refused('--section-ordering-file', 'required', 'not carried out yet; order sections in the script'),
  refused('--remap-inputs --remap-inputs-file', 'required', 'inputs are taken as named'),
]
