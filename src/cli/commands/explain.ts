import { allEntries, entryByCode } from '../../diag/catalogue/index.ts'
import { unknownCode } from '../../diag/catalogue/usage.ts'
import { renderText } from '../../diag/render-text.ts'
import type { Host } from '../../host.ts'
import type { CalledAs } from '../called-as.ts'
import { nearest } from '../nearest.ts'
import type { Terminal } from '../terminal.ts'

/** `tsld explain CODE...`: the long text of diagnostics; without a code, the list of all. */
export function explainCommand(words: readonly string[], _called: CalledAs, _host: Host, terminal: Terminal): number {
  if (words.length === 0) {
    for (const { title, entries } of allEntries()) {
      terminal.out(`${title}\n`)
      for (const each of entries)
        terminal.out(`  ${each.code}  ${each.severity.padEnd(8)} ${firstSentence(each.explanation)}\n`)
    }
    return 0
  }
  let status = 0
  for (const word of words) {
    const found = entryByCode(word)
    if (found !== undefined) {
      terminal.out(`${found.code} (${found.severity})\n\n${found.explanation.trim()}\n`)
      continue
    }
    const codes = allEntries().flatMap(topic => topic.entries.map(each => each.code))
    const wording = unknownCode({ code: word, nearest: nearest(word.toUpperCase(), codes) })
    terminal.error(renderText({ ...wording, at: { kind: 'none' }, notes: [] }, { program: 'tsld' }))
    status = 1
  }
  return status
}

function firstSentence(text: string): string {
  return text
    .trim()
    .split(/\.\s|\n\n/)[0]!
    .replace(/\s+/g, ' ')
}
