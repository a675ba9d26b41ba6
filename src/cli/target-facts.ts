import type { LayoutFacts } from '../../layouts/catalog.ts'
import type { TargetFacts } from '../language.ts'

const narrow: readonly string[] = ['386', 'arm', 'mips', 'mipsle']

/** What `@if` in a script can ask for. */
export function targetFacts(facts: LayoutFacts, strip: TargetFacts['strip']): TargetFacts {
  return {
    arch: facts.arch,
    os: facts.os,
    bits: narrow.includes(facts.arch) ? 32 : 64,
    endian: 'little',
    output: facts.output,
    dynamic: facts.output === 'shared',
    strip,
  }
}
