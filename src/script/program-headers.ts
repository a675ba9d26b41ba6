/** PHDRS. */
import type { ProgramHeader } from '../../grammar/ast.ts'
import {
  headersInLaterSegment,
  notConstant,
  segmentTypeUnknown,
  segmentWordUnknown,
} from '../diag/catalogue/script-compile.ts'
import { foldConstant, printExpression } from '../plan/expression.ts'
import type { SegmentPlan } from '../plan/plan.ts'
import { type Compilation, numberExpression } from './compilation.ts'
import { segmentTypes } from './elf-names.ts'
import { lower } from './lower-expression.ts'
import { nearestName } from './nearest.ts'
import type { Draft } from './places.ts'
import { nameOrRaw } from './plan-time.ts'
import type { Scope } from './scope.ts'

const loadType = 1n

/** One line of PHDRS. */
export function declareProgramHeader(syntax: ProgramHeader, scope: Scope, c: Compilation): void {
  const segment: Draft<SegmentPlan> = {
    name: nameOrRaw(syntax.name, scope, c),
    type: numberExpression(readType(syntax, scope, c), syntax.type.span),
    fileHeader: false,
    programHeaders: false,
    span: syntax.span,
  }
  for (const { name, value, span } of syntax.qualifiers) {
    const word = nameOrRaw(name, scope, c)
    if (word === 'FILEHDR' && value === undefined) segment.fileHeader = true
    else if (word === 'PHDRS' && value === undefined) segment.programHeaders = true
    else if (word === 'AT' && value !== undefined) segment.at = lower(value, scope, c)
    else if (word === 'FLAGS' && value !== undefined) segment.flags = lower(value, scope, c)
    else c.add(segmentWordUnknown({ word }), span)
  }
  addSegment(segment, c)
}

/** Appends a segment and checks what the file format forces. */
export function addSegment(segment: Draft<SegmentPlan>, c: Compilation): void {
  c.draft.segments ??= []
  c.draft.segments.push(segment)
  checkHeaders(segment, c)
}

/** The headers lie at the start of the file, so only the first loaded segments can hold them. */
export function checkHeaders(segment: SegmentPlan, c: Compilation): void {
  const isLoad = (s: SegmentPlan): boolean => foldConstant(s.type) === loadType
  const withHeaders = (s: SegmentPlan): boolean => s.fileHeader || s.programHeaders
  if (!isLoad(segment) || !withHeaders(segment)) return
  for (const before of c.draft.segments ?? []) {
    if (before === segment) return
    if (!isLoad(before) || withHeaders(before)) continue
    c.add(headersInLaterSegment({}), segment.span)
    return
  }
}

function readType(syntax: ProgramHeader, scope: Scope, c: Compilation): bigint {
  const { type } = syntax
  if (type.kind === 'symbol' && scope.value(type.name.text) === undefined) {
    const name = nameOrRaw(type.name, scope, c)
    if (Object.hasOwn(segmentTypes, name)) return segmentTypes[name]
    c.add(segmentTypeUnknown({ type: name, nearest: nearestName(name, Object.keys(segmentTypes)) }), type.span)
    return 0n
  }
  const lowered = lower(type, scope, c)
  const value = foldConstant(lowered)
  if (value === undefined)
    c.add(notConstant({ what: 'a program header type', expression: printExpression(lowered) }), type.span)
  return value ?? 0n
}
