/** Where thread-local storage stands, for offsets from the thread pointer. */
import { SHF_TLS } from '../../elf/constants.ts'
import type { Arch } from '../../target/target.ts'
import type { Layout } from '../records/placement.ts'

/** Addresses as signed doubles; both 0 when nothing is thread-local. */
export interface ThreadBase {
  /** where the initial image starts: offsets in a module count from here */
  readonly start: number
  /** what the thread pointer would be if the image were a thread's block */
  readonly pointer: number
}

/** From the sections with SHF_TLS: the block is rounded up to the largest alignment among them. */
export function threadBase(arch: Arch, layout: Layout): ThreadBase {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  let align = 1
  for (const output of layout.outputs) {
    if ((output.flags & SHF_TLS) === 0) continue
    const address = Number(BigInt.asIntN(64, output.address))
    start = Math.min(start, address)
    end = Math.max(end, address + output.size)
    align = Math.max(align, output.align)
  }
  if (end < start) return { start: 0, pointer: 0 }
  if (arch.threadPointer.at === 'end') return { start, pointer: Math.ceil(end / align) * align }
  const gap = Math.ceil(arch.threadPointer.gap / align) * align
  return { start, pointer: start - gap }
}
