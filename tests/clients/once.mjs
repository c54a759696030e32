// One message, sent fifty times at once, over REST and sockets: node once.mjs

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';

import { call, conversation, events, newcomer, request } from './lib/people.mjs';
import { ask, closeAll, connect, inbox } from './lib/socket.mjs';

const [ana, ben] = await Promise.all(['ana', 'ben'].map(newcomer));
const id = await conversation([ana, ben]);
after(closeAll);

test('all answers are equal, and there is one message with one number, pushed once', async () => {
  const listener = await connect(ben, ['websocket']);
  const heard = inbox(listener, 'receiveMessage');
  await ask(listener, 'joinConversation', { conversationId: id });
  const sockets = await Promise.all(Array.from({ length: 5 }, () => connect(ana, ['websocket'])));
  const message = { messageId: randomUUID(), content: 'only once' };

  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      if (n % 2 === 0) {
        const sent = await ask(sockets[(n / 2) % 5], 'sendMessage', { conversationId: id, ...message });
        return sent.message;
      }
      const { status, body } = await request('POST', `/conversations/${id}/messages`, { token: ana.token, body: message });
      assert.ok(status === 200 || status === 201, `${status} ${JSON.stringify(body)}`);
      return body;
    }),
  );
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal(answers[0].seq, 1);

  const { items } = await call('GET', `/conversations/${id}/messages`, { token: ben.token });
  assert.deepEqual(items, [answers[0]]);
  assert.deepEqual((await events(ben, id)).map(({ seq, message }) => [seq, message.id]), [[1, message.messageId]]);

  const next = { conversationId: id, messageId: randomUUID(), content: 'and then' };
  assert.equal((await ask(sockets[0], 'sendMessage', next)).message.seq, 2, 'repetitions burn no number');
  await heard.until((items) => items.some(({ seq }) => seq === 2), 'the next message');
  assert.deepEqual(heard.items.map(({ seq }) => seq), [1, 2]);
});
