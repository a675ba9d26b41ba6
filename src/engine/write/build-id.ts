import { noDigest } from '../../diag/catalogue/output.ts'
import type { Report } from '../../diag/report.ts'
import type { Host } from '../../host.ts'
import type { Layout } from '../records/placement.ts'
import type { LinkRequest } from '../records/request.ts'

/** Bytes of the identifier that `--build-id` asks for. */
export function buildIdSize(request: LinkRequest): number {
  const id = request.buildId
  if (id === undefined) return 0
  if (id.kind === 'hex') return id.bytes.length
  return id.kind === 'md5' || id.kind === 'uuid' ? 16 : id.kind === 'sha256' ? 32 : 20
}

/** Fills the descriptor of .note.gnu.build-id (16 bytes into the section); it covers the file with that place zero. */
export function fillBuildId(image: Uint8Array, layout: Layout, request: LinkRequest, host: Host, report: Report): void {
  const id = request.buildId
  const output = layout.outputs.find(each => each.name === '.note.gnu.build-id')
  if (id === undefined || output === undefined || output.size < 16 + buildIdSize(request)) return
  // The note of the linker is the last one; the section may be longer than it.
  const last = output.parts.findLast(part => part.kind === 'sections')
  const note = last?.kind === 'sections' ? (last.ids.at(-1) ?? -1) : -1
  if (note < 0) return
  const at = output.fileOffset + layout.offsetOf[note]! + 16
  if (id.kind === 'hex') image.set(id.bytes, at)
  else if (id.kind === 'uuid') {
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    image.set(bytes, at)
  } else {
    const digest = host.digest?.(id.kind === 'fast' ? 'sha1' : id.kind, image)
    if (digest === undefined) report.add(noDigest({ kind: id.kind }))
    else image.set(digest.subarray(0, buildIdSize(request)), at)
  }
}
