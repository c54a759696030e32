// The official protocol suites against a server that answers as they expect: node protocol.mjs engine.io|socket.io
//
// What fails has to be explained in `protocol/explained.json`, and what is explained has to fail.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { within } from './lib/wait.mjs';
import { cases } from './protocol/node-imports.js';

const [suite] = process.argv.slice(2);
const explained = JSON.parse(readFileSync(new URL('./protocol/explained.json', import.meta.url)))[suite];
await import(`./protocol/${suite}.js`);

const failed = {};
for (const { name, body, timeout } of cases) {
  try {
    await within(body(), 'the end of it', timeout);
  } catch (error) {
    failed[name] = error.message;
  }
}
console.log(`${suite}: ${cases.length} tried, ${Object.keys(failed).length} failed`, failed);
assert.deepEqual(Object.keys(failed).sort(), Object.keys(explained).sort(), 'these failed, and these are explained');
process.exit(0);
