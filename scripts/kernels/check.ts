/**
 * node --import tsx scripts/kernels/check.ts [FILE]: compiles src/kernels/all.ts, or what FILE exports, and prints the
 * bytes of code per function, or everything that is not allowed.
 */
import { webAssembly } from '../../src/host-node/webassembly.ts'
import { compileKernels, KernelErrors } from './index.ts'

try {
  const { bytes, signatures, codeSizes } = await compileKernels(process.argv[2])
  new webAssembly.Module(bytes)
  for (const [name, size] of [...codeSizes].sort((a, b) => b[1] - a[1]))
    console.log(`${String(size).padStart(6)}  ${name}${name in signatures.kernels ? '' : ' (called by kernels)'}`)
  console.log(`${String(bytes.length).padStart(6)}  the module, ${Object.keys(signatures.kernels).length} kernels`)
} catch (error) {
  if (!(error instanceof KernelErrors)) throw error
  console.log(error.message)
  console.log(`\n${error.errors.length} errors: src/kernels/README.md says what a kernel may contain`)
  process.exitCode = 1
}
