/** Architectures that most links do not need: one line for each. */
import type { Arch } from '../target.ts'
import { aarch64 } from './aarch64/index.ts'
import { arm } from './arm/index.ts'
import { i386 } from './i386/index.ts'
import { loong64 } from './loong64/index.ts'
import { mips } from './mips/index.ts'
import { ppc64 } from './ppc64/index.ts'
import { riscv32, riscv64 } from './riscv64/index.ts'
import { s390x } from './s390x/index.ts'

const others: readonly Arch[] = [aarch64, riscv64, riscv32, i386, arm, loong64, ...mips, ...ppc64, s390x]

export function otherArchs(): readonly Arch[] {
  return others
}
