/** Options that are accepted and do nothing, because nothing in the output depends on them. */
import { ignored, type OptionRow } from '../option-row.ts'

export const ignoredOptions: readonly OptionRow[] = [
  ignored('-plugin', 'required', 'link-time optimisation needs gcc; slim LTO objects are refused when met'),
  ignored('-plugin-opt', 'required', 'belongs to -plugin'),
  ignored('-plugin-save-temps', 'none', 'belongs to -plugin'),
  ignored('-flto', 'optional', 'belongs to gcc'),
  ignored('-flto-partition', 'required', 'belongs to gcc'),
  ignored('-fuse-ld', 'required', 'belongs to gcc'),
  ignored('-g', 'none', 'SVR4 compatibility'),
  ignored('-Qy', 'none', 'SVR4 compatibility'),
  ignored('-qmagic', 'none', 'Linux compatibility'),
  ignored('-Y', 'required', 'Solaris compatibility'),
  ignored('-G --gpsize', 'required', 'small data does not exist on this machine'),
  ignored('-A --architecture', 'required', 'concerns the Intel 960'),
  ignored('-assert', 'required', 'SunOS compatibility'),
  ignored(
    '--accept-unknown-input-arch --no-accept-unknown-input-arch',
    'none',
    'the architecture of ELF files is always known',
  ),
  ignored('--no-keep-memory', 'none', 'memory is used as needed'),
  ignored('--reduce-memory-overheads', 'none', 'memory is used as needed'),
  ignored('--max-cache-size --hash-size', 'required', 'memory is used as needed'),
  ignored(
    '--no-warn-search-mismatch --warn-once --warn-section-align --warn-multiple-gp --warn-constructors',
    'none',
    'about warnings only',
  ),
  ignored(
    '--warn-textrel --warn-alternate-em --warn-execstack-objects --warn-execstack --no-warn-execstack',
    'none',
    'about warnings only',
  ),
  ignored('--no-error-execstack --no-error-rwx-segments', 'none', 'the default'),
  ignored('--force-exe-suffix', 'none', 'not on this system'),
  ignored('--map-whole-files --no-map-whole-files', 'none', 'gold compatibility'),
  ignored('--ld-generated-unwind-info --no-ld-generated-unwind-info', 'none', 'unwind data of the PLT'),
  ignored('--ctf-variables --no-ctf-variables', 'none', 'CTF is copied as it is'),
  ignored('--ctf-share-types', 'required', 'CTF is copied as it is'),
  ignored('--no-fork --fork --threads --no-threads', 'none', 'mold and lld compatibility'),
  ignored('--thread-count', 'required', 'mold compatibility'),
]
