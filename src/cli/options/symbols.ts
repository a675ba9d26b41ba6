/** Which symbols are asked for, defined, wrapped, exported, and what happens when one is missing or doubled. */
import { badDefinition } from '../../diag/catalogue/usage.ts'
import { choice, cutPair, flag, ignored, type OptionRow, optional, refused, valued } from '../option-row.ts'

export const symbolOptions: readonly OptionRow[] = [
  valued('-u --undefined', 'SYMBOL', 'Ask for SYMBOL, so that archives give it', (line, name) => ({
    undefinedSymbols: [...line.undefinedSymbols, name],
  })),
  valued('--require-defined', 'SYMBOL', 'As -u, and an error if it is not defined in the end', (line, name) => ({
    requireDefined: [...line.requireDefined, name],
  })),
  valued('--defsym', 'SYMBOL=EXPRESSION', 'Define a symbol', (line, text, use) => {
    if (cutPair(text) !== undefined) return { pieces: [...line.pieces, { kind: 'defsym', text }] }
    const form = 'SYMBOL=EXPRESSION'
    use.report.add(badDefinition({ option: use.option, value: text, form }), { kind: 'option', text: use.option })
    return {}
  }),
  valued(
    '--wrap',
    'SYMBOL',
    'Turn references to SYMBOL into __wrap_SYMBOL, and __real_SYMBOL into SYMBOL',
    (line, name) => ({
      wrap: [...line.wrap, name],
    }),
  ),
  flag('-d -dc -dp', 'Give common symbols space even with -r', () => ({ defineCommon: true })),
  optional(
    '--sort-common',
    'ORDER',
    'Sort common symbols by alignment: ascending, descending',
    (_line, value, use) => ({
      sortCommon: value === '' ? 'descending' : choice(value, ['ascending', 'descending'], use),
    }),
  ),
  flag('-E --export-dynamic', 'Put all global symbols into the dynamic symbol table', () => ({ exportDynamic: true })),
  flag('--no-export-dynamic', 'Undo --export-dynamic', () => ({ exportDynamic: false })),
  valued('--export-dynamic-symbol', 'SYMBOL', 'Put this symbol into the dynamic symbol table', (line, name) => ({
    exportSymbols: [...line.exportSymbols, name],
  })),
  valued('--dynamic-list', 'FILE', 'Read a list of symbols to export', (line, path, use) => ({
    listedOnly: true,
    pieces: [...line.pieces, { kind: 'dynamic-list', option: use.option, path }],
  })),
  valued('--export-dynamic-symbol-list', 'FILE', 'Read a list of symbols to export', (line, path, use) => ({
    pieces: [...line.pieces, { kind: 'dynamic-list', option: use.option, path }],
  })),
  valued('--version-script', 'FILE', 'Read symbol versions and what is local', (line, path, use) => ({
    pieces: [...line.pieces, { kind: 'version-script', option: use.option, path }],
  })),
  flag('-Bsymbolic', 'Bind references inside a shared object to its own symbols', () => ({ symbolic: 'all' })),
  flag('-Bsymbolic-functions', 'The same for functions only', () => ({ symbolic: 'functions' })),
  flag('-Bno-symbolic', 'Undo -Bsymbolic', () => ({ symbolic: 'none' })),
  flag('--no-undefined', 'Undefined symbols are errors in shared objects too', line => ({
    unresolved: 'error',
    keywords: [...line.keywords, 'defs'],
  })),
  valued(
    '--unresolved-symbols',
    'METHOD',
    'ignore-all, report-all, ignore-in-object-files, ignore-in-shared-libs',
    (_line, value, use) => {
      const methods = ['ignore-all', 'report-all', 'ignore-in-object-files', 'ignore-in-shared-libs'] as const
      const method = choice(value, methods, use)
      const ignores = method === 'ignore-all' || method === 'ignore-in-object-files'
      return {
        unresolved: ignores ? 'ignore' : 'error',
        allowSharedUndefined: method === 'ignore-all' || method === 'ignore-in-shared-libs',
      }
    },
  ),
  flag('--allow-shlib-undefined', 'Undefined symbols in shared objects are no errors', () => ({
    allowSharedUndefined: true,
  })),
  flag('--no-allow-shlib-undefined', 'They are errors in programs (default)', () => ({ allowSharedUndefined: false })),
  flag('--warn-unresolved-symbols', 'Undefined symbols are warnings', () => ({ unresolved: 'warn' })),
  flag('--error-unresolved-symbols', 'Undefined symbols are errors (default)', () => ({ unresolved: 'error' })),
  flag('--allow-multiple-definition', 'The first definition of a symbol counts; no error', () => ({
    allowMultipleDefinition: true,
  })),
  flag('--no-allow-multiple-definition', 'Two definitions of a symbol are an error (default)', () => ({
    allowMultipleDefinition: false,
  })),
  flag('--warn-common', 'Warn when common symbols are merged', () => ({ warnCommon: true })),
  flag('--no-warn-common', 'Do not warn about common symbols (default)', () => ({ warnCommon: false })),
  valued('-y --trace-symbol', 'SYMBOL', 'Print every file that mentions SYMBOL', (line, name) => ({
    traceSymbols: [...line.traceSymbols, name],
  })),
  optional('--demangle', 'STYLE', 'Show C++ names in messages as written (default)', () => ({ demangle: true })),
  flag('--no-demangle', 'Show C++ names in messages as they are in the files', () => ({ demangle: false })),
  refused('--ignore-unresolved-symbol', 'required', 'not carried out; define the symbol with --defsym'),
  refused('--no-define-common', 'none', 'common symbols always get space in a final link'),
  refused(
    '--dynamic-list-data --dynamic-list-cpp-new --dynamic-list-cpp-typeinfo',
    'none',
    'not carried out; give --dynamic-list',
  ),
  refused('--default-symver --default-imported-symver', 'none', 'not carried out; give --version-script'),
  ignored('--undefined-version --no-undefined-version', 'none', 'only a check of version scripts'),
  ignored(
    '--copy-dt-needed-entries --no-copy-dt-needed-entries',
    'none',
    'the libraries of shared libraries are not searched for symbols',
  ),
  ignored('--disable-multiple-abs-defs', 'none', 'only a check of -R'),
  ignored('-a', 'required', 'HP/UX compatibility'),
]
