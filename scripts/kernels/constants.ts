/** Values that are known before anything runs: constants of modules, and objects of other rooms. */
import { pathToFileURL } from 'node:url'
import type { Meaning, Modules, SourceModule } from './modules.ts'
import { bare, type Expression, Refusal } from './syntax.ts'

/** Thrown when a value is only known to a module that has not been run yet: the caller runs it and tries again. */
export class ModuleNeeded extends Error {
  readonly path: string

  constructor(path: string) {
    super(path)
    this.path = path
  }
}

/** A constant that this file cannot find from the text alone. */
class Unknown extends Error {}

export class Constants {
  readonly #modules: Modules
  readonly #running = new Map<string, Readonly<Record<string, unknown>>>()

  constructor(modules: Modules) {
    this.#modules = modules
  }

  /** Runs a module for its exports. */
  async run(path: string): Promise<void> {
    const specifier = path.startsWith('/') ? pathToFileURL(path).href : path
    this.#running.set(path, (await import(specifier)) as Record<string, unknown>)
  }

  /**
   * The value of an expression, undefined when it depends on more than constants.
   * @throws {ModuleNeeded}
   */
  evaluate(node: Expression, module: SourceModule): unknown {
    try {
      return this.#value(node, module)
    } catch (error) {
      if (error instanceof Unknown) return undefined
      throw error
    }
  }

  /**
   * The value of a constant.
   * @throws {ModuleNeeded} @throws {Refusal}
   */
  named(meaning: Meaning & { form: 'constant' | 'opaque' }, at: Expression): unknown {
    if (meaning.form === 'constant') {
      const value = this.evaluate(meaning.init, meaning.module)
      if (value !== undefined) return value
      if (!meaning.module.exports.has(meaning.name))
        throw new Refusal(
          at,
          `the value of ${meaning.name} cannot be found without running its module: export it, or write it as a number`,
        )
    }
    const path = meaning.form === 'constant' ? meaning.module.path : meaning.path
    const running = this.#running.get(path)
    if (running === undefined) throw new ModuleNeeded(path)
    return meaning.name === '*' ? running : running[meaning.name]
  }

  #value(node: Expression, module: SourceModule): unknown {
    const inner = bare(node)
    switch (inner.type) {
      case 'NumericLiteral':
      case 'StringLiteral':
      case 'BooleanLiteral':
        return inner.value
      case 'TSAsExpression':
        return this.#value(inner.expression, module)
      case 'Identifier':
        return this.#identifier(inner, module)
      case 'UnaryExpression': {
        const value = this.#number(inner.argument, module)
        return inner.operator === '-'
          ? -value
          : inner.operator === '~'
            ? ~value
            : inner.operator === '+'
              ? value
              : fail()
      }
      case 'BinaryExpression':
        if (inner.left.type === 'PrivateName') return fail()
        return fold(inner.operator, this.#number(inner.left, module), this.#number(inner.right, module)) ?? fail()
      case 'MemberExpression': {
        const object = this.#value(inner.object as Expression, module)
        if (typeof object !== 'object' || object === null) return fail()
        const key = inner.computed
          ? this.#value(inner.property as Expression, module)
          : inner.property.type === 'Identifier'
            ? inner.property.name
            : fail()
        return (object as Record<string, unknown>)[key as string]
      }
      case 'ObjectExpression': {
        const object: Record<string, unknown> = {}
        for (const property of inner.properties) {
          if (property.type !== 'ObjectProperty' || property.computed) return fail()
          const key =
            property.key.type === 'Identifier'
              ? property.key.name
              : property.key.type === 'StringLiteral' || property.key.type === 'NumericLiteral'
                ? String(property.key.value)
                : fail()
          object[key] = this.#value(property.value as Expression, module)
        }
        return object
      }
      case 'ArrayExpression':
        return inner.elements.map(element =>
          element === null || element.type === 'SpreadElement' ? fail() : this.#value(element, module),
        )
      default:
        return fail()
    }
  }

  #identifier(node: Expression & { type: 'Identifier' }, module: SourceModule): unknown {
    const meaning = this.#modules.resolve(module, node.name, node)
    if (meaning?.form === 'constant' || meaning?.form === 'opaque') return this.named(meaning, node)
    if (meaning !== undefined) return fail()
    if (node.name === 'Infinity') return Infinity
    if (node.name === 'NaN') return NaN
    if (node.name === 'Number') return numberConstants
    return fail()
  }

  #number(node: Expression, module: SourceModule): number {
    const value = this.#value(node, module)
    return typeof value === 'number' ? value : fail()
  }
}

const numberConstants = {
  MAX_SAFE_INTEGER: Number.MAX_SAFE_INTEGER,
  MAX_VALUE: Number.MAX_VALUE,
  POSITIVE_INFINITY: Infinity,
  EPSILON: Number.EPSILON,
}

function fail(): never {
  throw new Unknown()
}

/** Two numbers and an operator as JavaScript has them; undefined for operators that do not give numbers. */
export function fold(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    case '**':
      return left ** right
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '<<':
      return left << right
    case '>>':
      return left >> right
    case '>>>':
      return left >>> right
    default:
      return undefined
  }
}
