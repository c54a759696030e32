// Five hundred sockets of a node that is told to stop go to another, some at a time: node waves.mjs OTHER

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { ask, closeAll, connect } from './lib/socket.mjs';
import { Receiver, group } from './lib/traffic.mjs';
import { Inbox } from './lib/wait.mjs';

const PEOPLE = 20;
const SOCKETS = 500;
const WEBSOCKET = ['websocket'];
const [url] = process.argv.slice(2);

const { people, listener, id } = await group(PEOPLE);
// Some at a time, as people come: it is how they go that is looked at.
const receivers = [];
while (receivers.length < SOCKETS) {
  const some = Array.from({ length: 25 }, (_, n) => new Receiver(people[n % PEOPLE], id, WEBSOCKET));
  await Promise.all(some.map((receiver) => receiver.joined()));
  receivers.push(...some);
}
const watcher = new Receiver(listener, id, WEBSOCKET, { url });
const sender = await connect(listener, WEBSOCKET, { url });

// One message after the other has arrived, from before the first goes until after the last has come back.
let [sent, enough] = [0, false];
const sending = (async () => {
  while (!enough) {
    const message = { conversationId: id, messageId: randomUUID(), content: `${sent + 1}` };
    sent = (await ask(sender, 'sendMessage', message)).message.seq;
    await watcher.has(sent);
  }
})();
await Promise.all(receivers.map((receiver) => receiver.has(10)));

const [back, delays] = [new Inbox(), []];
let begun;
for (const { socket } of receivers) {
  socket.on('draining', ({ retryAfterMs }) => {
    begun ??= performance.now();
    delays.push(retryAfterMs);
    // A balancer knows by now where to send whoever comes.
    socket.io.uri = url;
  });
  socket.io.on('reconnect', () => back.put(Math.round(performance.now() - begun)));
}
console.log('please: terminate');
await back.count(SOCKETS, 'comings back');
enough = true;
await sending;
await Promise.all(receivers.map((receiver) => receiver.has(sent)));
for (const { seen, faults } of receivers) assert.deepEqual([seen.size, faults], [sent, []], 'each has everything');

// Clients that come back at once would all be there within a quarter of a second, if all were cut at once.
const times = back.items.toSorted((one, other) => one - other);
const at = (share) => times[Math.floor(share * (SOCKETS - 1))];
console.log(`${sent} messages; back after`, [0, 0.25, 0.5, 0.75, 1].map(at), 'ms');
assert.ok(at(0.75) - at(0.25) >= 800, 'they come back over two seconds');
assert.ok(new Set(delays).size > SOCKETS / 4, 'each is told a time of its own');
assert.ok(delays.every((delay) => delay >= 250 && delay <= 1750));
closeAll();
process.exit(0);
