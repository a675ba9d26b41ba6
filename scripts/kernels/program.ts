/** Everything that is known of the functions and records being translated. */
import type { ScalarKind } from '../../src/kernels/signatures.ts'
import type { Checks } from './checks.ts'
import { Constants } from './constants.ts'
import {
  type ArrayKind,
  arrayKinds,
  type Field,
  isScalar,
  type Kind,
  nameOf,
  type RecordKind,
  scalarNames,
  type TableKind,
  tableOf,
} from './kinds.ts'
import { type Meaning, Modules, type SourceModule } from './modules.ts'
import { ErrorList, type FunctionNode, type InterfaceNode, type Placed, Refusal, type TypeNode } from './syntax.ts'
import type { Local, Routine } from './tree.ts'

export interface Pending {
  readonly routine: Routine
  readonly node: FunctionNode
  readonly module: SourceModule
}

export class Program {
  readonly modules = new Modules()
  readonly constants = new Constants(this.modules)
  readonly errors = new ErrorList()
  readonly checks: Checks
  /** functions whose bodies wait for translation */
  readonly pending: Pending[] = []
  readonly #records = new Map<InterfaceNode, RecordKind>()
  readonly #routines = new Map<FunctionNode, Map<string, Routine>>()

  constructor(checks: Checks) {
    this.checks = checks
  }

  get records(): RecordKind[] {
    return [...this.#records.values()]
  }

  /**
   * The routine of a function; its body is translated later.
   * @param given by parameter: the record that is passed for it, which may have more fields than it asks for
   */
  routine(meaning: Meaning & { form: 'function' }, given: readonly (RecordKind | undefined)[] = []): Routine {
    const { node, module } = meaning
    const key = given.map(record => record?.name ?? '').join()
    const variants = this.#routines.get(node) ?? new Map<string, Routine>()
    this.#routines.set(node, variants)
    const known = variants.get(key)
    if (known !== undefined) return known
    const parameters: Local[] = []
    let result: Kind = 'void'
    const attempt = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        this.errors.take(module.shown, error)
      }
    }
    node.params.forEach((parameter, at) => {
      attempt(() => {
        const local = this.#parameter(parameter, module)
        parameters.push(given[at] === undefined ? local : { ...local, kind: given[at] })
      })
    })
    const before = this.errors.count
    attempt(() => (result = this.#result(node, module)))
    const routine: Routine = { name: meaning.name, parameters, result, body: { locals: [], actions: [] } }
    variants.set(key, routine)
    // What a wrong head says of its body would only be more of the same.
    if (parameters.length === node.params.length && this.errors.count === before)
      this.pending.push({ routine, node, module })
    return routine
  }

  #parameter(node: FunctionNode['params'][number], module: SourceModule): Local {
    if (node.type !== 'Identifier')
      throw new Refusal(
        node,
        'a parameter is a name with a type: destructure a record in the first line of the body, and pass every value (no defaults, no rest)',
      )
    if (node.typeAnnotation?.type !== 'TSTypeAnnotation') throw new Refusal(node, `${node.name} needs a type`)
    const kind = this.kind(node.typeAnnotation.typeAnnotation, module)
    if (kind === 'void') throw new Refusal(node, 'a parameter cannot be void')
    return { name: node.name, kind, assigned: false }
  }

  #result(node: FunctionNode, module: SourceModule): Kind {
    if (node.async || node.generator) throw new Refusal(node, 'kernels are neither async nor generators')
    if (node.returnType?.type !== 'TSTypeAnnotation')
      throw new Refusal(node.id ?? node, 'the result needs a type (I32, U32, F64, boolean or void)')
    const kind = this.kind(node.returnType.typeAnnotation, module)
    if (typeof kind !== 'string' && kind.form !== 'array')
      throw new Refusal(
        node.returnType,
        `a function cannot return ${nameOf(kind)}: return a number, a boolean or nothing`,
      )
    return kind
  }

  /** The kind that a type names. */
  kind(node: TypeNode, module: SourceModule): Kind {
    switch (node.type) {
      case 'TSBooleanKeyword':
        return 'boolean'
      case 'TSVoidKeyword':
        return 'void'
      case 'TSNumberKeyword':
        throw new Refusal(node, 'number says too little: write I32, U32 or F64 (types.ts)')
      case 'TSTypeOperator':
        if (node.operator === 'readonly') return this.kind(node.typeAnnotation, module)
        break
      case 'TSParenthesizedType':
        return this.kind(node.typeAnnotation, module)
      case 'TSArrayType':
        return this.#table(node.elementType, module)
      case 'TSTypeReference':
        if (node.typeName.type === 'Identifier') {
          const name = node.typeName.name
          const inner = node.typeParameters?.params[0]
          if (name === 'ReadonlyArray' && inner !== undefined) return this.#table(inner, module)
          return this.#named(name, node, module)
        }
        break
    }
    throw new Refusal(
      node,
      'this type is not available in kernels: I32, U32, F64, boolean, typed arrays, DataView, readonly tables of arrays, and interfaces of those are',
    )
  }

  #table(element: TypeNode, module: SourceModule): TableKind {
    const of = this.kind(element, module)
    if (typeof of === 'string' || of.form !== 'array')
      throw new Refusal(
        element,
        `a table holds typed arrays or DataViews, not ${nameOf(of)}: numbers go into a typed array`,
      )
    return tableOf(of)
  }

  #named(name: string, node: Placed, module: SourceModule): Kind {
    const known: ScalarKind | ArrayKind | undefined = scalarNames[name] ?? arrayKinds.get(name)
    if (known !== undefined) return known
    const meaning = this.modules.resolve(module, name, node)
    if (meaning?.form === 'interface') return this.#record(meaning.node, meaning.module)
    if (meaning?.form === 'alias') return this.kind(meaning.node.typeAnnotation, meaning.module)
    throw new Refusal(
      node,
      `${name} is no type that kernels know: use I32, U32, F64, boolean, a typed array, DataView or an interface`,
    )
  }

  #record(node: InterfaceNode, module: SourceModule): RecordKind {
    const known = this.#records.get(node)
    if (known !== undefined) return known
    const fields = new Map<string, Field>()
    const record = { form: 'record' as const, name: node.id.name, fields, size: 0 }
    this.#records.set(node, record)
    if (this.records.some(other => other !== record && other.name === record.name))
      this.errors.add(module.shown, node, `there is another record named ${record.name}: give one of them a new name`)
    let size = 0
    const place = (name: string, kind: Field['kind']): void => {
      const width = kind === 'f64' ? 8 : 4
      const offset = Math.ceil(size / width) * width
      if (fields.has(name)) return
      fields.set(name, { name, offset, kind })
      size = offset + width
    }
    try {
      for (const base of node.extends ?? []) {
        if (base.expression.type !== 'Identifier') throw new Refusal(base, 'an interface extends a plain name')
        const kind = this.#named(base.expression.name, base, module)
        if (typeof kind === 'string' || kind.form !== 'record')
          throw new Refusal(base, 'an interface extends an interface')
        for (const field of kind.fields.values()) place(field.name, field.kind)
      }
    } catch (error) {
      this.errors.take(module.shown, error)
    }
    for (const member of node.body.body)
      try {
        place(...this.#member(member, module))
      } catch (error) {
        this.errors.take(module.shown, error)
      }
    record.size = Math.ceil(size / 8) * 8
    return record
  }

  #member(node: InterfaceNode['body']['body'][number], module: SourceModule): [string, Field['kind']] {
    if (node.type !== 'TSPropertySignature' || node.key.type !== 'Identifier' || node.computed)
      throw new Refusal(node, 'a record has fields only')
    if (node.optional)
      throw new Refusal(node, `${node.key.name} cannot be optional: all calls of a kernel pass the same fields`)
    if (!node.readonly)
      throw new Refusal(
        node,
        `${node.key.name} has to be readonly: fields do not change, results go into columns (an Int32Array of one element, for instance)`,
      )
    if (node.typeAnnotation === null || node.typeAnnotation === undefined)
      throw new Refusal(node, `${node.key.name} needs a type`)
    const kind = this.kind(node.typeAnnotation.typeAnnotation, module)
    if (isScalar(kind)) return [node.key.name, kind]
    if (kind === 'void' || kind.form === 'record')
      throw new Refusal(
        node,
        `${node.key.name} is ${nameOf(kind)}: a record holds numbers, booleans, arrays and tables of arrays only; pass a second record as a parameter`,
      )
    return [node.key.name, kind]
  }
}
