/** Walking the syntax tree: children, visiting in text order, the node at an offset. */
import type { Node } from './ast.ts'

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'span' in value
}

/** The nodes directly below `node`, in text order. */
export function children(node: Node): Node[] {
  const found: Node[] = []
  for (const [key, value] of Object.entries(node)) {
    // `tsld` of a script is also one of its statements.
    if (key === 'span' || key === 'nameSpan' || key === 'tsld') continue
    collect(value, found)
  }
  return found.sort((a, b) => a.span.start - b.span.start)
}

/** Nodes of a property: a node, a list of them, or a plain record that holds some (a `@for` range). */
function collect(value: unknown, found: Node[]): void {
  if (Array.isArray(value)) for (const each of value) collect(each, found)
  else if (isNode(value)) found.push(value)
  else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) collect(each, found)
}

/**
 * Calls `enter` for the node and everything below it, parents first, in text order. When `enter` gives false, what is
 * below the node is left out.
 */
export function visit(node: Node, enter: (node: Node, parent: Node | undefined) => boolean | undefined): void {
  const pending: [Node, Node | undefined][] = [[node, undefined]]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [current, parent] = next
    if (enter(current, parent) === false) continue
    const below = children(current)
    for (let i = below.length - 1; i >= 0; i--) pending.push([below[i], current])
  }
}

/** The nodes around a character offset, outermost first; empty when the offset is outside `node`. */
export function nodesAt(node: Node, offset: number): Node[] {
  const path: Node[] = []
  let current: Node | undefined = node
  while (current !== undefined && current.span.start <= offset && offset <= current.span.end) {
    path.push(current)
    current = children(current).find(child => child.span.start <= offset && offset <= child.span.end)
  }
  return path
}
