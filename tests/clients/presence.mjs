// Two people are connected to a node that is killed, and one of them comes back to another: node presence.mjs OTHER

import assert from 'node:assert/strict';

import { base, conversation, newcomer } from './lib/people.mjs';
import { ask, closeAll, connect, inbox } from './lib/socket.mjs';

/** For what a dead node has said to be good no more, as docs/realtime.md has it, and some for a busy machine. */
const GONE_WITHIN = 14_000;
const WEBSOCKET = ['websocket'];
const [url] = process.argv.slice(2);

const [ana, ben, cleo] = await Promise.all(['ana', 'ben', 'cleo'].map(newcomer));
await conversation([ana, ben, cleo], 'everybody');
const watcher = await connect(ana, WEBSOCKET);
const changes = inbox(watcher, 'presenceChanged');
await connect(ben, WEBSOCKET, { url, reconnection: false });
const cleos = await connect(cleo, WEBSOCKET, { url });
const { people } = await ask(watcher, 'watchPresence', { userIds: [ben.id, cleo.id] });
const latest = ({ id }) => [...people, ...changes.items].findLast(({ userId }) => userId === id);
await changes.until(() => [ben, cleo].every((person) => latest(person).online), 'both to be there');

// A balancer would know where else to go.
cleos.io.uri = base;
const before = changes.items.length;
const begun = performance.now();
console.log('please: kill');
await changes.until(() => !latest(ben).online, 'Ben to be gone', GONE_WITHIN);
console.log(`gone after ${Math.round(performance.now() - begun)} ms`);
assert.deepEqual(changes.items.slice(before).map(({ userId }) => userId), [ben.id], 'Cleo was never away');
assert.ok(cleos.connected);
closeAll();
process.exit(0);
