// node scripts/planFormat.mjs: writes docs/plan-format.md from media/plan.schema.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { inRepo } from './lib/paths.mjs';
import { planFormatText } from './lib/planFormat.mjs';

const schema = JSON.parse(readFileSync(inRepo('media/plan.schema.json'), 'utf8'));
writeFileSync(inRepo('docs/plan-format.md'), planFormatText(schema));
