// Two thousand messages while the server is killed again and again: node crash.mjs

import assert from 'node:assert/strict';

import { Receiver, Sender, acknowledgedBy, group, settle } from './lib/traffic.mjs';
import { closeAll } from './lib/socket.mjs';

const SENDERS = 4;
const EACH = 500;
const KILLS = 3;

const people = await group(SENDERS);
const receiver = new Receiver(people.listener, people.id, ['websocket']);
const senders = people.people
  .slice(0, SENDERS)
  .map((person) => new Sender(person, people.id, EACH, ['websocket']));

// Somewhere in each stretch, so that it never falls on the same place.
const stretch = (SENDERS * EACH) / (KILLS + 1);
const moments = Array.from({ length: KILLS }, (_, n) => Math.floor(stretch * (n + 0.5 + Math.random())));
console.log('killed after', moments.join(', '), 'acknowledgements');
for (const sender of senders) {
  sender.acknowledged.until(() => {
    while (moments.length > 0 && acknowledgedBy(senders) >= moments[0]) {
      moments.shift();
      console.log('please: kill');
    }
    return false;
  }, 'the next kill', 600_000).catch(() => {});
}

await settle(people, senders, senders.map((sender) => sender.run()), receiver);
for (const { log } of senders) console.log(log);
assert.ok(senders.some(({ log }) => log.unknown > 0), 'the kills met messages on their way');
closeAll();
process.exit(0);
