/**
 * A layout script with what it includes put in, as --verbose prints it: one text that can be cut out, changed, and given
 * back by -T. Parameters of an included script that the including one sets get that value as their default.
 */

/** @param texts by name, relative to one folder; an include of a file that is not among them stays */
export function wholeScript(name: string, texts: Readonly<Record<string, string>>): string {
  return expanded(name, texts, new Set([name])) ?? ''
}

const include = /^([ \t]*)@include "([^"$]+)"(?:\s*\(([^)]*)\))?;[ \t]*$/gm

function expanded(
  name: string,
  texts: Readonly<Record<string, string>>,
  open: ReadonlySet<string>,
): string | undefined {
  const text = texts[name]
  if (text === undefined) return undefined
  const folder = name.slice(0, name.lastIndexOf('/') + 1)
  return text.replace(include, (line, indent: string, file: string, list: string | undefined) => {
    const path = `${folder}${file}`
    if (open.has(path)) return line
    const inner = expanded(path, texts, new Set([...open, path]))
    if (inner === undefined) return line
    return withValues(inner.replace(/^@tsld 1;\n/m, ''), valuesOf(list)).replace(/^(?=.)/gm, indent)
  })
}

/** `A = 1, B = "x"` as a table. */
function valuesOf(list: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const each of (list ?? '').split(',')) {
    const equals = each.indexOf('=')
    if (equals > 0) values.set(each.slice(0, equals).trim(), each.slice(equals + 1).trim())
  }
  return values
}

/** A parameter that is passed on under its own name is declared by the including script already. */
function withValues(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/^@param (\w+) : (\w+)[^;]*;/gm, (line, name: string, type: string) => {
    const value = values.get(name)
    if (value === undefined) return line
    return value === name ? '' : `@param ${name} : ${type} = ${value};`
  })
}
