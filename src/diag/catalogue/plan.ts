/** Mistakes in plans that are read as JSON. Codes P1xxx. */
import { entry } from './entry.ts'

export const planNotJson = entry(
  'P1001',
  'error',
  (f: { detail: string }) => `this is no layout plan in JSON: ${f.detail}`,
  `A plan in JSON begins with {"format":"tsld-layout-plan", as \`tsld plan --json layout.ld\` writes it. The file could not be
read as JSON at all, or is JSON of another kind. Make it again from its script.`,
)

export const planVersionUnknown = entry(
  'P1002',
  'error',
  (f: { version: string }) => `this layout plan has version ${f.version}; version 1 is known here`,
  `The plan was written by another version of tsld, with another meaning of its members. Make it again from its script with
this tsld: \`tsld plan --json layout.ld\`.`,
)

export const planDamaged = entry(
  'P1003',
  'error',
  (f: { path: string; expected: string; found: string }) => `${f.path}: expected ${f.expected}, found ${f.found}`,
  `The plan is JSON, but a member is missing, misspelt or of the wrong kind. The message says where: statements[3].name is the
name of the fourth statement. 64-bit numbers are hexadecimal strings ("0x400000"). At most ten such places are reported.`,
)
