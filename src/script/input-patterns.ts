/** Input section descriptions: `KEEP(*(SORT(.text.*)))` to the plan's InputMatch. */
import type {
  FilePattern as FileSyntax,
  InputSections,
  Name,
  SectionFlag,
  SectionPattern as SectionSyntax,
} from '../../grammar/ast.ts'
import { notCarriedOut, sectionFlagUnknown } from '../diag/catalogue/script-compile.ts'
import type { FilePattern, InputMatch, SectionPattern } from '../plan/plan.ts'
import { type Compilation, present } from './compilation.ts'
import { sectionFlags } from './elf-names.ts'
import { nearestName } from './nearest.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

export type SortOrder = SectionPattern['order']

export function lowerInputSections(syntax: InputSections, order: SortOrder, scope: Scope, c: Compilation): InputMatch {
  if (syntax.where !== undefined) c.add(notCarriedOut({ what: '@where' }), syntax.where.span)
  const file: FilePattern =
    syntax.file === undefined
      ? { pattern: '*', literal: false, exclude: [], span: syntax.span }
      : lowerFile(syntax.file, scope, c)
  const everything: SectionPattern = present({ pattern: '*', exclude: [], sort: [], span: syntax.span, order })
  const listed = syntax.sections?.map(section => lowerSection(section, order, scope, c))
  return present({
    kind: 'input',
    id: c.nextId(),
    span: syntax.span,
    keep: syntax.keep,
    file,
    sections: listed ?? (order === undefined ? [] : [everything]),
    flags: syntax.flags.length === 0 ? undefined : readFlags(syntax.flags, scope, c),
  } satisfies InputMatch)
}

const names = (list: readonly Name[], scope: Scope, c: Compilation): string[] =>
  list.map(name => nameOrRaw(name, scope, c))

function lowerFile(syntax: FileSyntax, scope: Scope, c: Compilation): FilePattern {
  const whole = nameOrRaw(syntax.name, scope, c)
  // With ${…} the text is known only now, and so is where its colon stands.
  const colon = syntax.name.parts === undefined ? -1 : whole.indexOf(':')
  const archive = colon < 0 ? syntax.archive : whole.slice(0, colon)
  const member = colon < 0 ? syntax.member : whole.slice(colon + 1)
  const wholeArchive = archive !== undefined && archive !== '' && member === ''
  const pattern = archive === undefined ? whole : wholeArchive ? '*' : (member ?? '')
  return present({
    pattern,
    archive,
    wholeArchive: wholeArchive ? true : undefined,
    literal: archive === undefined && !/[*?[]/.test(whole),
    exclude: names(syntax.excluded, scope, c),
    sort: syntax.sort ?? (syntax.reversed ? 'name' : undefined),
    reverse: syntax.reversed ? true : undefined,
    span: syntax.span,
  } satisfies FilePattern)
}

function lowerSection(syntax: SectionSyntax, order: SortOrder, scope: Scope, c: Compilation): SectionPattern {
  return present({
    pattern: nameOrRaw(syntax.name, scope, c),
    exclude: names(syntax.excluded, scope, c),
    // REVERSE alone reverses the order of names.
    sort: syntax.reversed && syntax.sorts.length === 0 ? ['name'] : syntax.sorts,
    reverse: syntax.reversed ? true : undefined,
    span: syntax.span,
    order,
  } satisfies SectionPattern)
}

/** An unknown flag makes the pattern match nothing, as in GNU ld: no section has a bit both set and clear. */
function readFlags(flags: readonly SectionFlag[], scope: Scope, c: Compilation): { with: number; without: number } {
  let wanted = 0
  let unwanted = 0
  for (const flag of flags) {
    const name = nameOrRaw(flag.name, scope, c)
    const bit = Object.hasOwn(sectionFlags, name) ? sectionFlags[name] : undefined
    if (bit === undefined) {
      c.add(sectionFlagUnknown({ flag: name, nearest: nearestName(name, Object.keys(sectionFlags)) }), flag.span)
      return { with: 1, without: 1 }
    }
    if (flag.negated) unwanted = (unwanted | bit) >>> 0
    else wanted = (wanted | bit) >>> 0
  }
  return { with: wanted, without: unwanted }
}
