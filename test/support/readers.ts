/** What the usual readers of ELF files complain about. */
import { findTool, runTool, type Tool } from './peers.ts'

const readers: readonly (readonly [Tool, readonly string[]])[] = [
  ['readelf', ['-aW']],
  ['objdump', ['-dxw']],
  ['llvm-readelf', ['-a']],
  ['eu-elflint', ['--gnu-ld']],
]

/**
 * Complaints of every reader that is installed, as `tool: line` with numbers taken out, so that two files can be compared.
 * eu-elflint says nothing but complaints; of the others the lines count that hold "warning" or "error".
 */
export function complaintsAbout(path: string): Set<string> {
  const complaints = new Set<string>()
  for (const [tool, args] of readers) {
    if (findTool(tool) === undefined) continue
    const run = runTool(tool, [...args, path])
    if (run.status === null) complaints.add(`${tool}: crashed or hung`)
    for (const line of (run.stdout + run.stderr).split('\n'))
      if (tool === 'eu-elflint' ? line !== 'No errors' && line.trim() !== '' : /\b(warning|error)\b/i.test(line))
        complaints.add(`${tool}: ${line.replaceAll(path, 'FILE').replace(/0x[0-9a-f]+|\[ *\d+\]|\d+/g, '#')}`)
  }
  return complaints
}

/** Complaints about `path` that `reference`, the same link by another linker, does not cause. */
export function newComplaints(path: string, reference: string): string[] {
  const ours = complaintsAbout(path)
  if (ours.size === 0) return []
  const known = complaintsAbout(reference)
  return [...ours].filter(complaint => !known.has(complaint))
}
