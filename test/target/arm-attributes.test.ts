import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../src/cli/parse-arguments.ts'
import { Report } from '../../src/diag/report.ts'
import { attributes, joinArchitectures } from '../../src/target/arch/arm/attributes.ts'
import type { AttributeProblem, Attributes } from '../../src/target/attributes.ts'
import { linkMemory } from '../support/link-memory.ts'
import { ObjectBuilder } from '../support/object-builder.ts'

const Tag = { CPU_name: 5, CPU_arch: 6, profile: 7, FP_arch: 10, wchar: 18, model: 23, needed: 24, enums: 26, args: 28 }

function known(values: Readonly<Record<number, number | string>>): Attributes {
  return new Map(
    Object.entries(values).map(([tag, value]) => [
      Number(tag),
      typeof value === 'number' ? { number: value } : { text: value },
    ]),
  )
}

function join(a: Attributes, b: Attributes): { joined: Attributes; problems: AttributeProblem[] } {
  const problems: AttributeProblem[] = []
  attributes.join(a, b, problem => void problems.push(problem))
  return { joined: a, problems }
}

test('the architecture that runs the code of both', () => {
  assert.is(joinArchitectures(2, 10), 10) // v4T, v7
  assert.is(joinArchitectures(8, 7), 10) // v6T2 and v6KZ: v7
  assert.is(joinArchitectures(11, 10), 10) // v6-M and v7
  assert.is(joinArchitectures(11, 13), 13)
  assert.is(joinArchitectures(1, 11), -1) // v4 has no Thumb
  assert.is(joinArchitectures(10, 16), -1) // v7 and v8-M.baseline
  assert.is(joinArchitectures(13, 17), 17)
})

test('the name of the processor goes with the architecture', () => {
  const { joined } = join(
    known({ [Tag.CPU_arch]: 4, [Tag.CPU_name]: '5TE' }),
    known({ [Tag.CPU_arch]: 10, 5: 'Cortex-A8' }),
  )
  assert.is(joined.get(Tag.CPU_name)?.text, 'Cortex-A8')
  assert.is(joined.get(Tag.CPU_arch)?.number, 10)
})

test('floating point units: the larger of both', () => {
  // VFPv3-D16 and VFPv2 (16 registers), VFPv4-D16 and VFPv3 (32)
  assert.is(join(known({ 10: 4 }), known({ 10: 2 })).joined.get(10)?.number, 4)
  assert.is(join(known({ 10: 6 }), known({ 10: 3 })).joined.get(10)?.number, 5)
})

test('arguments in VFP registers do not go with arguments in core registers', () => {
  const { problems } = join(known({ [Tag.args]: 1, [Tag.model]: 3 }), known({ [Tag.model]: 3 }))
  assert.is(problems.length, 1)
  assert.is(problems[0]!.severity, 'error')
  assert.match(problems[0]!.tag, /Tag_ABI_VFP_args/)
  // Objects without floating point fit to both, and what uses it decides.
  assert.equal(join(known({ [Tag.args]: 1, [Tag.model]: 3 }), known({})).problems, [])
  const { joined } = join(known({}), known({ [Tag.args]: 1, [Tag.model]: 3 }))
  assert.is(joined.get(Tag.args)?.number, 1)
})

test('sizes of wchar_t and of enumerations: a warning', () => {
  const { problems } = join(known({ [Tag.wchar]: 4, [Tag.enums]: 2 }), known({ [Tag.wchar]: 2, [Tag.enums]: 1 }))
  assert.equal(
    problems.map(each => [each.severity, each.tag]),
    [
      ['warning', 'Tag_ABI_PCS_wchar_t'],
      ['warning', 'Tag_ABI_enum_size'],
    ],
  )
})

test('profiles that exclude each other', () => {
  assert.is(join(known({ [Tag.profile]: 0x41 }), known({ [Tag.profile]: 0x4d })).problems[0]?.severity, 'error')
  assert.is(join(known({ [Tag.profile]: 0x53 }), known({ [Tag.profile]: 0x41 })).joined.get(7)?.number, 0x41)
})

/** An object with attributes: pairs of tag and value. */
function object(name: string, ...tags: readonly number[]): Uint8Array {
  const built = new ObjectBuilder({ bits: 32, machine: 'arm', relocations: 'rel', flags: 0x5000000 })
  built.section('.text', { flags: 'ax', bytes: [0x1e, 0xff, 0x2f, 0xe1] }).label(name, 0, { type: 'func' })
  const body = [1, 5 + tags.length, 0, 0, 0, ...tags]
  const part = [10 + body.length, 0, 0, 0, 0x61, 0x65, 0x61, 0x62, 0x69, 0, ...body]
  built.section('.ARM.attributes', { type: 0x70000003, bytes: [0x41, ...part] })
  return built.build()
}

const script = 'ENTRY(_start) SECTIONS { .text 0x8000 : { *(.text) } .ARM.attributes 0 : { *(.ARM.attributes) } }'

test('one section in the output, and flags by the calling convention', () => {
  const hard = linkMemory(script, { 'a.o': object('_start', 6, 10, 23, 3, 28, 1), 'b.o': object('b', 6, 4, 24, 1) })
  assert.is(hard.elf?.flags, 0x5000400)
  assert.equal([...hard.content('.ARM.attributes').subarray(16)], [6, 10, 23, 3, 24, 1, 28, 1])
  const soft = linkMemory(script, { 'a.o': object('_start', 6, 10) })
  assert.is(soft.elf?.flags, 0x5000200)
})

test('conflicts name the file', () => {
  const { diagnostics } = linkMemory(script, {
    'a.o': object('_start', 23, 3, 28, 1),
    'b.o': object('b', 23, 3),
  })
  assert.is(diagnostics[0]?.code, 'I2101')
  assert.is(diagnostics[0]?.at.kind === 'object' ? diagnostics[0].at.file : '', 'b.o')
})

test('--no-enum-size-warning and --no-wchar-size-warning silence one warning each', () => {
  const warned = (...words: string[]): string[] => {
    const { silentTopics } = parseArguments([...words, 'a.o'], new Report())
    const files = { 'a.o': object('_start', 18, 4, 26, 2), 'b.o': object('b', 18, 2, 26, 1) }
    return linkMemory(script, files, { silentTopics }).diagnostics.map(each => each.message.replace(/:.*/s, ''))
  }
  assert.equal(warned(), ['Tag_ABI_PCS_wchar_t', 'Tag_ABI_enum_size'])
  assert.equal(warned('--no-enum-size-warning'), ['Tag_ABI_PCS_wchar_t'])
  assert.equal(warned('--no-wchar-size-warning'), ['Tag_ABI_enum_size'])
  assert.equal(warned('--no-enum-size-warning', '--no-wchar-size-warning'), [])
})

test('damaged attributes are an error', () => {
  const damaged = object('_start', 6, 10)
  const at = damaged.findIndex((byte, i) => byte === 0x41 && damaged[i + 5] === 0x61 && damaged[i + 6] === 0x65)
  damaged[at + 1] = 200
  assert.is(linkMemory(script, { 'a.o': damaged }).diagnostics[0]?.code, 'I2103')
})

test.run()
