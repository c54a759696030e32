// Lines typed into a page's console: node console.mjs <page> <file with the lines>
// What they print has to be what the file's last `// prints: …` says.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { browse, typeIntoConsole } from './lib/browser.mjs';

const [address, file] = process.argv.slice(2);
const lines = await readFile(file, 'utf8');
const expected = lines.match(/^\/\/ prints: (.+)$/m)?.[1];
assert.ok(expected, 'the lines end with // prints: …');

await browse(address, async ({ page, said, faults }) => {
  await typeIntoConsole(page, lines);
  await said.until((all) => all.includes(expected), expected);
  assert.deepEqual(faults, []);
});
