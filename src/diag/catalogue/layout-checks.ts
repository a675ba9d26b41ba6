import { entry } from './entry.ts'

export const forbiddenReference = entry(
  'L4901',
  'error',
  (facts: { from: string; symbol: string; to: string }) =>
    `prohibited cross reference from section ${facts.from} to \`${facts.symbol}' in section ${facts.to}`,
  'NOCROSSREFS or NOCROSSREFS_TO in the script says that these output sections must not refer to each other, usually ' +
    'because they are overlays that are never loaded together. Move the function or object to a section that both can ' +
    'see, or change the list.',
)

export const furtherMatch = entry(
  'L4902',
  'warning',
  (facts: { section: string; first: string; further: string }) =>
    facts.further === '/DISCARD/'
      ? `${facts.section} is matched by ${facts.first} and by /DISCARD/, and is not discarded`
      : `${facts.section} is matched by ${facts.first}, and goes on to ${facts.further} where there is no room`,
  '--enable-non-contiguous-regions-warnings: without --enable-non-contiguous-regions only the first rule that matches a section counts.',
)
