/** Every kernel. The kernel compiler starts here, and host-node/kernel-code.ts of a bundle holds what it made. */
export { foldPiece } from './sample.ts'
export { markSymbols, scanFile } from './scan.ts'
export { findNamed, locateSections, placeInputRun, placeSymbols } from './layout.ts'
export { claimSections, classifyNames } from './match.ts'
export {
  gatherFileLocals,
  placeBlockNames,
  selectFileLocals,
  selectGlobalSymbols,
  writeSymbolBlock,
} from './symbol-table.ts'
