/** Compiles every stored form of the default layouts into the text of layouts/compiled.generated.ts. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layoutRows, storedKey } from '../../layouts/catalog.ts'
import { storePlan } from '../../layouts/stored-plan.ts'
import { renderText } from '../diag/render-text.ts'
import { Report } from '../diag/report.ts'
import { compileLayout } from './default-layout.ts'

/** Folders whose scripts are layouts. */
const folders = ['go', 'go1.19', 'go1.24', 'gnu']

/** @param root the folder `layouts`. Throws with the rendered messages when a layout does not compile. */
export function compileStoredLayouts(root: string): string {
  const texts: Record<string, string> = {}
  for (const folder of folders)
    for (const name of readdirSync(join(root, folder)).sort())
      if (name.endsWith('.ld')) texts[`${folder}/${name}`] = readFileSync(join(root, folder, name), 'latin1')
  const plans: Record<string, string> = {}
  for (const row of layoutRows)
    for (const facts of row.stored) {
      if (row.script(facts) === undefined) continue
      const messages: string[] = []
      const report = new Report({
        onDiagnostic: each => messages.push(renderText(each, { program: 'plans', sourceText: file => texts[file] })),
      })
      const plan = compileLayout(row, facts, texts, new Map(), report)
      if (plan === undefined || report.failed || messages.length > 0)
        throw new Error(`layout ${storedKey(row, facts)} does not compile:\n${messages.join('')}`)
      plans[storedKey(row, facts)] = storePlan(plan)
    }
  return [
    '// Written by scripts/plans.ts from the scripts in this folder. Do not edit: npm run plans.',
    `export const storedLayouts: Readonly<Record<string, string>> = ${table(plans)}`,
    `export const layoutTexts: Readonly<Record<string, string>> = ${table(texts)}`,
    '',
  ].join('\n')
}

function table(rows: Readonly<Record<string, string>>): string {
  return `{\n${Object.entries(rows)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`)
    .join('\n')}\n}`
}
