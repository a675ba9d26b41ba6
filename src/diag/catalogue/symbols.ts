/** Mistakes in what symbols mean: undefined, defined twice, of two kinds. */
import { entry } from './entry.ts'

export const undefinedReference = entry(
  'Y3001',
  'error',
  (f: { name: string }) => `undefined reference to \`${f.name}'`,
  'A name is used and no input defines it. Add the object or library that defines it; a static library must stand behind the objects that need it (or inside --start-group ... --end-group).',
)

export const undefinedIgnored = entry(
  'Y3002',
  'warning',
  (f: { name: string }) => `undefined reference to \`${f.name}'`,
  'A name is used and no input defines it. --warn-unresolved-symbols made this a warning; its value is 0.',
)

export const multipleDefinition = entry(
  'Y3003',
  'error',
  (f: { name: string }) => `multiple definition of \`${f.name}'`,
  'Two inputs define the same global name. Make one of them static (local), weak, or remove it. --allow-multiple-definition takes the first.',
)

export const tlsMismatch = entry(
  'Y3004',
  'error',
  (f: { name: string; found: string; before: string }) => `${f.name}: ${f.found} mismatches ${f.before}`,
  'One file treats the name as a thread-local variable, another as an ordinary one. Declare it with the same storage class everywhere.',
)

export const requiredUndefined = entry(
  'Y3005',
  'error',
  (f: { name: string }) => `required symbol \`${f.name}' not defined`,
  'The name was given with --require-defined and no input defines it.',
)

export const commonOverridden = entry(
  'Y3006',
  'warning',
  (f: { name: string; what: string }) => `${f.what} of \`${f.name}'`,
  '--warn-common: a tentative definition (a C global without initialiser) met another definition of the same name.',
)

export const symbolWarning = entry(
  'Y3007',
  'warning',
  (f: { text: string }) => f.text,
  'The library that defines the symbol attached this text to it (section .gnu.warning.NAME) for everybody who uses it.',
)

export const inhibitedCommons = entry(
  'Y3008',
  'error',
  () => 'INHIBIT_COMMON_ALLOCATION is for shared objects, and the output is none',
  'Common symbols (C globals without initialiser) of a program get their place in this link, or never. Link with -shared, or remove INHIBIT_COMMON_ALLOCATION from the script.',
)
