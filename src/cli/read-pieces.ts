/** The texts that options name: scripts, version scripts, lists. */
import { scriptUnreadable } from '../diag/catalogue/usage.ts'
import type { Report } from '../diag/report.ts'
import { type Host, type HostFailure, isFailure } from '../host.ts'
import type { CommandLine, CommandPiece } from './command-line.ts'

/** A piece with its text, Latin-1 decoded. */
export type PieceText = NamedText | { readonly kind: 'defsym'; readonly text: string }

export interface NamedText {
  readonly kind: 'script' | 'version-script' | 'dynamic-list'
  readonly name: string
  readonly text: string
}

export function latin1Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

/** Undefined after an error. */
export function readPieces(line: CommandLine, host: Host, report: Report): PieceText[] | undefined {
  const pieces: CommandPiece[] = [...line.pieces]
  if (line.defaultScript !== undefined && !pieces.some(piece => piece.kind === 'script'))
    pieces.push({ kind: 'script', ...line.defaultScript })
  const texts: PieceText[] = []
  let failed = false
  for (const piece of pieces) {
    if (piece.kind === 'defsym') {
      texts.push(piece)
      continue
    }
    const paths =
      piece.kind === 'script' && !piece.path.startsWith('/')
        ? [piece.path, ...line.searchPaths.map(dir => `${dir}/${piece.path}`)]
        : [piece.path]
    const found = firstReadable(paths, host)
    if (isFailed(found)) {
      const { option, path } = piece
      report.add(scriptUnreadable({ option, file: path, reason: found.detail }), {
        kind: 'option',
        text: `${option} ${path}`,
      })
      failed = true
      continue
    }
    const text = latin1Text(found.bytes)
    const binary = text.startsWith('\x7fELF')
      ? 'an ELF file'
      : /^!<(arch|thin)>\n/.test(text)
        ? 'an archive'
        : undefined
    if (binary !== undefined) {
      const { option, path } = piece
      const reason = `it is ${binary}, expected text; name inputs without ${option}`
      report.add(scriptUnreadable({ option, file: path, reason }), { kind: 'option', text: `${option} ${path}` })
      failed = true
    } else texts.push({ kind: piece.kind, name: found.path, text })
  }
  return failed ? undefined : texts
}

type Found = { readonly path: string; readonly bytes: Uint8Array } | HostFailure

function isFailed(found: Found): found is HostFailure {
  return 'failure' in found
}

/** The first file that exists; the failure of the first path when none does. */
function firstReadable(paths: readonly string[], host: Host): Found {
  let first: HostFailure | undefined
  for (const path of paths) {
    const bytes = host.read(path)
    if (!isFailure(bytes)) return { path, bytes }
    if (bytes.failure !== 'missing') return bytes
    first ??= bytes
  }
  return first!
}
