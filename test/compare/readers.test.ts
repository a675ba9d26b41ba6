/** The readers of ELF files take tsld's outputs as they take GNU ld's: no complaint that GNU ld's output does not cause. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Feature, findFeatures } from '../features/feature.ts'
import { needs, runTool } from '../support/peers.ts'
import { newComplaints } from '../support/readers.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

const features = join(dirname(fileURLToPath(import.meta.url)), '..', 'features')

test('readers have no complaint about outputs of the feature folders', () => {
  const name = 'readers on feature folders'
  if (!needs(name, 'ld.bfd', 'readelf', 'objdump')) return
  const obstacle = whyNoLinker()
  if (obstacle !== undefined) return skip(name, obstacle)
  const found = findFeatures(features).flatMap(complaintsOf)
  assert.equal(found, [])
})

function complaintsOf(feature: Feature): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tsld-readers-'))
  try {
    cpSync(feature.folder, folder, { recursive: true })
    for (const words of feature.links) {
      const args = (output: string): string[] => words.map(word => word.replaceAll('@OUT@', output))
      runTool('ld.bfd', args('gnu.elf'), { cwd: folder })
      runLinker(args('tsld.elf'), folder)
    }
    const [ours, theirs] = [join(folder, 'tsld.elf'), join(folder, 'gnu.elf')]
    if (!existsSync(ours) || !existsSync(theirs)) return []
    return newComplaints(ours, theirs).map(complaint => `${feature.name}: ${complaint}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test.run()
