import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { demangle, demangleText } from '../../src/diag/demangle.ts'

const names: Readonly<Record<string, string>> = {
  main: 'main',
  _Z3fooi: 'foo(int)',
  _Z3foov: 'foo()',
  _ZN3Foo3barEPKc: 'Foo::bar(char const*)',
  _ZN3FooC2ERKS_: 'Foo::Foo(Foo const&)',
  _ZN3FooD0Ev: 'Foo::~Foo()',
  _ZNK3Foo3getEv: 'Foo::get() const',
  _ZTV3Foo: 'vtable for Foo',
  _ZTIN1a1bE: 'typeinfo for a::b',
  _ZN12_GLOBAL__N_11fEv: '(anonymous namespace)::f()',
  _ZplRK1AS1_: 'operator+(A const&, A const&)',
  _Z3maxIiET_S0_S0_: 'int max<int>(int, int)',
  _Z1fPFicE: 'f(int (*)(char))',
  _Z1fRA4_i: 'f(int (&) [4])',
  _ZNSt6vectorIiSaIiEE9push_backEOi: 'std::vector<int, std::allocator<int> >::push_back(int&&)',
  _ZZ4mainE1x: 'main::x',
  _ZGVZ4mainE1x: 'guard variable for main::x',
  _ZThn8_N1A1fEv: 'non-virtual thunk to A::f()',
  '_Z3fooi@VERS_1': 'foo(int)@VERS_1',
  '_Z3fooi.part.0.cold': 'foo(int) [clone .part.0] [clone .cold]',
  _Z: '_Z',
  _Z3fo: '_Z3fo',
  _ZN3FooE9999999999S: '_ZN3FooE9999999999S',
}

for (const [mangled, wanted] of Object.entries(names))
  test(`name ${mangled}`, () => assert.is(demangle(mangled), wanted))

test('names in a sentence', () => {
  assert.is(demangleText("undefined reference to `_Z3fooi'."), "undefined reference to `foo(int)'.")
})

test.run()
