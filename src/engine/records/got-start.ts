import type { Program } from './program.ts'

/** Words in front of the slots of .got: those of the architecture, unless the plan wants none. */
export function gotStartWords(program: Program): number {
  return program.plan.dynamic?.bareGot === true ? 0 : (program.arch.gotStartWords ?? 0)
}
