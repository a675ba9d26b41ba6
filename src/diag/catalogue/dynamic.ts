import { entry } from './entry.ts'

export const foreignVersionPattern = entry(
  'D8001',
  'error',
  (facts: { pattern: string; language: string }) =>
    `pattern '${facts.pattern}' of language ${facts.language} is not supported: names are not demangled; write the mangled name instead`,
  'Patterns in extern "C++" { } are compared with demangled names. This version does not demangle, and the link has ' +
    'C++ symbols, so the pattern could be wrong about them. Name the mangled symbols (nm prints them) outside extern "C++".',
)
