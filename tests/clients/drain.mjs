// Clients send while the server is told to stop, and go on with the next one: node drain.mjs

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request as begin } from 'node:http';

import { base, call } from './lib/people.mjs';
import { closeAll } from './lib/socket.mjs';
import { Receiver, Sender, group, settle } from './lib/traffic.mjs';
import { Inbox, within } from './lib/wait.mjs';

const SENDERS = 4;
/** More than they can send before they are cut: they never pause by themselves. */
const PLENTY = 50_000;

const people = await group(SENDERS);
const receiver = new Receiver(people.listener, people.id, ['websocket']);
const senders = people.people
  .slice(0, SENDERS)
  .map((person) => new Sender(person, people.id, PLENTY, ['websocket']));
const runs = senders.map((sender) => sender.run());
for (const { acknowledged } of senders) await acknowledged.count(20, 'acknowledgements');

// A request whose body is half here when the server is told to stop.
const slow = await halfSent('/api/v1/posts', { content: 'written while the server stopped' });
console.log('please: terminate');

const ready = new Inbox();
while (ready.items.at(-1) !== 503) {
  ready.put((await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(5000) })).status);
  assert.ok(ready.items.length < 100_000);
}
assert.equal((await fetch(`${base}/health/live`)).status, 200, 'it lives while it drains');
const before = senders.map(({ acknowledged }) => acknowledged.items.length);
for (const [n, { acknowledged }] of senders.entries()) await acknowledged.count(before[n] + 1, 'more');
const again = senders.map(({ socket }) => within(new Promise((done) => socket.io.once('reconnect', done)), 'coming back'));

for (const { draining } of senders) {
  const [{ retryAfterMs }] = await draining.count(1, 'draining');
  assert.ok(Number.isInteger(retryAfterMs));
}
const { status, body } = await slow.finish();
assert.equal(status, 201, body);

await Promise.all(again);
for (const sender of senders) sender.enough();
await settle(people, senders, runs, receiver);
const { content } = await call('GET', `/posts/${JSON.parse(body).id}`, { token: people.listener.token });
assert.equal(content, 'written while the server stopped');
for (const { log } of senders) console.log(log);
closeAll();
process.exit(0);

async function halfSent(path, content) {
  const text = JSON.stringify(content);
  const half = text.length / 2;
  const request = begin(base + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${people.listener.token}`,
      'content-type': 'application/json',
      'content-length': text.length,
      'idempotency-key': randomUUID(),
    },
  });
  const answered = new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
  await new Promise((sent) => request.write(text.slice(0, half), sent));
  return {
    async finish() {
      request.end(text.slice(half));
      const answer = await within(answered, 'the answer to a request in flight');
      let body = '';
      for await (const chunk of answer) body += chunk;
      return { status: answer.statusCode, body };
    },
  };
}
