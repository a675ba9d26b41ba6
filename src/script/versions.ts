/** Version scripts, VERSION in a script, and dynamic lists. */
import type {
  DynamicList,
  VersionNode as NodeSyntax,
  VersionPattern as PatternSyntax,
  Statement,
} from '../../grammar/ast.ts'
import {
  versionAnonymousMixed,
  versionParentMissing,
  versionTagTwice,
  wrongLevel,
} from '../diag/catalogue/script-compile.ts'
import { inScript } from '../diag/diagnostic.ts'
import type { VersionNode, VersionPattern } from '../plan/plan.ts'
import type { Compilation } from './compilation.ts'
import { lowerExtension } from './extensions/index.ts'
import { type Level, levelWords, walk } from './flow.ts'
import { nearestName } from './nearest.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

/** Adds version nodes to the draft. */
export function lowerVersions(statements: readonly Statement[], scope: Scope, c: Compilation): void {
  const level: Level = {
    context: 'version',
    leaf: (statement, inner) => {
      if (statement.kind === 'version-node') addNode(statement, inner, c)
      else if (statement.kind === 'extension')
        lowerExtension(statement, { compilation: c, scope: inner, context: 'version' })
      else
        c.add(
          wrongLevel({ what: `a statement '${statement.kind}'`, level: levelWords('version'), legal: 'elsewhere' }),
          statement.span,
        )
    },
  }
  walk(statements, scope, level, c)
}

function addNode(syntax: NodeSyntax, scope: Scope, c: Compilation): void {
  const { versions } = c.draft
  const name = syntax.tag === undefined ? '' : nameOrRaw(syntax.tag, scope, c)
  const same = versions.find(node => node.name === name)
  if (versions.length > 0 && (name === '' || versions[0].name === '')) c.add(versionAnonymousMixed({}), syntax.span)
  else if (same !== undefined)
    c.add(versionTagTwice({ tag: name }), syntax.span, [{ text: 'defined here first', at: inScript(same.span) }])
  const parents = syntax.parents.map(parent => {
    const tag = nameOrRaw(parent, scope, c)
    const tags = versions.map(node => node.name)
    if (!tags.includes(tag)) c.add(versionParentMissing({ tag, nearest: nearestName(tag, tags) }), parent.span)
    return tag
  })
  versions.push({
    name,
    parents,
    global: syntax.globals.map(pattern => lowerPattern(pattern, scope, c)),
    local: syntax.locals.map(pattern => lowerPattern(pattern, scope, c)),
    span: syntax.span,
  })
}

function lowerPattern(pattern: PatternSyntax, scope: Scope, c: Compilation): VersionPattern {
  return {
    pattern: nameOrRaw(pattern.name, scope, c),
    literal: pattern.name.quoted,
    language: pattern.language ?? 'C',
    span: pattern.span,
  }
}

/** A dynamic list as one nameless node. */
export function dynamicListNode(list: DynamicList, scope: Scope, c: Compilation): VersionNode {
  return {
    name: '',
    parents: [],
    global: list.patterns.map(pattern => lowerPattern(pattern, scope, c)),
    local: [],
    span: list.span,
  }
}
