// A connection breaks and the client comes back: node reconnect.mjs websocket|polling|upgrade

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';

import { conversation, newcomer } from './lib/people.mjs';
import { TRANSPORTS, ask, closeAll, connect, connected, inbox } from './lib/socket.mjs';

const transports = TRANSPORTS[process.argv[2]];
const [ana, ben] = await Promise.all(['ana', 'ben'].map(newcomer));
const id = await conversation([ana, ben]);
const a = await connect(ana, transports);
const b = await connect(ben, transports);
const live = inbox(b, 'receiveMessage');
const say = (content) => ask(a, 'sendMessage', { conversationId: id, messageId: randomUUID(), content });
after(closeAll);

test('what was sent meanwhile comes by joining again: no hole, nothing twice', async () => {
  await ask(b, 'joinConversation', { conversationId: id });
  for (let n = 1; n <= 5; n += 1) await say(`before ${n}`);
  await live.count(5, 'messages');

  const gone = new Promise((resolve) => b.once('disconnect', resolve));
  b.io.engine.close();
  assert.equal(await gone, 'forced close');
  for (let n = 1; n <= 5; n += 1) await say(`meanwhile ${n}`);
  // Nobody waits for these: some come before the client is back, some while it joins, some after.
  const flowing = Promise.all(Array.from({ length: 50 }, (_, n) => say(`while joining ${n}`)));
  b.connect();
  await connected(b);
  const { events } = await ask(b, 'joinConversation', { conversationId: id, after: 5 });
  await flowing;
  await say('the last');

  await live.until((items) => items.at(-1)?.content === 'the last', 'the last message');
  const caughtUp = events.map(({ seq }) => seq);
  const numbers = [...live.items.map(({ seq }) => seq), ...caughtUp].sort((x, y) => x - y);
  assert.deepEqual(numbers, Array.from({ length: 61 }, (_, n) => n + 1));
  assert.ok(caughtUp.length >= 5, 'what was missed came with the answer');
});

test('a client whose connection is cut comes back by itself', async () => {
  const back = new Promise((resolve) => b.once('connect', resolve));
  // The transport, not the engine: as a broken network would, and nobody has asked for it.
  b.io.engine.transport.close();
  await back;
  await connected(b);
  const { headSeq } = await ask(b, 'joinConversation', { conversationId: id });
  await say('are you there?');
  await live.until((items) => items.some(({ seq }) => seq === headSeq + 1), 'a push after coming back');
});
