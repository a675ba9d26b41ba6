/**
 * Settings of V8 for a large link. Such a run is short for its compiler: while a second is spent on linking, half a second
 * goes into optimising functions, most of it into copies of functions inlined in others. Without those it is a third less.
 */
import { builtin } from './builtin.ts'

/** V8's own value since 2019 */
const usual = 920

function allowInlining(bytecode: number): void {
  const { setFlagsFromString } = builtin('v8')
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${bytecode}`)
}

/** From now on functions are optimised one by one. */
export function tuneForLargeLink(): void {
  allowInlining(0)
}

/** Back to V8's usual setting: compiled code that is kept belongs to its settings. */
export function endTuning(): void {
  allowInlining(usual)
}
