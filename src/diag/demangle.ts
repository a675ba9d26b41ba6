/**
 * C++ names as their authors wrote them: the Itanium ABI's mangling (section 5.1 of the C++ ABI), as far as names in link
 * errors need it. What does not follow the grammar here is given back as it is, so a name is never made worse.
 */

/** All mangled names in a text replaced. */
export function demangleText(text: string): string {
  return text.includes('_Z')
    ? text.replace(/(?<![\w$.])_Z[\w$.]+/g, name => demangle(name.replace(/\.$/, '')) + (name.endsWith('.') ? '.' : ''))
    : text
}

/** `foo(int)` for `_Z3fooi`; the same name when it is not mangled or not understood. A version behind `@` is kept. */
export function demangle(name: string): string {
  if (!name.startsWith('_Z') || name.length > 4000) return name
  const at = name.indexOf('@')
  const mangled = at < 0 ? name : name.slice(0, at)
  const dot = mangled.indexOf('.')
  const parser = new Parser(dot < 0 ? mangled : mangled.slice(0, dot))
  const text = parser.run()
  if (text === undefined) return name
  const clones = dot < 0 ? [] : (mangled.slice(dot).match(/\.[a-zA-Z_]+(\.\d+)*|\.\d+/g) ?? [])
  const clone = clones.map(each => ` [clone ${each}]`).join('')
  return text + clone + (at < 0 ? '' : name.slice(at))
}

/** A type is written around a name: `int (*` name `)(char)`. */
interface Type {
  readonly left: string
  readonly right: string
  /** arrays and functions: `*` and `&` go into parentheses */
  readonly wraps?: boolean
}

const plain = (left: string): Type => ({ left, right: '' })

const builtins: Readonly<Record<string, string>> = {
  v: 'void',
  w: 'wchar_t',
  b: 'bool',
  c: 'char',
  a: 'signed char',
  h: 'unsigned char',
  s: 'short',
  t: 'unsigned short',
  i: 'int',
  j: 'unsigned int',
  l: 'long',
  m: 'unsigned long',
  x: 'long long',
  y: 'unsigned long long',
  n: '__int128',
  o: 'unsigned __int128',
  f: 'float',
  d: 'double',
  e: 'long double',
  g: '__float128',
  z: '...',
}
const wideBuiltins: Readonly<Record<string, string>> = {
  Dn: 'decltype(nullptr)',
  Di: 'char32_t',
  Ds: 'char16_t',
  Du: 'char8_t',
  Da: 'auto',
  Dc: 'decltype(auto)',
  Dh: 'half',
}
const operators: Readonly<Record<string, string>> = {
  nw: ' new',
  na: ' new[]',
  dl: ' delete',
  da: ' delete[]',
  aw: ' co_await',
  ps: '+',
  ng: '-',
  ad: '&',
  de: '*',
  co: '~',
  pl: '+',
  mi: '-',
  ml: '*',
  dv: '/',
  rm: '%',
  an: '&',
  or: '|',
  eo: '^',
  aS: '=',
  pL: '+=',
  mI: '-=',
  mL: '*=',
  dV: '/=',
  rM: '%=',
  aN: '&=',
  oR: '|=',
  eO: '^=',
  ls: '<<',
  rs: '>>',
  lS: '<<=',
  rS: '>>=',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  ss: '<=>',
  nt: '!',
  aa: '&&',
  oo: '||',
  pp: '++',
  mm: '--',
  cm: ',',
  pm: '->*',
  pt: '->',
  cl: '()',
  ix: '[]',
  qu: '?',
}
const standard: Readonly<Record<string, string>> = {
  St: 'std',
  Sa: 'std::allocator',
  Sb: 'std::basic_string',
  Ss: 'std::string',
  Si: 'std::istream',
  So: 'std::ostream',
  Sd: 'std::iostream',
}
const special: Readonly<Record<string, string>> = {
  TV: 'vtable for ',
  TT: 'VTT for ',
  TI: 'typeinfo for ',
  TS: 'typeinfo name for ',
  TW: 'thread-local wrapper routine for ',
  TH: 'thread-local initialization routine for ',
}

class Failure extends Error {}

class Parser {
  private readonly text: string
  private at = 2
  private readonly seen: Type[] = []
  private templateArguments: Type[] = []
  private depth = 0

  constructor(text: string) {
    this.text = text
  }

  run(): string | undefined {
    try {
      const result = this.encoding()
      return this.at === this.text.length ? result : undefined
    } catch (error) {
      if (error instanceof Failure) return undefined
      throw error
    }
  }

  private peek(word: string): boolean {
    return this.text.startsWith(word, this.at)
  }

  private take(word: string): boolean {
    if (!this.peek(word)) return false
    this.at += word.length
    return true
  }

  private fail(): never {
    throw new Failure()
  }

  private expect(word: string): void {
    if (!this.take(word)) this.fail()
  }

  private nested<Result>(parse: () => Result): Result {
    if (++this.depth > 200) this.fail()
    const result = parse()
    this.depth--
    return result
  }

  /** name and, for functions, parameters */
  private encoding(): string {
    const two = this.text.slice(this.at, this.at + 2)
    if (special[two] !== undefined) {
      this.at += 2
      return special[two] + (two === 'TW' || two === 'TH' ? this.name().text : join(this.type()))
    }
    if (this.take('GV')) return `guard variable for ${this.name().text}`
    if (this.take('GR')) {
      const { text } = this.name()
      while (/[0-9A-Z_]/.test(this.text[this.at] ?? '')) this.at++
      return `reference temporary for ${text}`
    }
    if (this.peek('Th') || this.peek('Tv')) {
      const kind = this.text[this.at + 1] === 'h' ? 'non-virtual' : 'virtual'
      this.at += 2
      this.offset()
      if (kind === 'virtual') this.offset()
      return `${kind} thunk to ${this.encoding()}`
    }
    const name = this.name()
    if (this.at >= this.text.length || this.peek('E')) return name.text
    const result = name.isTemplate && !name.noReturn ? this.type() : undefined
    const parameters = this.parameters()
    const whole = `${name.text}(${parameters})${name.suffix}`
    return result === undefined ? whole : `${result.left}${result.right === '' ? ' ' : ''}${whole}${result.right}`
  }

  private offset(): void {
    this.take('n')
    while (/\d/.test(this.text[this.at] ?? '')) this.at++
    this.expect('_')
  }

  /** types up to the end of a function; a lone void is nothing */
  private parameters(): string {
    const list: string[] = []
    do list.push(join(this.type()))
    while (this.at < this.text.length && !this.peek('E') && !this.peek('.'))
    return list.length === 1 && list[0] === 'void' ? '' : list.filter(each => each !== '').join(', ')
  }

  private name(): { text: string; isTemplate: boolean; noReturn: boolean; suffix: string } {
    if (this.take('N')) return this.nestedName()
    if (this.take('Z')) {
      const inside = this.nested(() => this.encoding())
      this.expect('E')
      if (this.take('s')) {
        this.discriminator()
        return { text: `${inside}::string literal`, isTemplate: false, noReturn: false, suffix: '' }
      }
      if (this.take('d')) this.offset()
      const local = this.name()
      this.discriminator()
      return { ...local, text: `${inside}::${local.text}` }
    }
    let text: string
    let noReturn = false
    if (this.peek('S') && !this.peek('St')) text = join(this.substitution())
    else {
      const inStandard = this.take('St')
      const part = this.unqualified('')
      noReturn = part.noReturn
      text = (inStandard ? 'std::' : '') + part.text
      if (this.peek('I')) this.seen.push(plain(text))
    }
    if (!this.peek('I')) return { text, isTemplate: false, noReturn, suffix: '' }
    return { text: text + this.templateList(), isTemplate: true, noReturn, suffix: '' }
  }

  private discriminator(): void {
    if (!this.take('_')) return
    this.take('_')
    while (/\d/.test(this.text[this.at] ?? '')) this.at++
  }

  private nestedName(): { text: string; isTemplate: boolean; noReturn: boolean; suffix: string } {
    let suffix = ''
    if (this.take('r')) suffix += ' restrict'
    if (this.take('V')) suffix = ` volatile${suffix}`
    if (this.take('K')) suffix = ` const${suffix}`
    if (this.take('R')) suffix += ' &'
    else if (this.take('O')) suffix += ' &&'
    let text = ''
    let last = ''
    let isTemplate = false
    let noReturn = false
    while (!this.take('E')) {
      if (this.at >= this.text.length) this.fail()
      if (this.peek('I')) {
        text += this.templateList()
        isTemplate = true
        if (!this.peek('E')) this.seen.push(plain(text))
        continue
      }
      let remember = true
      if (this.take('St')) {
        text = 'std'
        continue
      }
      if (this.peek('S')) {
        const found = this.substitution()
        text = found.left + found.right
        last = text.replace(/<.*$/s, '').replace(/^.*::/, '')
        remember = false
      } else if (this.peek('T')) text = join(this.templateParameter())
      else if (this.peek('Dt') || this.peek('DT')) text = join(this.type())
      else {
        const part = this.unqualified(last)
        noReturn = part.noReturn
        last = part.text
        text = text === '' ? part.text : `${text}::${part.text}`
      }
      isTemplate = false
      if (remember && !this.peek('E')) this.seen.push(plain(text))
    }
    return { text, isTemplate, noReturn, suffix }
  }

  /** @param owner name of the class, for constructors */
  private unqualified(owner: string): { text: string; noReturn: boolean } {
    this.take('L')
    const char = this.text[this.at] ?? ''
    if (/\d/.test(char)) {
      let text = this.sourceName()
      while (this.take('B')) text += `[abi:${this.sourceName()}]`
      return { text, noReturn: false }
    }
    if (/^C[1-5I]/.test(this.text.slice(this.at, this.at + 2))) {
      this.at += 2
      return { text: owner, noReturn: true }
    }
    if (/^D[0-5]/.test(this.text.slice(this.at, this.at + 2))) {
      this.at += 2
      return { text: `~${owner}`, noReturn: true }
    }
    if (this.take('Ut')) return { text: `{unnamed type#${this.closureNumber()}}`, noReturn: false }
    if (this.take('Ul')) {
      const parameters = this.parameters()
      this.expect('E')
      return { text: `{lambda(${parameters})#${this.closureNumber()}}`, noReturn: false }
    }
    if (this.take('cv')) return { text: `operator ${join(this.type())}`, noReturn: true }
    if (this.take('li')) return { text: `operator"" ${this.sourceName()}`, noReturn: false }
    const operator = operators[this.text.slice(this.at, this.at + 2)]
    if (operator === undefined) this.fail()
    this.at += 2
    return { text: `operator${operator}`, noReturn: false }
  }

  private closureNumber(): number {
    const digits = /^\d*/.exec(this.text.slice(this.at))![0]
    this.at += digits.length
    this.expect('_')
    return digits === '' ? 1 : Number(digits) + 2
  }

  private sourceName(): string {
    const digits = /^\d+/.exec(this.text.slice(this.at, this.at + 9))?.[0] ?? this.fail()
    const length = Number(digits)
    this.at += digits.length
    if (length === 0 || this.at + length > this.text.length) this.fail()
    const text = this.text.slice(this.at, this.at + length)
    this.at += length
    return text.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : text
  }

  private substitution(): Type {
    const known = standard[this.text.slice(this.at, this.at + 2)]
    if (known !== undefined) {
      this.at += 2
      return plain(known)
    }
    this.expect('S')
    return this.seen[this.sequenceNumber(36)] ?? this.fail()
  }

  /** `_` is 0, `0_` is 1 */
  private sequenceNumber(radix: number): number {
    const digits = /^[0-9A-Z]*/.exec(this.text.slice(this.at, this.at + 8))![0]
    this.at += digits.length
    this.expect('_')
    return digits === '' ? 0 : Number.parseInt(digits, radix) + 1
  }

  private templateParameter(): Type {
    this.expect('T')
    return this.templateArguments[this.sequenceNumber(10)] ?? this.fail()
  }

  private templateList(): string {
    this.expect('I')
    const list: Type[] = []
    const write = () => {
      const text = list
        .map(join)
        .filter(each => each !== '')
        .join(', ')
      return text.endsWith('>') ? `<${text} >` : `<${text}>`
    }
    while (!this.take('E')) list.push(this.templateArgument())
    this.templateArguments = list
    return write()
  }

  private templateArgument(): Type {
    return this.nested(() => {
      if (this.take('L')) return plain(this.literal())
      if (this.take('J')) {
        const pack: string[] = []
        while (!this.take('E')) pack.push(join(this.templateArgument()))
        return plain(pack.join(', '))
      }
      if (this.peek('X')) this.fail()
      return this.type()
    })
  }

  private literal(): string {
    if (this.take('_Z')) {
      const text = this.encoding()
      this.expect('E')
      return text
    }
    const code = this.text[this.at]
    const type = join(this.type())
    const value = /^n?\d*/.exec(this.text.slice(this.at))![0]
    this.at += value.length
    this.expect('E')
    const number = value.replace('n', '-')
    if (code === 'b') return number === '0' ? 'false' : 'true'
    const ending = { i: '', j: 'u', l: 'l', m: 'ul', x: 'll', y: 'ull' }[code ?? '']
    return ending === undefined ? `(${type})${number}` : number + ending
  }

  private type(): Type {
    return this.nested(() => this.typeInside())
  }

  private typeInside(): Type {
    const qualifiers = /^r?V?K?/.exec(this.text.slice(this.at, this.at + 3))![0]
    if (qualifiers !== '') {
      this.at += qualifiers.length
      const inner = this.type()
      const words = [
        qualifiers.includes('K') ? ' const' : '',
        qualifiers.includes('V') ? ' volatile' : '',
        qualifiers.includes('r') ? ' __restrict' : '',
      ]
      return this.remember(
        inner.wraps
          ? { ...inner, right: inner.right + words.join('') }
          : { ...inner, left: inner.left + words.join('') },
      )
    }
    const char = this.text[this.at] ?? this.fail()
    if (builtins[char] !== undefined) {
      this.at++
      return plain(builtins[char])
    }
    switch (char) {
      case 'P':
        return this.pointer('*')
      case 'R':
        return this.pointer('&')
      case 'O':
        return this.pointer('&&')
      case 'F':
        return this.remember(this.functionType())
      case 'A':
        return this.remember(this.arrayType())
      case 'M':
        return this.remember(this.memberPointer())
      case 'T':
        return this.remember(this.templated(this.templateParameter()))
      case 'u':
        this.at++
        return this.remember(plain(this.sourceName()))
      case 'D':
        return this.extendedType()
      case 'S':
        if (!this.peek('St')) {
          const found = this.substitution()
          return this.peek('I') ? this.remember(this.templated(found)) : found
        }
    }
    return this.remember(plain(this.name().text))
  }

  private templated(type: Type): Type {
    return this.peek('I') ? plain(join(type) + this.templateList()) : type
  }

  private remember(type: Type): Type {
    this.seen.push(type)
    return type
  }

  private pointer(mark: string): Type {
    this.at++
    const inner = this.type()
    // a reference to a reference is the first one
    const left =
      mark === '&&' && inner.left.endsWith('&')
        ? inner.left
        : mark === '&' && inner.left.endsWith('&')
          ? `${inner.left.replace(/&+$/, '')}&`
          : undefined
    if (left !== undefined) return this.remember({ ...inner, left })
    if (!inner.wraps) return this.remember({ ...inner, left: inner.left + mark })
    return this.remember({
      left: `${inner.left}(${mark}`,
      right: `)${inner.right.startsWith('[') ? ' ' : ''}${inner.right}`,
    })
  }

  private functionType(): Type {
    this.expect('F')
    this.take('Y')
    const result = this.type()
    const parameters = this.parameters()
    this.expect('E')
    return { left: `${join(result)} `, right: `(${parameters})`, wraps: true }
  }

  private arrayType(): Type {
    this.expect('A')
    const count = /^\d*/.exec(this.text.slice(this.at))![0]
    this.at += count.length
    this.expect('_')
    const element = this.type()
    return { left: element.left + (element.wraps ? '' : ' '), right: `[${count}]${element.right}`, wraps: true }
  }

  private memberPointer(): Type {
    this.expect('M')
    const owner = join(this.type())
    const member = this.type()
    if (!member.wraps) return plain(`${join(member)} ${owner}::*`)
    return { left: `${member.left}(${owner}::*`, right: `)${member.right}` }
  }

  private extendedType(): Type {
    const word = wideBuiltins[this.text.slice(this.at, this.at + 2)]
    if (word !== undefined) {
      this.at += 2
      return plain(word)
    }
    if (this.take('Dp')) return this.remember(this.type())
    if (this.take('Do')) return this.type()
    return this.fail()
  }
}

function join(type: Type): string {
  return type.left + type.right
}
