// Senders and followers on two processes that share a database, of which one is killed: node shared.mjs <the other's url>

import assert from 'node:assert/strict';

import { Receiver, Sender, acknowledgedBy, group, settle } from './lib/traffic.mjs';
import { closeAll } from './lib/socket.mjs';

const SENDERS = 4;
const EACH = 100;

const other = { url: process.argv[2] };
const people = await group(SENDERS);
const receivers = [{}, other].map((at) => new Receiver(people.listener, people.id, ['websocket'], at));
const senders = people.people
  .slice(0, SENDERS)
  .map((person, n) => new Sender(person, people.id, EACH, ['websocket'], n % 2 ? other : {}));

// While all of them are sending.
let killed = false;
for (const sender of senders) {
  sender.acknowledged.until(() => {
    if (!killed && acknowledgedBy(senders) >= (SENDERS * EACH) / 4) {
      killed = true;
      console.log('please: kill');
    }
    return killed;
  }, 'the kill', 600_000).catch(() => {});
}

await settle(people, senders, senders.map((sender) => sender.run()), receivers[0]);
await receivers[1].has(SENDERS * EACH);
assert.deepEqual(receivers[1].faults, [], 'the follower on the other');
assert.deepEqual([...receivers[1].seen].sort(), [...receivers[0].seen].sort(), 'both have the same');
assert.ok(killed, 'one was killed meanwhile');
closeAll();
process.exit(0);
