/**
 * C++ programs run in Go's layout of today, exact and careful: constructors, exceptions, thread-local variables, threads,
 * compressed debug information; at a fixed address, loaded anywhere, and without a loader.
 *
 * g++ is asked (`-###`) for the link it would make; tsld gets the same arguments.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readElf, sectionNamed } from '../support/elf-reader.ts'
import { needs, runTool } from '../support/peers.ts'
import { skip } from '../support/skips.ts'
import { runLinker, whyNoLinker } from '../support/tsld.ts'

const source = `
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
thread_local int counted = 41;
thread_local int plain;
struct Marked { Marked() { std::puts("constructed"); } ~Marked() { std::puts("destroyed"); } } marked;
static char large[1 << 20];
int fail(int x) { if (x) throw std::runtime_error("thrown"); return x; }
int main() {
  try { fail(1); } catch (const std::exception &e) { std::puts(e.what()); }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++) threads.emplace_back([i] { counted += i; plain = i; });
  for (auto &each : threads) each.join();
  large[sizeof large - 1] = 'x';
  std::printf("%d %d %c %s\\n", ++counted, plain, large[sizeof large - 1], std::string(3, 'y').c_str());
}
`
const expected = 'constructed\nthrown\n42 0 x yyy\ndestroyed\n0'

const forms = [
  { name: 'at a fixed address', flags: ['-no-pie', '-fno-pie'], loads: [5, 4, 6] },
  { name: 'loaded anywhere', flags: ['-pie', '-fPIE'], loads: [5, 4, 6, 6] },
  { name: 'without a loader', flags: ['-static'], loads: [5, 4, 6] },
]

for (const { name, flags, loads } of forms)
  for (const exact of ['true', 'false']) {
    const title = `a C++ program ${name}, EXACT=${exact}`
    test(title, () => {
      const obstacle = process.platform === 'linux' && process.arch === 'x64' ? whyNoLinker() : 'not linux on x64'
      if (obstacle !== undefined) return skip(title, obstacle)
      if (!needs(title, 'g++')) return
      const folder = mkdtempSync(join(tmpdir(), 'tsld-go-modern-'))
      try {
        writeFileSync(join(folder, 'main.cc'), source)
        const compiled = runTool('g++', ['-g', '-pthread', ...flags, '-c', 'main.cc', '-o', 'main.o'], { cwd: folder })
        assert.is(compiled.status, 0, compiled.stderr)
        const words = linkWords(['-pthread', ...flags, 'main.o', '-o', 'program'], folder)
        const layout = ['--layout', 'go1.24', '-D', `EXACT=${exact}`, '--compress-debug-sections=zlib']
        const linked = runLinker([...layout, ...words], folder)
        assert.is(linked.status, 0, linked.text)
        const run = spawnSync(join(folder, 'program'), [], { encoding: 'latin1', timeout: 20_000 })
        assert.is(`${run.stdout}${run.stderr}${run.signal ?? run.status}`, expected)
        const file = readElf(new Uint8Array(readFileSync(join(folder, 'program'))))
        const flagsOfLoads = file.segments.filter(each => each.type === 1).map(each => each.flags)
        assert.equal(flagsOfLoads, loads)
        assert.is(sectionNamed(file, '.text')?.address, 0x401000n)
        assert.is(sectionNamed(file, '.debug_info')!.flags & 0x800, 0x800, 'compressed')
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  }

/** The arguments that g++ gives its linker, without those of link-time optimisation. */
function linkWords(options: readonly string[], folder: string): string[] {
  const shown = runTool('g++', ['-###', ...options], { cwd: folder })
  const line = shown.stderr.split('\n').find(each => /collect2/.test(each)) ?? ''
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '').slice(1)
  return words.filter((word, i) => !word.startsWith('-plugin') && words[i - 1] !== '-plugin')
}

test.run()
