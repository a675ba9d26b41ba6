import { entry } from './entry.ts'

export const reserveTooSmall = entry(
  'L4801',
  'error',
  (facts: { needed: number; room: number; section: string }) =>
    `the headers end at file offset ${facts.needed}, but ${facts.section} starts at ${facts.room}`,
  'The layout puts the section headers right behind the program headers, into the room in front of the first section. ' +
    'They do not fit: there are too many sections, or the notes and the interpreter path take too much of that room. ' +
    'Make the reserve larger, drop sections with /DISCARD/, or write `@section_headers behind program_headers else end;`, ' +
    'which moves the table to the end of the file when it does not fit.',
)
