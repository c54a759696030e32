// The reconnecting client that docs/realtime.md shows, as it stands there, through absences long and short.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';

import { io } from 'socket.io-client';

import { base, conversation, newcomer } from './lib/people.mjs';
import { TRANSPORTS, ask, closeAll, connect } from './lib/socket.mjs';
import { Inbox, within } from './lib/wait.mjs';

const page = await readFile(new URL('../../docs/realtime.md', import.meta.url), 'utf8');
const [, sample] = page.match(/<!-- run: reconnecting -->\n```js\n(.*?)```/s) ?? assert.fail('the page has lost its sample');

const [ana, ben] = await Promise.all(['ana', 'ben'].map(newcomer));
const id = await conversation([ana, ben]);
const sender = await connect(ana, TRANSPORTS.websocket);
const say = (content) => ask(sender, 'sendMessage', { conversationId: id, messageId: randomUUID(), content });
const shown = new Inbox();

// It may begin with what it has missed.
await say('before it came');
const names = ['io', 'url', 'conversationId', 'token', 'show', 'clear', 'refused'];
const { socket } = new Function(...names, `${sample}; return { socket };`)(
  (url, options) => io(url, { ...options, forceNew: true }),
  base,
  id,
  () => ben.token,
  ({ message }) => message && shown.put(message),
  () => assert.fail('nothing asked for a new beginning'),
  (problem) => assert.fail(`refused: ${JSON.stringify(problem)}`),
);
after(() => {
  socket.close();
  closeAll();
});

const cut = async () => {
  if (!socket.connected) await within(new Promise((resolve) => socket.once('connect', resolve)), 'its coming back');
  const gone = new Promise((resolve) => socket.once('disconnect', resolve));
  socket.io.engine.transport.close();
  await within(gone, 'its going');
};

test('everything is shown once and in order, however much was missed', async () => {
  await shown.count(1, 'the first message');

  await cut();
  await Promise.all(Array.from({ length: 250 }, (_, n) => say(`missed ${n}`)));
  await shown.count(251, 'what was missed, page by page');

  for (let round = 0; round < 3; round += 1) {
    const flowing = Promise.all(Array.from({ length: 60 }, (_, n) => say(`${round}: while it comes back ${n}`)));
    await cut();
    await flowing;
  }
  await say('the last');
  await shown.until((items) => items.at(-1)?.content === 'the last', 'the last message');
  assert.deepEqual(shown.items.map(({ seq }) => seq), Array.from({ length: 432 }, (_, n) => n + 1));
});

test('what was edited or deleted meanwhile is shown as it is now', async () => {
  const { message } = await say('a slip');
  await shown.until((items) => items.at(-1)?.content === 'a slip', 'the slip');
  await ask(sender, 'editMessage', { conversationId: id, messageId: message.id, content: 'mended' });
  await shown.until((items) => items.at(-1)?.content === 'mended', 'the edit, while there');
  await cut();
  await ask(sender, 'deleteMessage', { conversationId: id, messageId: message.id });
  await shown.until((items) => items.at(-1)?.deletedAt, 'the deletion, from an absence');
  assert.deepEqual(shown.items.slice(-3).map(({ seq, content }) => [seq, content]), [[433, 'a slip'], [433, 'mended'], [433, '']]);
});
