/** What kernels have to know of input files, as columns by file id. */

export interface ObjectFiles {
  /** empty where `isUsual` is 0 */
  readonly views: readonly DataView[]
  /** bytes of the view */
  readonly viewSize: Float64Array
  /** ids of the global symbols */
  readonly globals: readonly Int32Array[]
  /** 1: an object whose tables are those of most 64-bit architectures (RELA, little-endian, the symbol behind the type) */
  readonly isUsual: Uint8Array
  readonly firstSection: Int32Array
  readonly sectionCount: Int32Array
  /** symbols of the file's table, and locals among them */
  readonly symbolCount: Int32Array
  readonly firstGlobal: Int32Array
}

export interface FileColumns extends ObjectFiles {
  /** file offsets of the symbol table and of SHT_SYMTAB_SHNDX; 0: there is none */
  readonly symbolStart: Float64Array
  readonly extendedIndex: Float64Array
}
