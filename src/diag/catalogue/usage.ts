/** Mistakes on the command line and in what surrounds a link: options, response files, output files. Codes U7xxx. */
import { entry } from './entry.ts'

export const unknownOption = entry(
  'U7001',
  'error',
  (f: { option: string; nearest?: string }) =>
    `unrecognized option '${f.option}'${f.nearest === undefined ? '' : `; did you mean ${f.nearest}?`}`,
  `No option of that name exists in tsld or in GNU ld 2.44.

An option that a linker passes over without a word can change a program without anybody noticing, so tsld stops.
\`tsld --help\` lists every option. When gcc or clang is the caller, the option came through -Wl, or -Xlinker.`,
)

export const missingArgument = entry(
  'U7002',
  'error',
  (f: { option: string; argument: string }) => `option ${f.option} needs an argument: ${f.option} ${f.argument}`,
  `The option takes a value, and the command line ends behind it. Values may be joined with '=' (--output=a.out), stand
in the next word (-o a.out) or, for options of one letter, follow at once (-oa.out).`,
)

export const unexpectedArgument = entry(
  'U7003',
  'error',
  (f: { option: string; value: string }) => `option ${f.option} takes no argument, but '${f.value}' was given`,
  'The option is a switch: it is on or off, and nothing may follow it behind an =.',
)

export const badNumber = entry(
  'U7004',
  'error',
  (f: { option: string; value: string; expected: string }) => `${f.option}: '${f.value}' is not ${f.expected}`,
  `The value of this option is a number. As in GNU ld, addresses of -Ttext, -Tdata, -Tbss, --section-start and their kin
are hexadecimal with or without 0x; sizes and page sizes are decimal, or hexadecimal with 0x, or octal with 0. Page sizes
are powers of two.`,
)

export const badChoice = entry(
  'U7005',
  'error',
  (f: { option: string; value: string; choices: readonly string[] }) =>
    `${f.option}: '${f.value}' is not one of ${f.choices.join(', ')}`,
  'The option takes one of a few words. The message lists them.',
)

export const notCarriedOut = entry(
  'U7006',
  'error',
  (f: { option: string; reason: string }) => `option ${f.option} is not carried out: ${f.reason}`,
  `GNU ld knows this option and tsld does not do it (yet). It changes what the output means, so tsld stops rather than
write something else. Leave the option out if you do not need it.`,
)

export const noInputs = entry(
  'U7007',
  'error',
  () => 'no input files',
  `A link needs at least one object file, archive or library, on the command line or by INPUT in the script.
\`tsld --help\` shows the usual forms: tsld -T layout.ld main.o -o program.`,
)

export const unknownKeyword = entry(
  'U7008',
  'warning',
  (f: { word: string; nearest?: string }) =>
    `-z ${f.word} is not known and ignored${f.nearest === undefined ? '' : `; did you mean -z ${f.nearest}?`}`,
  `As GNU ld does, an unknown word behind -z is a warning only: the words belong to a format and an architecture, and
build systems pass those of others. --fatal-warnings makes it an error.`,
)

export const unbalanced = entry(
  'U7009',
  'error',
  (f: { option: string; partner: string }) => `${f.option} without ${f.partner}`,
  `Groups (--start-group ... --end-group) and saved states (--push-state ... --pop-state) are pairs. Groups cannot hold
groups: the members of a group are searched again and again anyway, until nothing new is found.`,
)

export const unknownLayout = entry(
  'U7010',
  'error',
  (f: { name: string; known: readonly string[]; nearest?: string }) =>
    `no layout is named ${f.name}${f.nearest === undefined ? '' : `; did you mean ${f.nearest}?`} (there are: ${f.known.join(', ')})`,
  `--layout chooses one of the layouts that come with tsld. Your own layout is a script: give it with -T.
The layouts lie as scripts in the folder \`layouts\` of the package; copy one and change it.`,
)

export const noLayoutForTarget = entry(
  'U7011',
  'error',
  (f: { layout: string; target: string; known: readonly string[] }) =>
    `layout ${f.layout} has no form for ${f.target} (it has: ${f.known.join(', ')})`,
  `A layout states addresses, page sizes and sections for one system and one architecture. This one is not written for
the asked combination. -T takes a script of your own.`,
)

export const responseFile = entry(
  'U7012',
  'error',
  (f: { file: string; reason: string }) => `cannot read response file ${f.file}: ${f.reason}`,
  `@FILE on the command line stands for the words in FILE, separated by white space; quotes and backslashes protect
white space, as in gcc. Response files may name others; a file that reaches itself is an error.`,
)

export const cannotWrite = entry(
  'U7013',
  'error',
  (f: { file: string; reason: string }) => `cannot write ${f.file}: ${f.reason}`,
  `The result is written to a new file beside the output, which is then renamed: so the folder must be writable, and an
earlier output stays as it is when anything fails.`,
)

export const unknownEmulation = entry(
  'U7014',
  'error',
  (f: { name: string; known: readonly string[] }) =>
    `unrecognised emulation mode: ${f.name} (supported: ${f.known.join(' ')})`,
  `-m names the machine and format that are linked for. gcc passes it: -m elf_x86_64 for 64-bit x86. The supported names
are those of \`tsld -V\`.`,
)

export const badDefinition = entry(
  'U7015',
  'error',
  (f: { option: string; value: string; form: string }) => `${f.option}: '${f.value}' should have the form ${f.form}`,
  `Options that set something by name take NAME=VALUE without blanks around the =. For --defsym the value is an
expression of the script language: --defsym limit=0x1000, --defsym 'end2=end+16'.`,
)

export const unknownCode = entry(
  'U7016',
  'error',
  (f: { code: string; nearest?: string }) =>
    `no diagnostic has the code ${f.code}${f.nearest === undefined ? '' : `; did you mean ${f.nearest}?`}`,
  'Codes are one letter and four digits, as printed behind the word error or warning. `tsld explain` alone lists all.',
)

export const scriptUnreadable = entry(
  'U7017',
  'error',
  (f: { option: string; file: string; reason: string }) => `${f.option}: cannot read ${f.file}: ${f.reason}`,
  `A file named by an option could not be read. A linker script is looked for in the working directory and then in the
directories of -L.`,
)

export const contradiction = entry(
  'U7018',
  'error',
  (f: { first: string; second: string }) => `${f.first} and ${f.second} may not be used together`,
  'The two options ask for different kinds of output.',
)

export const unknownCommand = entry(
  'U7019',
  'error',
  (f: { command: string; usage: string }) => `${f.command}: usage: ${f.usage}`,
  'The subcommand was called with too few or too many words.',
)

export const internalError = entry(
  'U7020',
  'error',
  (f: { detail: string }) => `internal error: ${f.detail}`,
  `This is a mistake in tsld, not in your input. Please report it with the command line, the version (tsld --version) and,
where possible, the inputs. TSLD_TRACE=1 in the environment prints where it happened. No output was written.`,
)

export const badPlan = entry(
  'U7021',
  'error',
  (f: { file: string; reason: string }) => `${f.file} is not a layout plan: ${f.reason}`,
  `-T takes a linker script, or a plan in JSON as \`tsld plan --json\` prints it. The file begins like JSON and is not a
plan of this version of tsld.`,
)

export const badBuildId = entry(
  'U7022',
  'error',
  (f: { value: string; why?: string }) =>
    f.why === undefined
      ? `--build-id=${f.value} is not one of none, sha1, md5, uuid, fast, sha256 or 0x with hex digits`
      : `--build-id=${f.value}: ${f.why}`,
  `--build-id puts a note into the output that identifies it: a hash of its bytes (sha1 is the default), a random uuid,
or the bytes you give as an even number of hex digits: --build-id=0x0123abcd.`,
)

export const optionWarning = entry(
  'U7023',
  'warning',
  (f: { option: string; what: string }) => `${f.option}: ${f.what}`,
  'The option has no effect here. The message says why.',
)

export const unreadableInput = entry(
  'U7024',
  'error',
  (f: { file: string; reason: string }) => `cannot read ${f.file}: ${f.reason}`,
  'A file named on the command line could not be read.',
)

export const tooManyErrors = entry(
  'U7025',
  'note',
  (f: { hidden: number; limit: number }) =>
    `${f.hidden} further error${f.hidden === 1 ? ' is' : 's are'} not shown (--error-limit=${f.limit}; 0 shows all)`,
  'Errors often follow from the first few. --error-limit=0 shows all of them.',
)
