// Node's own HTTP/2 client, over TLS: node http2.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { after, test } from 'node:test';

import { io } from 'socket.io-client';

import { base, newcomer } from './lib/people.mjs';
import { within } from './lib/wait.mjs';

const ca = readFileSync(process.env.NODE_EXTRA_CA_CERTS);
const ana = await newcomer('ana');
const session = connect(base, { ca });
after(() => session.close());

test('a hundred requests at once share one connection', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask({ ':path': '/api/v1/users/me' })));
  for (const { status, body } of answers) assert.deepEqual([status, JSON.parse(body).id], [200, ana.id]);
  assert.equal(session.alpnProtocol, 'h2');
});

test('what one has already is answered with nothing', async () => {
  const made = await ask({ ':method': 'POST', ':path': '/api/v1/posts', 'content-type': 'application/json' }, '{"content":"hello"}');
  const path = `/api/v1/posts/${JSON.parse(made.body).id}`;
  const { headers } = await ask({ ':path': path });
  const again = await ask({ ':path': path, 'if-none-match': headers.etag });
  assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', headers.etag]);
});

test('a socket that is given the certificate connects over wss, and one that is not does not', async () => {
  // Known to this process from the environment; here nothing counts but what the socket is given.
  const options = { transports: ['websocket'], auth: { token: ana.token }, reconnection: false, forceNew: true };
  const trusting = io(base, { ...options, ca });
  await within(new Promise((done, fail) => trusting.on('connect', done).on('connect_error', fail)), 'a connection');
  const { secure } = trusting.io.engine.transport.opts;
  trusting.disconnect();
  assert.equal(secure, true);
  const doubting = io(base, { ...options, ca: [] });
  const refused = await within(new Promise((done) => doubting.on('connect_error', done)), 'a refusal');
  assert.match(String(refused.description?.error ?? refused), /certificate|self.signed/i);
});

/** Sends a request of the signed-in person over the session. */
async function ask(headers, body) {
  const request = session.request({ authorization: `Bearer ${ana.token}`, ...headers });
  request.end(body);
  const answered = new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
  const answer = await within(answered, 'an answer');
  let text = '';
  for await (const chunk of request) text += chunk;
  return { status: answer[':status'], headers: answer, body: text };
}
