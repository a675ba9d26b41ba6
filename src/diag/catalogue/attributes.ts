/** Build attributes: what objects say of the processor and the calling convention that they were made for. */
import { entry } from './entry.ts'

export const attributeConflict = entry(
  'I2101',
  'error',
  (f: { tag: string; found: string; expected: string }) =>
    `${f.tag}: this file has ${f.found}, but the files before it have ${f.expected}: they cannot work together`,
  'Objects carry build attributes (.ARM.attributes and its like) that say which processor and calling convention they were compiled for. Compile all of them with the same options (-mcpu, -mfpu, -mfloat-abi ...), and take the libraries that fit.',
)

export const attributeDiffers = entry(
  'I2102',
  'warning',
  (f: { tag: string; found: string; expected: string }) =>
    `${f.tag}: this file has ${f.found}, the output has ${f.expected}; values of this type may not pass between the two`,
  'Two objects disagree about the size of a type (wchar_t, enumerations) or about the platform. The output works as long as they do not exchange such values.',
)

export const damagedAttributes = entry(
  'I2103',
  'error',
  (f: { found: string; expected: string }) => `damaged build attributes: ${f.found}, expected ${f.expected}`,
  'A section of build attributes begins with the letter A; then come vendors, each with the size of its part in bytes, and in it tags with their values. The file is probably damaged; build it again.',
)
