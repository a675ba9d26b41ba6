/**
 * A layout script with what it includes put in, as --verbose prints it: one text that can be cut out, changed, and given
 * back by -T. Parameters of an included script that the including one sets get that value as their default, and so do
 * those of the script itself that the layout sets.
 */

export interface LayoutTexts {
  /** by name, relative to one folder; an include of a file that is not among them stays */
  readonly texts: Readonly<Record<string, string>>
  /** what names of included files may ask for: os, arch */
  readonly facts: Readonly<Record<string, string>>
}

/** @param parameters values of the script's own parameters, as -D takes them */
export function wholeScript(name: string, from: LayoutTexts, parameters: Readonly<Record<string, string>>): string {
  const text = expanded(name, from, new Set([name])) ?? ''
  return text.replace(/^@param (\w+) : (\w+)[^;]*;/gm, (line, parameter: string, type: string) => {
    const value = parameters[parameter]
    if (value === undefined) return line
    return `@param ${parameter} : ${type} = ${type === 'string' ? JSON.stringify(value) : value};`
  })
}

/** @include "file" (A = 1, …); relative to the folder of the script */
const include = /^([ \t]*)@include "([^"$]+)"(?:\s*\(([^)]*)\))?;[ \t]*$/gm
/** INCLUDE "file", relative to the folder of the layouts */
const gnuInclude = /^([ \t]*)INCLUDE "([^"]+)"[ \t]*(?:\/\*.*\*\/)?[ \t]*$/gm

function expanded(name: string, from: LayoutTexts, open: ReadonlySet<string>): string | undefined {
  const text = from.texts[name]
  if (text === undefined) return undefined
  const folder = name.slice(0, name.lastIndexOf('/') + 1)
  const inside = (line: string, indent: string, path: string, list: string | undefined): string => {
    if (open.has(path)) return line
    const inner = expanded(path, from, new Set([...open, path]))
    if (inner === undefined) return line
    return withValues(inner.replace(/^@tsld 1;\n/m, ''), valuesOf(list)).replace(/^(?=.)/gm, indent)
  }
  return text
    .replace(include, (line, indent: string, file: string, list: string | undefined) =>
      inside(line, indent, withoutParents(`${folder}${file}`), list),
    )
    .replace(gnuInclude, (line, indent: string, file: string) =>
      inside(
        line,
        indent,
        file.replace(/\$\{(\w+)\}/g, (whole, fact: string) => from.facts[fact] ?? whole),
        undefined,
      ),
    )
}

/** `a/../b` is `b`. */
function withoutParents(path: string): string {
  return path.replace(/(^|\/)(?!\.\.\/)[^/]+\/\.\.\//g, '$1')
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
