/** The strings of .shstrtab: what the layout asks for first, then the names of the headers; no two alike, no tails shared. */
import type { FilePlan } from '../../plan/plan.ts'

export interface NameStrings {
  /** offset of each name, bytes from the start of the table */
  readonly offsets: ReadonlyMap<string, number>
  /** in order; the first is the empty name */
  readonly texts: readonly string[]
  /** bytes */
  readonly size: number
}

/**
 * @param names names of all section headers (Latin-1), in their order
 * @param file its `sectionNames` come first, whether they are used or not
 */
export function nameStrings(names: readonly string[], file: FilePlan | undefined): NameStrings {
  const offsets = new Map<string, number>([['', 0]])
  const texts = ['']
  let size = 1
  const add = (name: string): void => {
    if (offsets.has(name)) return
    offsets.set(name, size)
    texts.push(name)
    size += name.length + 1
  }
  for (const group of file?.sectionNames ?? [])
    if (group.when === undefined || names.includes(group.when)) for (const name of group.names) add(name)
  for (const name of names) add(name)
  return { offsets, texts, size }
}

/** Names of the headers that the linker adds to the output sections of the plan. */
export function tableNames(file: FilePlan | undefined, hasSymbols: boolean): readonly string[] {
  const symbols = hasSymbols ? ['.symtab', '.strtab'] : []
  return file?.namesAreSection ? symbols : [...symbols, '.shstrtab']
}

export function nameBytes(strings: NameStrings): Uint8Array {
  const bytes = new Uint8Array(strings.size)
  let at = 0
  for (const text of strings.texts) {
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    at++
  }
  return bytes
}
