// Pages of other origins knock at the sockets' door: node origins.mjs

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { base, newcomer } from './lib/people.mjs';
import { closeAll, connect, refusal } from './lib/socket.mjs';

const ALLOWED = 'https://app.example.com';
const FOREIGN = ['https://evil.example', 'http://app.example.com', 'https://app.example.com.evil.example', 'null'];
const ana = await newcomer('ana');
after(closeAll);

const poll = (origin, options) =>
  fetch(`${base}/socket.io/?EIO=4&transport=polling`, { ...options, headers: { ...options?.headers, origin } });

test('a foreign origin is refused with a problem that a page there may not read', async () => {
  for (const origin of FOREIGN) {
    const answer = await poll(origin);
    assert.equal(answer.status, 403, origin);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal((await answer.json()).code, 'E_ORIGIN_REFUSED');
    assert.equal(answer.headers.get('access-control-allow-origin'), null, origin);
  }
});

test('the official client of a foreign page gets nowhere, whichever way it tries', async () => {
  const extraHeaders = { origin: FOREIGN[0] };
  assert.equal(await refusal({ token: ana.token }, ['websocket'], { extraHeaders }), 'websocket error');
  assert.equal(await refusal({ token: ana.token }, ['polling'], { extraHeaders }), 'xhr poll error');
});

test('the configured origin is admitted, whichever way it connects', async () => {
  for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    const socket = await connect(ana, transports, { extraHeaders: { origin: ALLOWED } });
    assert.ok(socket.connected);
  }
});

test('polling answers the configured origin with exactly its CORS headers', async () => {
  const answer = await poll(ALLOWED);
  assert.equal(answer.status, 200);
  await answer.text();
  assert.equal(answer.headers.get('access-control-allow-origin'), ALLOWED);
  assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
  assert.match(answer.headers.get('vary'), /\borigin\b/i);

  const headers = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
  const preflight = await poll(ALLOWED, { method: 'OPTIONS', headers });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers.get('access-control-allow-origin'), ALLOWED);
  assert.equal(preflight.headers.get('access-control-allow-credentials'), 'true');
  assert.match(preflight.headers.get('access-control-allow-methods'), /\bPOST\b/);
  assert.match(preflight.headers.get('access-control-allow-headers'), /\bcontent-type\b/i);
});

test('who sends no origin is no page, and passes', async () => {
  const answer = await fetch(`${base}/socket.io/?EIO=4&transport=polling`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
});
