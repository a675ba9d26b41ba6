/** The top level of a script: commands, and the blocks that hold everything else. */
import type {
  AsNeeded,
  InputFile,
  InputStatement,
  MemoryBlock,
  PhdrsBlock,
  ScriptContext,
  Statement,
} from '../../grammar/ast.ts'
import { featureUnknown, historicIgnored, startupTwice, wrongLevel } from '../diag/catalogue/script-compile.ts'
import type { InputRequest } from '../plan/plan.ts'
import { lowerAssert, lowerAssignment } from './assignments.ts'
import { type Compilation, present } from './compilation.ts'
import { lowerExtension } from './extensions/index.ts'
import { type Level, levelWords, walk } from './flow.ts'
import type { SectionsPlace } from './places.ts'
import { nameOrRaw } from './plan-time.ts'
import { declareProgramHeader } from './program-headers.ts'
import { declareAlias, declareRegion } from './regions.ts'
import type { Scope } from './scope.ts'
import { lowerSections, sectionsLevel } from './sections.ts'
import { lowerVersions } from './versions.ts'

/** Lowers a whole script into the draft. */
export function lowerScript(statements: readonly Statement[], scope: Scope, c: Compilation): void {
  const place: SectionsPlace = { sink: c.draft.statements }
  const level: Level = {
    context: 'top',
    leaf: (statement, inner) => lowerStatement(statement, place, inner, c),
    inner: context => innerLevel(context, place, c),
  }
  walk(statements, scope, level, c)
}

/** What a @use at the top level may put in besides top-level statements. */
function innerLevel(context: ScriptContext, place: SectionsPlace, c: Compilation): Level | undefined {
  if (context === 'sections') return sectionsLevel(place, c)
  return undefined
}

function lowerStatement(statement: Statement, place: SectionsPlace, scope: Scope, c: Compilation): void {
  const { draft } = c
  const { span } = statement
  const text = (name: Parameters<typeof nameOrRaw>[0]): string => nameOrRaw(name, scope, c)
  switch (statement.kind) {
    case 'assignment':
      draft.statements.push(lowerAssignment(statement, scope, c))
      return
    case 'assert':
      draft.statements.push(lowerAssert(statement, scope, c))
      return
    case 'sections':
      lowerSections(statement.statements, place, scope, c)
      return
    case 'memory':
      lowerMemory(statement, scope, c)
      return
    case 'phdrs':
      lowerPhdrs(statement, scope, c)
      return
    case 'version':
      lowerVersions(statement.nodes, scope, c)
      return
    case 'entry':
      draft.target.entry = { symbol: text(statement.symbol), span }
      delete draft.target.entryAlternatives
      return
    case 'extern':
      for (const symbol of statement.symbols) draft.required.push({ name: text(symbol), span: symbol.span })
      return
    case 'input':
    case 'group':
      draft.inputs.push(...lowerInputs(statement, scope, c))
      return
    case 'startup':
      addStartup(text(statement.file), statement, c)
      return
    case 'search-dir':
      draft.inputs.push({ kind: 'search-dir', path: text(statement.directory), span })
      return
    // The first of these counts, as in GNU ld.
    case 'output':
      draft.target.output ??= { name: text(statement.file), span }
      return
    case 'map':
      draft.target.map ??= { name: text(statement.file), span }
      return
    case 'output-format':
      draft.target.format ??= present({
        name: text(statement.format),
        big: statement.bigEndian && text(statement.bigEndian),
        little: statement.littleEndian && text(statement.littleEndian),
        span,
      })
      return
    case 'output-arch':
      draft.target.arch = { name: text(statement.arch), span }
      return
    case 'target':
      draft.target.inputFormat = { name: text(statement.target), span }
      return
    case 'region-alias':
      declareAlias(statement, scope, c)
      return
    case 'no-cross-references':
      draft.noCrossReferences.push({ sections: statement.sections.map(text), toFirst: statement.toFirst, span })
      return
    case 'allocation':
      if (statement.command === 'FORCE_COMMON_ALLOCATION') draft.features.forceCommonAllocation = true
      else if (statement.command === 'INHIBIT_COMMON_ALLOCATION') draft.features.inhibitCommonAllocation = true
      else draft.features.forceGroupAllocation = true
      return
    case 'insert':
      draft.insertions.push({
        position: statement.position === 'AFTER' ? 'after' : 'before',
        section: text(statement.section),
        count: draft.statements.length,
        span,
      })
      return
    case 'ld-feature':
      if (text(statement.feature) === 'SANE_EXPR') draft.features.saneExpressions = true
      else c.add(featureUnknown({ feature: text(statement.feature) }), span)
      return
    case 'historic':
      c.add(historicIgnored({ command: statement.command }), span)
      return
    case 'extension':
      lowerExtension(statement, { compilation: c, scope, context: 'top', sections: place })
      return
    default:
      c.add(wrongLevel({ what: `a statement '${statement.kind}'`, level: levelWords('top'), legal: 'elsewhere' }), span)
  }
}

function lowerMemory(block: MemoryBlock, scope: Scope, c: Compilation): void {
  const level: Level = {
    context: 'memory',
    leaf: (statement, inner) => {
      if (statement.kind === 'memory-region') declareRegion(statement, inner, c)
      else if (statement.kind === 'extension')
        lowerExtension(statement, { compilation: c, scope: inner, context: 'memory' })
      else
        c.add(
          wrongLevel({ what: `a statement '${statement.kind}'`, level: levelWords('memory'), legal: 'elsewhere' }),
          statement.span,
        )
    },
  }
  walk(block.statements, scope, level, c)
}

function lowerPhdrs(block: PhdrsBlock, scope: Scope, c: Compilation): void {
  c.draft.segments ??= []
  const level: Level = {
    context: 'phdrs',
    leaf: (statement, inner) => {
      if (statement.kind === 'program-header') declareProgramHeader(statement, inner, c)
      else if (statement.kind === 'extension')
        lowerExtension(statement, { compilation: c, scope: inner, context: 'phdrs' })
      else
        c.add(
          wrongLevel({ what: `a statement '${statement.kind}'`, level: levelWords('phdrs'), legal: 'elsewhere' }),
          statement.span,
        )
    },
  }
  walk(block.statements, scope, level, c)
}

/** INPUT gives its files one by one; GROUP keeps them together. */
function lowerInputs(statement: InputStatement, scope: Scope, c: Compilation): readonly InputRequest[] {
  const members = lowerFiles(statement.files, false, scope, c)
  return statement.kind === 'input' ? members : [{ kind: 'group', members, span: statement.span }]
}

function lowerFiles(
  files: readonly (InputFile | AsNeeded)[],
  asNeeded: boolean,
  scope: Scope,
  c: Compilation,
): InputRequest[] {
  return files.flatMap((file): InputRequest[] => {
    if (file.kind === 'as-needed') return lowerFiles(file.files, true, scope, c)
    const name = nameOrRaw(file.name, scope, c)
    return [{ kind: file.library ? 'library' : 'file', name, asNeeded, span: file.span }]
  })
}

function addStartup(name: string, statement: Statement, c: Compilation): void {
  const first = c.draft.inputs.find(input => input.kind === 'startup')
  if (first !== undefined) c.add(startupTwice({ first: first.name, second: name }), statement.span)
  else c.draft.inputs.push({ kind: 'startup', name, span: statement.span })
}
