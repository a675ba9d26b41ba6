/**
 * What was left out of a test run and why. `npm test` must pass on a machine with Node alone, so a test that needs a tool
 * steps aside; it says so here, and the run ends with the list, so that a skip is never mistaken for a pass.
 */

const skipped = new Map<string, string[]>()
let announced = false

/**
 * Notes that `what` was not done, because of `reason`. In continuous integration (TSLD_REQUIRE_TOOLS=1) this throws, unless
 * the tool is one that cannot be had everywhere.
 */
export function skip(what: string, reason: string, mayBeMissing = false): void {
  if (process.env['TSLD_REQUIRE_TOOLS'] === '1' && !mayBeMissing)
    throw new Error(`${what} cannot be skipped here: ${reason}`)
  const list = skipped.get(reason) ?? []
  list.push(what)
  skipped.set(reason, list)
  if (announced) return
  announced = true
  process.on('exit', () => process.stdout.write(skipSummary()))
}

/** The closing text: how many tests were skipped, by reason. Empty when none was. */
export function skipSummary(): string {
  let total = 0
  let text = ''
  for (const [reason, list] of skipped) {
    total += list.length
    const shown = list.slice(0, 4).join(', ') + (list.length > 4 ? `, and ${list.length - 4} more` : '')
    text += `    ${reason}: ${shown}\n`
  }
  return total === 0 ? '' : `  Skipped for want of tools: ${total}\n${text}\n`
}
