/** C++ programs with shared objects: streams, exceptions and run-time types across them, threads. */
import { test } from 'uvu'
import { programKinds, scenario } from './scenario.ts'

scenario({
  name: 'exceptions, run-time types and templates across a shared object',
  files: {
    'shape.h': `#include <stdexcept>
#include <string>
struct Shape { virtual ~Shape(); virtual int area() const = 0; };
struct Failure : std::runtime_error { int code; Failure(int c) : std::runtime_error("failure"), code(c) {} };
template <class T> struct Counter { static int count; static int next() { return ++count; } };
template <class T> int Counter<T>::count = 0;
Shape *make(int side); void fail(int code); int nextInLibrary(); inline int *once() { static int value = 40; return &value; }
extern thread_local std::string name;`,
    'lib.cc': `#include "shape.h"
thread_local std::string name = "library";
Shape::~Shape() {} namespace { struct Square : Shape { int side; Square(int s) : side(s) {} int area() const override { return side * side; } }; }
Shape *make(int side) { return new Square(side); } void fail(int code) { throw Failure(code); } int nextInLibrary() { ++*once(); return Counter<int>::next(); }`,
    'main.cc': `#include "shape.h"
#include <iostream>
#include <thread>
#include <typeinfo>
struct Wide : Shape { int area() const override { return 1; } };
int main() { std::cout << "begin " << make(5)->area() << std::endl;
try { fail(7); } catch (const Failure &f) { std::cout << f.what() << f.code << std::endl; }
try { fail(8); } catch (const std::exception &e) { std::cout << e.what() << std::endl; }
nextInLibrary(); std::cout << Counter<int>::next() << ' ' << *once() << std::endl;
Shape *s = make(2); std::cout << (dynamic_cast<Wide *>(s) == nullptr) << (typeid(*s) == typeid(Wide)) << std::endl;
std::string other; std::thread t([&] { name += " thread"; other = name; }); t.join(); std::cout << other << ", " << name << std::endl;
try { std::string().at(3); } catch (const std::out_of_range &) { std::cerr << "range" << std::endl; } return 0; }`,
  },
  build: [
    ['g++', '-shared', '-fPIC', 'lib.cc', '-o', 'libx.so'],
    ['g++', 'main.cc', '-L.', '-lx', '-pthread', '-o', 'main'],
  ],
  variants: [
    ...programKinds,
    ['-static-libstdc++', '-static-libgcc'],
    ['-Wl,--gc-sections', '-ffunction-sections'],
    ['-Wl,--export-dynamic'],
  ],
})

scenario({
  name: 'extern "C++" in a version script',
  files: {
    'lib.cc':
      'namespace shop { int price(int x) { return x + 1; } int secret(int x) { return x; } } int other() { return shop::secret(3); }',
    'lib.map': 'V1 { global: extern "C++" { "shop::price(int)"; other*; }; local: *; };',
    'main.cc': `#include <cstdio>
#include <dlfcn.h>
namespace shop { int price(int); } int other();
int main() { printf("%d %d %d\\n", shop::price(1), other(), dlsym(RTLD_DEFAULT, "_ZN4shop6secretEi") == nullptr); }`,
  },
  build: [
    ['g++', '-shared', '-fPIC', 'lib.cc', '-Wl,--version-script=lib.map', '-o', 'libx.so'],
    ['g++', 'main.cc', '-L.', '-lx', '-o', 'main'],
  ],
  variants: [['-pie'], ['-no-pie']],
  output: '2 3 1\n',
})

scenario({
  name: 'static-pie with exceptions and threads',
  files: {
    'main.cc': `#include <iostream>
#include <thread>
#include <stdexcept>
thread_local int mine = 4; struct Global { Global() { std::cout << "made" << std::endl; } ~Global() { std::cout << "gone" << std::endl; } } global;
int main() { int seen = 0; std::thread t([&] { try { throw std::logic_error("x"); } catch (const std::logic_error &) { seen = ++mine; } }); t.join(); std::cout << seen << mine << std::endl; }`,
  },
  build: [['g++', '-fPIE', 'main.cc', '-pthread', '-o', 'main']],
  variants: [['-static-pie'], ['-pie', '-O2']],
  output: 'made\n54\ngone\n',
})

test.run()
