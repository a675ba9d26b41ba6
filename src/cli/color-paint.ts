/**
 * Colours of messages. A file of its own because kleur asks for process.stdout when it is loaded, which costs several
 * milliseconds: the bundled command loads this file when the first coloured message is printed.
 */
import kleur from 'kleur'
import type { Paint } from '../diag/render-text.ts'

export function colorPaint(): Paint {
  kleur.enabled = true
  return {
    error: text => kleur.bold().red(text),
    warning: text => kleur.bold().magenta(text),
    note: text => kleur.bold().cyan(text),
    place: text => kleur.bold(text),
    mark: text => kleur.green(text),
    insert: text => kleur.green(text),
  }
}
