// The address that a session is noted with: node forwarded.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PASSWORD, call, newcomer, request } from './lib/people.mjs';

test('a session has the address of the peer, not the one that a header claims', async () => {
  const { username, token } = await newcomer('ana');
  const headers = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' };
  const { status } = await request('POST', '/auth/login', { body: { login: username, password: PASSWORD }, headers });
  assert.equal(status, 200);
  const { items } = await call('GET', '/auth/sessions', { token });
  assert.deepEqual(items.map(({ address }) => address), ['127.0.0.1', '127.0.0.1']);
});
