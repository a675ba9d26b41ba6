/** Readers and gdb take whole programs as they take GNU ld's. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs, runTool } from '../support/peers.ts'
import { complaintsAbout } from '../support/readers.ts'
import { canRun, driverFolder, gnuDriverFolder, layouts, linkedBy, type Program, programs } from './toolchain.ts'

/** Small readers' output: without debug information, whose dump takes a minute. */
const plain = ['-O1']

for (const [name, program] of Object.entries({ C: programs.startUp, 'C++': programs.language }))
  test(`readers have no complaint about ${name} programs`, () => {
    if (!needs(`readers on ${name} programs`, program.compiler, 'gnu-ld', 'readelf', 'objdump')) return
    const reference = linkedBy(gnuDriverFolder(), program, [], plain)
    // The Go layout has another name for the relocations of IFUNCs.
    const known = complaintsAbout(reference)
    const found = Object.entries(layouts()).flatMap(([layout, words]) =>
      [...complaintsAbout(linkedBy(driverFolder(), program, words, plain))]
        .map(each => each.replace("'.rela'", "'.rela.plt'"))
        .filter(each => !known.has(each))
        .map(each => `${layout}: ${each}`),
    )
    assert.equal(found, [])
  })

const stops: readonly (readonly [program: Program, stop: string, trace: RegExp])[] = [
  [programs.startUp, 'note', /#0 +note \(letter=97 'a'\) at [^\n]*start-up\.c:\d+\n#1 +0x[0-9a-f]+ in first \(\)/],
  [programs.startUp, 'main', /#0 +main \(argc=1, argv=0x[0-9a-f]+\) at [^\n]*start-up\.c:\d+/],
  [programs.language, 'main', /#0 +main \(\) at [^\n]*language\.cc:\d+/],
  [
    programs.language,
    'std::runtime_error::runtime_error(char const*)',
    /in deep \(level=0\)[\s\S]*in deep \(level=20\)[\s\S]*in main \(\)/,
  ],
]

for (const [program, stop, trace] of stops)
  test(`gdb stops in ${stop} of ${program.source} and shows the calls`, () => {
    if (!canRun || !needs(`gdb on ${program.source}`, program.compiler, 'gdb')) return
    for (const [layout, words] of Object.entries(layouts())) {
      const path = linkedBy(driverFolder(), program, words, ['-O0', '-g'])
      const commands = [`break ${stop}`, 'run', 'bt', 'kill'].flatMap(command => ['-ex', command])
      const run = runTool('gdb', ['-batch', '-nx', ...commands, path], { timeout: 60_000 })
      const text = run.stdout + run.stderr
      assert.match(text, trace, `${layout}: ${text}`)
      assert.not.match(text, /warning: (?!Error disabling address space randomization)/, layout)
    }
  })

test.run()
