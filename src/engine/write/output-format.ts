/** The output format that OUTPUT_FORMAT or --oformat asks for, held against the machine of the inputs. */
import { unknownFormat } from '../../diag/catalogue/output.ts'
import { inScript } from '../../diag/diagnostic.ts'
import type { Report } from '../../diag/report.ts'
import { emulationOfFormat, emulationOfMachine } from '../../target/emulations.ts'
import type { Program } from '../records/program.ts'
import type { LinkRequest } from '../records/request.ts'

/** 'elf' for the format of the inputs' machine. Undefined after an error. */
export function outputFormat(program: Program, request: LinkRequest, report: Report): 'elf' | 'binary' | undefined {
  const { arch, plan } = program
  const format = request.outputFormat ?? plan.target.format?.name ?? 'default'
  if (format === 'default') return 'elf'
  if (format === 'binary') return format
  const asked = emulationOfFormat(format)
  const { machine, bits, littleEndian } = arch
  if (asked?.machine === machine && asked.bits === bits && asked.littleEndian === littleEndian) return 'elf'
  const expected = emulationOfMachine(machine, bits, littleEndian)?.format ?? arch.id
  const span = request.outputFormat === undefined ? plan.target.format?.span : undefined
  report.add(unknownFormat({ format, expected }), span && inScript(span))
  return undefined
}
