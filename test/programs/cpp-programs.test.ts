/** C++ programs, built by g++ with `-B`: iostream, exceptions, threads, thread_local, with every layout. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sectionNamed } from '../support/elf-reader.ts'
import { needs } from '../support/peers.ts'
import { layouts, linkAndRun, programs } from './toolchain.ts'

const small = ['-O2', '-fPIC', '-ffunction-sections', '-fdata-sections']
const codeKinds = [['-O0', '-g'], small]

for (const kind of codeKinds)
  for (const layout of ['gnu', 'go', 'script'] as const)
    test(`C++ program compiled with ${kind.join(' ')}, ${layout} layout`, () => {
      if (needs('C++ programs', 'g++')) linkAndRun(programs.language, layouts()[layout], kind)
    })

for (const layout of ['gnu', 'go', 'script'] as const) {
  test(`exceptions found by the table of unwind entries, ${layout} layout`, () => {
    if (!needs('C++ programs', 'g++')) return
    const file = linkAndRun(programs.language, ['-Wl,--eh-frame-hdr', ...layouts()[layout]], ['-O0', '-g'])
    assert.ok(
      file.segments.some(segment => segment.type === 0x6474e550),
      'PT_GNU_EH_FRAME',
    )
  })

  test(`C++ program without what nobody needs and without symbols, ${layout} layout`, () => {
    if (!needs('C++ programs', 'g++')) return
    const file = linkAndRun(programs.language, ['-Wl,--gc-sections', '-s', ...layouts()[layout]], small)
    assert.is(sectionNamed(file, '.symtab'), undefined)
  })
}

test.run()
