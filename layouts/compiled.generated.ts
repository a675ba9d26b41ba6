// Written by scripts/plans.ts from the scripts in this folder. Do not edit: npm run plans.
export const storedLayouts: Readonly<Record<string, string>> = {}
export const layoutTexts: Readonly<Record<string, string>> = {}
