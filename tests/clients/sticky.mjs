// Sessions over polling, through a balancer before two nodes: node sticky.mjs <node> <node>

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';

import { conversation, newcomer } from './lib/people.mjs';
import { TRANSPORTS, ask, closeAll, connect, connected, open } from './lib/socket.mjs';

const nodes = process.argv.slice(2);
const SOCKETS = 24;
const ROUNDS = 5;
const [ana, ben] = await Promise.all(['ana', 'ben'].map(newcomer));
const id = await conversation([ana, ben]);
after(closeAll);

/** How many sockets each node has, over any transport. */
async function counts() {
  const texts = await Promise.all(nodes.map(async (node) => (await fetch(`${node}/metrics`)).text()));
  const sum = (text) => [...text.matchAll(/^websocket_connections_active\{.*\} (\d+)$/gm)].reduce((n, [, more]) => n + Number(more), 0);
  return texts.map(sum);
}

test('a session whose requests come one by one is never sent elsewhere', async () => {
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, (_, n) => {
      // Half of them name themselves; the others are known by their address.
      const query = n % 2 === 0 ? { client: randomUUID() } : {};
      const transports = n % 4 < 2 ? TRANSPORTS.polling : TRANSPORTS.upgrade;
      const socket = open({ token: ana.token }, transports, { query, reconnection: false });
      return connected(socket).then(() => socket);
    }),
  );
  const ids = sockets.map((socket) => socket.id);
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all(sockets.map((socket) => ask(socket, 'joinConversation', { conversationId: id })));
  }
  assert.deepEqual(sockets.map((socket) => socket.id), ids, 'nobody had to connect again');
  const [here, there] = await counts();
  assert.equal(here + there, SOCKETS);
  assert.ok(here > 0 && there > 0, `who names themselves is spread: ${here} and ${there}`);
  closeAll();
});

test('WebSockets of one address are spread without being named', async () => {
  const sockets = await Promise.all(Array.from({ length: 8 }, () => connect(ben, TRANSPORTS.websocket)));
  const [here, there] = await counts();
  assert.ok(here > 0 && there > 0, `${here} and ${there}`);
  for (const socket of sockets) await ask(socket, 'joinConversation', { conversationId: id });
});
