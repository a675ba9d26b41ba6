/** What the name a program was called by says about the layout that is meant. */
export interface CalledAs {
  /** 'tsld', or the linker's name we stand in for */
  readonly name: string
  /** true for ld, ld.lld, x86_64-linux-gnu-ld.bfd and the like, and behind `-flavor gnu` */
  readonly likeLinker: boolean
}

/**
 * @param program path the program was started by (argv[0] of other languages)
 * @param words its arguments
 */
export function calledAs(program: string, words: readonly string[]): CalledAs {
  const name = program.replace(/^.*[/\\]/, '').replace(/\.(mjs|cjs|js|ts|exe)$/i, '')
  const flavor = words[0] === '-flavor' ? (words[1] ?? '') : ''
  if (flavor === 'gnu' || flavor === 'ld') return { name: 'ld', likeLinker: true }
  const likeLinker = /^(.*-)?ld(\.[\w-]+)?$/.test(name) || ['mold', 'lld', 'gold'].includes(name)
  return { name: likeLinker ? name : 'tsld', likeLinker }
}
