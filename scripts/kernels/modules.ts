/** Sources of kernels and what their names mean. */
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import {
  type AliasNode,
  type Expression,
  type FunctionNode,
  type InterfaceNode,
  type Placed,
  parseSource,
  Refusal,
  type Statement,
} from './syntax.ts'

interface Reference {
  /** absolute path of a file of the project, or a package's name */
  readonly from: string
  readonly name: string
}

export interface SourceModule {
  /** absolute */
  readonly path: string
  /** from the working directory, for messages */
  readonly shown: string
  readonly functions: Map<string, FunctionNode>
  readonly interfaces: Map<string, InterfaceNode>
  readonly aliases: Map<string, AliasNode>
  readonly constants: Map<string, Expression>
  readonly imports: Map<string, Reference>
  /** exported name to a name of this module or of another one */
  readonly exports: Map<string, Reference>
  readonly stars: string[]
}

/** What a name stands for. `opaque`: declared in a way that only running its module tells. */
export type Meaning =
  | { readonly form: 'function'; readonly module: SourceModule; readonly name: string; readonly node: FunctionNode }
  | { readonly form: 'interface'; readonly module: SourceModule; readonly node: InterfaceNode }
  | { readonly form: 'alias'; readonly module: SourceModule; readonly node: AliasNode }
  | { readonly form: 'constant'; readonly module: SourceModule; readonly name: string; readonly init: Expression }
  | { readonly form: 'opaque'; readonly path: string; readonly name: string }

export class Modules {
  readonly #known = new Map<string, SourceModule>()

  /** @throws {Refusal} when the file cannot be read or parsed */
  load(path: string, at: Placed): SourceModule {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      throw new Refusal(at, `${path} cannot be read`)
    }
    const module = collect(path, parseSource(text))
    this.#known.set(path, module)
    return module
  }

  /** What `name` means inside of `module`; undefined when nothing declares it. */
  resolve(module: SourceModule, name: string, at: Placed): Meaning | undefined {
    const own = declared(module, name)
    if (own !== undefined) return own
    const reference = module.imports.get(name)
    return reference === undefined ? undefined : this.#follow(reference, at)
  }

  /** What other modules get by importing `name` of `module`. */
  resolveExport(module: SourceModule, name: string, at: Placed): Meaning | undefined {
    const reference = module.exports.get(name)
    if (reference !== undefined && reference.from !== module.path) return this.#follow(reference, at)
    if (reference !== undefined) return this.resolve(module, reference.name, at)
    for (const star of module.stars) {
      const found = this.resolveExport(this.load(star, at), name, at)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Names that `module` exports, in the order of its text. */
  exportedNames(module: SourceModule, at: Placed): string[] {
    return [...module.exports.keys(), ...module.stars.flatMap(star => this.exportedNames(this.load(star, at), at))]
  }

  #follow(reference: Reference, at: Placed): Meaning | undefined {
    if (!reference.from.startsWith('/') || reference.name === '*')
      return { form: 'opaque', path: reference.from, name: reference.name }
    const module = this.load(reference.from, at)
    const found = this.resolveExport(module, reference.name, at)
    if (found === undefined && module.exports.has(reference.name))
      return { form: 'opaque', path: reference.from, name: reference.name }
    return found
  }
}

function declared(module: SourceModule, name: string): Meaning | undefined {
  const node = module.functions.get(name)
  if (node !== undefined) return { form: 'function', module, name, node }
  const init = module.constants.get(name)
  if (init !== undefined) return { form: 'constant', module, name, init }
  const shape = module.interfaces.get(name)
  if (shape !== undefined) return { form: 'interface', module, node: shape }
  const alias = module.aliases.get(name)
  return alias === undefined ? undefined : { form: 'alias', module, node: alias }
}

function collect(path: string, statements: readonly Statement[]): SourceModule {
  const module: SourceModule = {
    path,
    shown: relative(process.cwd(), path),
    functions: new Map(),
    interfaces: new Map(),
    aliases: new Map(),
    constants: new Map(),
    imports: new Map(),
    exports: new Map(),
    stars: [],
  }
  const target = (specifier: string): string =>
    specifier.startsWith('.') ? resolve(dirname(path), specifier) : specifier
  for (const statement of statements)
    if (statement.type === 'ImportDeclaration')
      for (const specifier of statement.specifiers) {
        const name =
          specifier.type === 'ImportSpecifier'
            ? exportName(specifier.imported)
            : specifier.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*'
        module.imports.set(specifier.local.name, { from: target(statement.source.value), name })
      }
    else if (statement.type === 'ExportAllDeclaration') module.stars.push(target(statement.source.value))
    else if (statement.type === 'ExportNamedDeclaration') {
      if (statement.declaration !== null && statement.declaration !== undefined)
        for (const name of declare(module, statement.declaration)) module.exports.set(name, { from: path, name })
      const from = statement.source === null || statement.source === undefined ? path : target(statement.source.value)
      for (const specifier of statement.specifiers)
        if (specifier.type === 'ExportSpecifier')
          module.exports.set(exportName(specifier.exported), { from, name: exportName(specifier.local) })
    } else declare(module, statement)
  return module
}

function exportName(
  node:
    | { readonly type: 'Identifier'; readonly name: string }
    | { readonly type: 'StringLiteral'; readonly value: string },
): string {
  return node.type === 'Identifier' ? node.name : node.value
}

/** Enters what a statement declares and says its names. */
function declare(module: SourceModule, statement: Statement): string[] {
  switch (statement.type) {
    case 'FunctionDeclaration':
      if (statement.id === null || statement.id === undefined) return []
      module.functions.set(statement.id.name, statement)
      return [statement.id.name]
    case 'TSInterfaceDeclaration':
      module.interfaces.set(statement.id.name, statement)
      return [statement.id.name]
    case 'TSTypeAliasDeclaration':
      module.aliases.set(statement.id.name, statement)
      return [statement.id.name]
    case 'VariableDeclaration':
      return statement.declarations.flatMap(({ id, init }) => {
        if (id.type !== 'Identifier') return []
        if (statement.kind === 'const' && init !== null && init !== undefined) module.constants.set(id.name, init)
        return [id.name]
      })
    default:
      return []
  }
}
