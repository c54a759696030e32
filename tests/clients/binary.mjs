// Bytes where text belongs: node binary.mjs websocket|polling|upgrade json|msgpack

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';

import { conversation, events, newcomer } from './lib/people.mjs';
import { PARSERS, TRANSPORTS, ask, closeAll, connect, connected, problem } from './lib/socket.mjs';
import { within } from './lib/wait.mjs';

const [, , transport, parser] = process.argv;
const [ana, ben] = [await newcomer('ana'), await newcomer('ben')];
const conversationId = await conversation([ana, ben]);
const socket = await connect(ana, TRANSPORTS[transport], PARSERS[parser]);
const message = (content) => ({ conversationId, messageId: randomUUID(), content });
const bytes = Buffer.from([0, 1, 254, 255]);
after(closeAll);

/** Where the payload is wrong. */
async function pointers(event, payload) {
  const { code, errors } = await problem(socket, event, payload);
  assert.equal(code, 'E_INVALID');
  return errors.map(({ pointer }) => pointer);
}

test('they are refused where they stand', async () => {
  assert.deepEqual(await pointers('sendMessage', message(bytes)), ['/content']);
  assert.deepEqual(await pointers('sendMessage', { ...message('text'), messageId: bytes, replyTo: bytes }), [
    '/messageId',
    '/replyTo',
  ]);
  assert.deepEqual(await pointers('joinConversation', bytes), ['']);
  assert.deepEqual(await pointers('joinConversation', { conversationId, after: [bytes] }), ['/after']);
  assert.deepEqual(await pointers('joinConversation', { conversationId, picture: { of: bytes } }), ['/picture']);
  assert.equal((await problem(socket, 'dance', bytes)).code, 'E_EVENT_UNKNOWN');
});

test('too many of them are too much', async () => {
  const much = { ...message('text'), attached: Array.from({ length: 3 }, () => Buffer.alloc(45_000)) };
  if (transport === 'polling' && parser === 'msgpack') {
    // All in one packet, in base64: too long for a request, which ends the connection. The client begins another.
    const ended = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.emit('sendMessage', much);
    await within(ended, 'the end of the connection');
    return connected(socket);
  }
  assert.equal((await problem(socket, 'sendMessage', much)).code, 'E_BODY_TOO_LARGE');
});

test('and nothing is stored of them', async () => {
  const { message: sent } = await ask(socket, 'sendMessage', message('text'));
  assert.equal(sent.seq, 1);
  assert.equal((await events(ana, conversationId)).length, 1);
});
