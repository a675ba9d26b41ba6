/** Every kernel. The kernel compiler starts here, and host-node/kernel-code.ts of a bundle holds what it made. */
export { classifySections } from './contents.ts'
export { describeMerged, describeMoved, listEdited } from './edited-rows.ts'
export { findFrameEdges } from './frame-edges.ts'
export { copyFrames, linkFrames, placeFrames } from './frame-places.ts'
export { describeFrames, padFrames, sumFrames } from './frame-rows.ts'
export { insertFrames, readFrameTable, sortFrames } from './frame-table.ts'
export { parseFrames } from './frames.ts'
export { keepBeside, linkEdges, linkSections, listNamed, markReached, markRoots } from './garbage.ts'
export { copiedSize, copyFile, markUnsettled, nextEdited, padRun } from './image.ts'
export { findNamed, hasMarked, locateSections, placeInputRun, placeSymbols } from './layout.ts'
export { claimSections, classifyNames, markContent } from './match.ts'
export { enterSequence } from './names.ts'
export { indexNames, surveyObject } from './objects.ts'
export { joinInputs, listInputs, noteOutput, sortInputs } from './place.ts'
export { findMissing, findReferring } from './reach.ts'
export { copyAndRelocate, findTargets, relocateFile, relocateFrames } from './relocate.ts'
export { markSymbols, scanFile } from './scan.ts'
export { countClasses, foldBucket, spreadClasses } from './string-ends.ts'
export {
  countPieces,
  enterPieces,
  listEntries,
  placeEnds,
  placeEntries,
  splitPieces,
  writeEntries,
} from './strings.ts'
export { gatherLocals, selectFileLocals, selectGlobalSymbols } from './symbol-selection.ts'
export { placeBlockNames, writeSymbolBlock } from './symbol-table.ts'
export { enterGlobals, enterSections, judgeSections, resolveSymbols } from './symbols.ts'
