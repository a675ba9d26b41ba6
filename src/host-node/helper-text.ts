/** Program of the helper thread. The bundle has it (scripts/bundle.ts puts a module in this place); from source there is no helper. */
export function helperText(): string | undefined {
  return undefined
}
