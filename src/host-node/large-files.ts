import { type SizedFile, statusOf } from './shared-files.ts'

/** files below this size are cheap to read one by one */
const smallFile = 256 << 10

/** Those of the paths that are files of `atLeast` bytes or more, each once. */
export function largeFiles(paths: readonly string[], atLeast = smallFile): SizedFile[] {
  const found: SizedFile[] = []
  for (const path of new Set(paths)) {
    const status = statusOf(path)
    if (status?.isFile() && status.size >= atLeast && status.size <= 0xffff_ffff)
      found.push({ path, size: status.size })
  }
  return found
}
