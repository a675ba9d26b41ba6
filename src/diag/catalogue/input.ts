/** Mistakes and damage found while input files are opened and read. */
import { entry } from './entry.ts'

export const cannotFindFile = entry(
  'I2001',
  'error',
  (f: { path: string; detail: string }) => `cannot find ${f.path}: ${f.detail}`,
  'A file named on the command line or by INPUT, GROUP or STARTUP in a script cannot be opened. Names in a script are looked for in the current folder, then beside the script, then in the -L folders.',
)

export const isDirectory = entry(
  'I2002',
  'error',
  (f: { path: string }) => `${f.path} is a directory, expected an object file, an archive or a linker script`,
  'An input names a directory. To search a directory for libraries, write -L DIR.',
)

export const cannotFindLibrary = entry(
  'I2003',
  'error',
  (f: { name: string; tried: string }) => `cannot find -l${f.name}: No such file or directory (looked for ${f.tried})`,
  'No folder of the search path (-L, SEARCH_DIR) holds the library. With -static or -Bstatic only libNAME.a counts. `-l:FILE` looks for that very file name.',
)

export const unknownFormat = entry(
  'I2004',
  'error',
  (f: { found: string }) => `file format not recognized: ${f.found}`,
  'The file is neither an ELF file, nor an archive (`!<arch>` or `!<thin>`), nor a text that could be a linker script. For raw data write `-b binary FILE`.',
)

export const wrongMachine = entry(
  'I2005',
  'error',
  (f: { found: string; expected: string }) =>
    `this file is for ${f.found}, but the output is ${f.expected}: incompatible with the output`,
  'Objects of different machines, sizes (32 and 64 bit) or byte orders cannot be linked together.',
)

export const unsupportedMachine = entry(
  'I2006',
  'error',
  (f: { found: string }) => `this file is for ${f.found}, a machine that tsld does not link for`,
  'The first object decides the architecture when -m does not, and this one is for a machine that is not supported.',
)

export const notRelocatable = entry(
  'I2007',
  'error',
  (f: { found: string }) => `cannot use this file as input: it is ${f.found}, expected a relocatable object (ET_REL)`,
  'Programs and core files are results, not inputs. To take only the symbol values of a linked program, write --just-symbols=FILE.',
)

export const damagedHeader = entry(
  'I2010',
  'error',
  (f: { field: string; found: string; expected: string }) =>
    `damaged ELF header: ${f.field} is ${f.found}, expected ${f.expected}`,
  'The ELF header at the start of the file contradicts the file. The file is probably truncated or was damaged in transfer; build it again.',
)

export const damagedSection = entry(
  'I2011',
  'error',
  (f: { index: number; field: string; found: string; expected: string }) =>
    `damaged section header ${f.index}: ${f.field} is ${f.found}, expected ${f.expected}`,
  'A section header contradicts the file or another header. The file is probably truncated or was damaged; build it again.',
)

export const damagedSymbol = entry(
  'I2012',
  'error',
  (f: { index: number; field: string; found: string; expected: string }) =>
    `damaged symbol ${f.index}: ${f.field} is ${f.found}, expected ${f.expected}`,
  'An entry of the symbol table contradicts the section headers or the string table. Build the file again.',
)

export const damagedRelocation = entry(
  'I2013',
  'error',
  (f: { index: number; field: string; found: string; expected: string }) =>
    `damaged relocation ${f.index}: ${f.field} is ${f.found}, expected ${f.expected}`,
  'A relocation names a symbol that is not in the symbol table, or a place outside its section. Build the file again.',
)

export const damagedGroup = entry(
  'I2014',
  'error',
  (f: { index: number; problem: string }) => `damaged section group ${f.index}: ${f.problem}`,
  'A SHT_GROUP section contradicts the section headers or the symbol table. Build the file again.',
)

export const damagedArchive = entry(
  'I2020',
  'error',
  (f: { offset: number; problem: string }) => `damaged archive at offset ${f.offset}: ${f.problem}`,
  'The archive is truncated or was damaged. Make it again with `ar rcs`.',
)

export const thinMemberMissing = entry(
  'I2021',
  'error',
  (f: { path: string; detail: string }) => `cannot open ${f.path}, a member of this thin archive: ${f.detail}`,
  'A thin archive holds names of files only; the files must still be where they were when it was made.',
)

export const sharedInStatic = entry(
  'I2030',
  'error',
  (f: { path: string }) => `attempted static link of dynamic object \`${f.path}'`,
  'A shared object was given to a link that must be static (-static, -r). Name the static library (.a) instead.',
)

export const slimObject = entry(
  'I2031',
  'error',
  () =>
    'this object holds compiler intermediate code only (-flto without -ffat-lto-objects); link-time optimization is not supported',
  'The file was compiled for link-time optimization and contains no machine code. Compile it without -flto or with -ffat-lto-objects.',
)

export const damagedShared = entry(
  'I2032',
  'error',
  (f: { problem: string }) => `damaged shared object: ${f.problem}`,
  'The dynamic symbol table or the dynamic section of a shared object contradicts the file.',
)

export const unsupportedInput = entry(
  'I2040',
  'error',
  (f: { what: string }) => `${f.what} is not supported`,
  'The input asks for something that is not carried out. It is named so that nothing is silently wrong.',
)

export const noInputFiles = entry(
  'I2041',
  'error',
  () => 'no input files',
  'Nothing to link: name at least one object, archive or binary.',
)

export const inputScriptCycle = entry(
  'I2045',
  'error',
  (f: { chain: readonly string[] }) => `this script names itself as an input: ${f.chain.join(' -> ')}`,
  'INPUT or GROUP of a script among the inputs names a file that is that script again. Name the library itself: its file, or -l with the folder where it lies.',
)

export const readAsScript = entry(
  'I2044',
  'note',
  (f: { file: string }) => `${f.file}: file format not recognized; treated as a linker script`,
  `A file on the command line that is no object, no archive and no shared object is read as a linker script that adds to
the layout, as GNU ld does: libc.so of glibc is such a text. If it should be an object, it is damaged or of another format.`,
)
