/**
 * Descriptions of data that read and write JSON: each says how a value becomes JSON and what JSON must look like to become
 * the value again. Reading never throws: what does not fit is reported with its path, and the result is not used then.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export interface Codec<T> {
  write(value: T, context: WriteContext): Json
  read(json: unknown, path: string, context: ReadContext): T
}

export interface WriteContext {
  /** number of a text that is kept once (file names of spans) */
  intern(text: string): number
}

export interface ReadContext {
  /** texts by number; filled before the rest is read */
  readonly texts: readonly string[]
  /** how deep the value being read is nested */
  depth: number
  /** records that `path` holds something else than `expected`; what it returns is never looked at, since reading has failed */
  fail<T>(path: string, expected: string, found: unknown): T
}

const depthLimit = 1500

/** A codec that is known only later: for types that hold themselves. */
export function lazy<T>(get: () => Codec<T>): Codec<T> {
  return {
    write: (value, context) => get().write(value, context),
    read: (json, path, context) => {
      if (context.depth >= depthLimit) return context.fail(path, `at most ${depthLimit} levels`, json)
      context.depth++
      const value = get().read(json, path, context)
      context.depth--
      return value
    },
  }
}

function plain<T extends Json>(expected: string, fits: (json: unknown) => boolean): Codec<T> {
  return {
    write: value => value,
    read: (json, path, context) => (fits(json) ? (json as T) : context.fail(path, expected, json)),
  }
}

export const text: Codec<string> = plain('a string', json => typeof json === 'string')
export const flag: Codec<boolean> = plain('true or false', json => typeof json === 'boolean')
export const count: Codec<number> = plain('a whole number that is not negative', json => {
  return typeof json === 'number' && Number.isSafeInteger(json) && json >= 0
})
export const byte: Codec<number> = plain('a byte', json => {
  return typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= 255
})

/** 0 .. 2^64-1 as `"0x…"`. */
export const word: Codec<bigint> = {
  write: value => '0x' + value.toString(16),
  read: (json, path, context) =>
    typeof json === 'string' && /^0x[0-9a-f]{1,16}$/.test(json)
      ? BigInt(json)
      : context.fail(path, 'a hexadecimal string such as "0x1000"', json),
}

/** One of a few fixed values. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Codec<T> {
  const allowed = new Set<unknown>(values)
  return plain<T & Json>(`one of ${values.join(', ')}`, json => allowed.has(json)) as unknown as Codec<T>
}

export function list<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    write: (values, context) => values.map(value => element.write(value, context)),
    read: (json, path, context) => {
      if (!Array.isArray(json)) return context.fail(path, 'a list', json)
      return json.map((value: unknown, i) => element.read(value, `${path}[${i}]`, context))
    },
  }
}

/** Bytes as a hexadecimal string. */
export const bytes: Codec<readonly number[]> = {
  write: values => values.map(value => value.toString(16).padStart(2, '0')).join(''),
  read: (json, path, context) => {
    if (typeof json !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(json))
      return context.fail(path, 'pairs of hexadecimal digits', json)
    return (json.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16))
  },
}

/** A member that may be missing. */
export interface Optional<T> {
  readonly optional: Codec<T>
}

export function maybe<T>(codec: Codec<T>): Optional<T> {
  return { optional: codec }
}

type Fields<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Optional<Exclude<T[K], undefined>> : Codec<T[K]>
}

/** A record with exactly these members. Names not listed are a mistake when reading: a misspelt member must not vanish. */
export function record<T extends object>(fields: Fields<T>): Codec<T> {
  const names = Object.keys(fields) as (keyof T & string)[]
  const known = new Set<string>(names)
  const codecOf = (name: keyof T & string): { codec: Codec<unknown>; optional: boolean } => {
    const field = fields[name] as Codec<unknown> | Optional<unknown>
    return 'optional' in field ? { codec: field.optional, optional: true } : { codec: field, optional: false }
  }
  return {
    write: (value, context) => {
      const json: Record<string, Json> = {}
      for (const name of names) {
        const member = value[name]
        if (member !== undefined) json[name] = codecOf(name).codec.write(member, context)
      }
      return json
    },
    read: (json, path, context) => {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) return context.fail(path, 'an object', json)
      const source = json as Record<string, unknown>
      const result: Record<string, unknown> = {}
      for (const name of names) {
        const { codec, optional } = codecOf(name)
        if (Object.hasOwn(source, name)) result[name] = codec.read(source[name], `${path}.${name}`, context)
        else if (!optional) context.fail(`${path}.${name}`, 'a value', undefined)
      }
      for (const name of Object.keys(source))
        if (!known.has(name)) context.fail(`${path}.${name}`, `one of ${names.join(', ')} as a name`, name)
      return result as T
    },
  }
}

/** A union told apart by the string in member `tag`; each row is a record codec that includes the tag. */
export function union<T extends object, K extends keyof T & string>(
  tag: K,
  rows: Readonly<Record<T[K] & string, Codec<object>>>,
): Codec<T> {
  const table: Readonly<Record<string, Codec<object>>> = rows
  return {
    write: (value, context) => table[value[tag] as string].write(value, context),
    read: (json, path, context) => {
      const name = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[tag] : undefined
      if (typeof name !== 'string' || !Object.hasOwn(table, name))
        return context.fail(path, `an object whose ${tag} is one of ${Object.keys(table).join(', ')}`, json)
      return table[name].read(json, path, context) as T
    },
  }
}
