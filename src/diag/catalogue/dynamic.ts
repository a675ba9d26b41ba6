/** Shared objects, position-independent outputs, the dynamic loader's tables. Codes D8xxx. */
import { entry } from './entry.ts'

export const foreignVersionPattern = entry(
  'D8001',
  'error',
  (facts: { pattern: string; language: string }) =>
    `pattern '${facts.pattern}' of language ${facts.language} is not supported: only names of C and C++ can be compared`,
  'Patterns in extern "LANGUAGE" { } are compared with demangled names. tsld demangles C++ only. Name the mangled symbols ' +
    '(nm prints them) outside the block.',
)

export const needsPositionIndependence = entry(
  'D8002',
  'error',
  (f: { type: string; symbol: string; output: string; hint: string }) =>
    `relocation ${f.type} against ${f.symbol} can not be used when making ${f.output}; ${f.hint}`,
  `The loader may put this output at any address, and the place has no room for a relocation that it could carry out: the
code was compiled for a fixed address, or it takes for granted that a symbol is its own which another object may replace.
Compile the file with -fPIC (for a program -fPIE is enough), declare the symbol with hidden visibility, or link a program
for a fixed address (-no-pie).`,
)

export const textRelocation = entry(
  'D8003',
  'error',
  (f: { section: string }) => `read-only section \`${f.section}' has dynamic relocations, and -z text forbids that`,
  `The loader would have to write into pages that are meant to be read-only and shared. Compile with -fPIC, put the data into
a writable section (.data.rel.ro is read-only after loading), or allow it with -z notext.`,
)

export const textRelocationMade = entry(
  'D8004',
  'warning',
  (f: { section: string; output: string }) =>
    `relocation in read-only section \`${f.section}': creating DT_TEXTREL in ${f.output}`,
  `The loader has to make the section writable while it loads, its pages cannot be shared, and hardened systems refuse it.
Compile with -fPIC, or put the data into a writable section.`,
)

export const copyForbidden = entry(
  'D8005',
  'error',
  (f: { name: string; reason: string }) =>
    `the program refers directly to variable \`${f.name}' of a shared object, and it cannot be copied: ${f.reason}`,
  `Code compiled for a fixed address expects variables of shared objects inside the program, so the linker makes a copy of them
there (COPY relocation). Compile the program with -fPIC or -fPIE -mno-direct-extern-access, or give the variable its size.`,
)

export const hiddenElsewhere = entry(
  'D8006',
  'error',
  (f: { name: string }) => `hidden symbol \`${f.name}' is defined in a shared object only`,
  `An object declares the symbol with hidden visibility, which promises that the output itself defines it. The only definition
is in a shared object. Link the object that defines it, or declare it with default visibility.`,
)

export const hiddenUndefined = entry(
  'D8007',
  'error',
  (f: { name: string }) => `hidden symbol \`${f.name}' isn't defined`,
  'A symbol with hidden, internal or protected visibility must be defined in the output itself: the loader never looks it up.',
)

export const sharedUndefined = entry(
  'D8008',
  'error',
  (f: { name: string }) => `undefined reference to \`${f.name}'`,
  `A shared object refers to the name, and neither the program nor any library that the shared object needs defines it. Link the
library that does, or let the loader find out with --allow-shlib-undefined.`,
)

export const neededNotFound = entry(
  'D8009',
  'warning',
  (f: { name: string; by: string }) => `${f.name}, needed by ${f.by}, not found (try using -rpath or -rpath-link)`,
  'A shared object names another one that it needs (DT_NEEDED). Without it undefined symbols of shared objects cannot be checked.',
)

export const undefinedVersion = entry(
  'D8010',
  'error',
  (f: { name: string }) => `symbol \`${f.name}' has a version that the version script does not define`,
  'A definition says its version with .symver. Add a node of that name to the version script (--version-script).',
)

export const threadModelNeedsProgram = entry(
  'D8011',
  'error',
  (f: { type: string; symbol: string; output: string }) =>
    `relocation ${f.type} against ${f.symbol} can not be used when making ${f.output}: the offset from the thread pointer is not known`,
  `The local-exec model of thread-local storage is for variables of the program itself. Compile with -fPIC (or with
-ftls-model=initial-exec), so that the offset is read from the GOT.`,
)

export const outOfReachStub = entry(
  'D8012',
  'error',
  (f: { section: string }) => `${f.section} cannot reach .got.plt: they lie more than 2 GiB apart`,
  'Stubs address their slots with 32 bits. Place .plt, .got and .got.plt within 2 GiB of each other.',
)

export const hiddenReferenced = entry(
  'D8013',
  'error',
  (f: { name: string; by: string }) => `hidden symbol \`${f.name}' is referenced by shared object ${f.by}`,
  `The shared object expects the program to define the name, but the definition is hidden: the loader will not find it. Give it
default visibility.`,
)

export const keywordWithoutEffect = entry(
  'D8015',
  'warning',
  (f: { word: string; arch: string }) => `-z ${f.word} has no effect on ${f.arch}`,
  `The word asks for stubs that only another architecture has. The stubs of the output are the usual ones.`,
)

export const protectedCopied = entry(
  'D8014',
  'warning',
  (f: { name: string }) => `copying protected variable \`${f.name}' of a shared object into the program is dangerous`,
  `The shared object goes on using its own variable, the program uses its copy: they may differ. Compile the program with
-fPIC or -mno-direct-extern-access, or give the variable default visibility in the shared object.`,
)
