/** The form of one row of the option table, and the few ways rows are made. */
import { badChoice, badNumber, notCarriedOut } from '../diag/catalogue/usage.ts'
import type { CommandLine, OptionUse } from './command-line.ts'

/** Pure: gives what changes. */
export type Effect = (line: CommandLine, value: string, use: OptionUse) => Partial<CommandLine>

export interface OptionRow {
  /** as shown by --help: '-o', '--output'. Long names work with one dash as well, unless they begin with an o. */
  readonly names: readonly string[]
  /** 'none': a switch; 'required': value joined, behind '=' or the next word; 'optional': behind '=' only */
  readonly argument: 'none' | 'required' | 'optional'
  /** what the value is, for help: FILE, SYMBOL */
  readonly metavariable?: string
  readonly help: string
  readonly effect: Effect
  /** GNU ld has it for other systems or does nothing with it: left out of --help */
  readonly hidden?: boolean
}

/** A switch. */
export function flag(
  names: string,
  help: string,
  effect: (line: CommandLine, use: OptionUse) => Partial<CommandLine>,
): OptionRow {
  return { names: names.split(' '), argument: 'none', help, effect: (line, _value, use) => effect(line, use) }
}

/** An option that needs a value. */
export function valued(names: string, metavariable: string, help: string, effect: Effect): OptionRow {
  return { names: names.split(' '), argument: 'required', metavariable, help, effect }
}

/** An option whose value may be left out; it then is ''. */
export function optional(names: string, metavariable: string, help: string, effect: Effect): OptionRow {
  return { names: names.split(' '), argument: 'optional', metavariable, help, effect }
}

/** Accepted and without effect: only what cannot change the meaning of the output. The help says why. */
export function ignored(names: string, argument: OptionRow['argument'], help: string): OptionRow {
  return {
    names: names.split(' '),
    argument,
    metavariable: 'VALUE',
    help: `Ignored: ${help}`,
    effect: () => ({}),
    hidden: true,
  }
}

/** Known to GNU ld and not carried out: an error that names it. */
export function refused(names: string, argument: OptionRow['argument'], reason: string): OptionRow {
  return {
    names: names.split(' '),
    argument,
    metavariable: 'VALUE',
    help: reason,
    hidden: true,
    effect: (_line, _value, use) => {
      use.report.add(notCarriedOut({ option: use.option, reason }), { kind: 'option', text: use.option })
      return {}
    },
  }
}

/** One of a few words; undefined after an error. */
export function choice<Word extends string>(value: string, choices: readonly Word[], use: OptionUse): Word | undefined {
  if ((choices as readonly string[]).includes(value)) return value as Word
  use.report.add(badChoice({ option: use.option, value, choices }), { kind: 'option', text: use.option })
  return undefined
}

/** A hexadecimal address, 0x or not, as -Ttext takes it. 64 bits; undefined after an error. */
export function hexAddress(value: string, use: OptionUse): bigint | undefined {
  const digits = value.replace(/^0x/i, '')
  if (/^[0-9a-f]{1,16}$/i.test(digits)) return BigInt('0x' + digits)
  use.report.add(badNumber({ option: use.option, value, expected: 'a hexadecimal address' }), {
    kind: 'option',
    text: use.option,
  })
  return undefined
}

/** A number as C's strtoull base 0 reads it; undefined after an error. */
export function anyNumber(value: string, use: OptionUse): bigint | undefined {
  if (/^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value)
  if (/^0[0-7]+$/.test(value)) return BigInt('0o' + value.slice(1))
  if (/^(0|[1-9][0-9]{0,19})$/.test(value) && BigInt(value) < 1n << 64n) return BigInt(value)
  use.report.add(badNumber({ option: use.option, value, expected: 'a number' }), { kind: 'option', text: use.option })
  return undefined
}

/** A page size: a power of two below 2^32. */
export function pageSize(value: string, use: OptionUse): number | undefined {
  const size = anyNumber(value, use)
  if (size === undefined) return undefined
  if (size > 0n && size < 1n << 32n && (size & (size - 1n)) === 0n) return Number(size)
  use.report.add(badNumber({ option: use.option, value, expected: 'a power of two' }), {
    kind: 'option',
    text: use.option,
  })
  return undefined
}

/** NAME=VALUE cut at the first '='; undefined when there is no '=' or no name. */
export function cutPair(text: string): { name: string; value: string } | undefined {
  const at = text.indexOf('=')
  return at <= 0 ? undefined : { name: text.slice(0, at), value: text.slice(at + 1) }
}

/** A map with one more entry. */
export function withEntry<Value>(map: ReadonlyMap<string, Value>, name: string, value: Value): Map<string, Value> {
  return new Map(map).set(name, value)
}
