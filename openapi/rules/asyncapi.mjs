// The AsyncAPI document read by the official parser: node asyncapi.mjs <file>
// Fails on a warning as on an error.

import { readFile } from 'node:fs/promises';

import { Parser } from '@asyncapi/parser';

const MERELY_A_HINT = 2;

const { document, diagnostics } = await new Parser().parse(await readFile(process.argv[2], 'utf8'));
const faults = diagnostics.filter(({ severity }) => severity < MERELY_A_HINT);
for (const { code, message, path } of faults) console.error(`${path.join('/')}: ${message} (${code})`);
if (faults.length > 0 || document.operations().isEmpty()) process.exit(1);
