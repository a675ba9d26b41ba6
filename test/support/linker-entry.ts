/** What a bundle of the linker for tests has (other-forms.ts). */
export { run } from '../../src/cli/run.ts'
export { NodeHost } from '../../src/host-node/node-host.ts'
