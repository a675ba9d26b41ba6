/** Operating systems as rows. Interpreter paths, notes and addresses are facts of the layouts, not of this table. */

export interface OperatingSystem {
  readonly id: 'linux' | 'freebsd' | 'netbsd' | 'openbsd' | 'dragonfly' | 'solaris' | 'none'
  /** EI_OSABI of an executable; GNU/Linux stays 0 unless a GNU extension (IFUNC, unique symbols) asks for 3 */
  readonly osabi: number
  /** EI_OSABI that marks the use of STT_GNU_IFUNC or STB_GNU_UNIQUE */
  readonly gnuExtensionsOsabi: number
}

export const operatingSystems: readonly OperatingSystem[] = [
  { id: 'none', osabi: 0, gnuExtensionsOsabi: 3 },
  { id: 'linux', osabi: 0, gnuExtensionsOsabi: 3 },
  { id: 'freebsd', osabi: 9, gnuExtensionsOsabi: 9 },
  { id: 'netbsd', osabi: 0, gnuExtensionsOsabi: 3 },
  { id: 'openbsd', osabi: 0, gnuExtensionsOsabi: 3 },
  { id: 'dragonfly', osabi: 0, gnuExtensionsOsabi: 3 },
  { id: 'solaris', osabi: 6, gnuExtensionsOsabi: 3 },
]

/** The row of an id, or undefined. */
export function operatingSystem(id: string): OperatingSystem | undefined {
  return operatingSystems.find(row => row.id === id)
}
