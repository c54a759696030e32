// Other programs emit to our clients, through Redis: node emitter.mjs. Ana is on one node, Ben, who speaks
// MessagePack, on another.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { createClient } from '@redis/client';
import { Emitter } from '@socket.io/redis-emitter';

import { conversation, newcomer } from './lib/people.mjs';
import { PARSERS, ask, closeAll, connect } from './lib/socket.mjs';
import { Inbox, within } from './lib/wait.mjs';

const redis = await createClient({ url: process.env.REDIS_URL }).connect();
const emitter = new Emitter(redis, { key: process.env.EMITTER_KEY });
const [ana, ben] = await Promise.all(['ana', 'ben'].map(newcomer));
const here = await connect(ana, ['websocket']);
const there = await connect(ben, ['polling'], { url: process.env.OTHER_URL, ...PARSERS.msgpack });
const [atAna, atBen] = [here, there].map((socket) => {
  const heard = new Inbox();
  socket.onAny((name, ...args) => heard.put([name, ...args]));
  return heard;
});
after(async () => {
  closeAll();
  await redis.close();
});

// What a node says of its own accord, whenever it comes to it.
const OURS = ['welcome', 'joinedConversation'];
let rounds = 0;
/** What both have got, once a broadcast that comes after it has reached them. */
async function both() {
  const end = `end ${++rounds}`;
  emitter.emit(end);
  return Promise.all(
    [atAna, atBen].map(async (heard) => {
      await heard.until((items) => items.some(([name]) => name === end), end);
      return heard.items.splice(0).filter(([name]) => name !== end && !OURS.includes(name));
    }),
  );
}

test('everybody, with as many arguments as there are', async () => {
  emitter.emit('news', 1, 'zwei ü', { three: [3, null, true] });
  const news = ['news', 1, 'zwei ü', { three: [3, null, true] }];
  assert.deepEqual(await both(), [[news], [news]]);
});

test('a person, several rooms, and everybody but somebody', async () => {
  emitter.to(`user:${ben.id}`).emit('to ben');
  emitter.to([`user:${ben.id}`, `user:${ana.id}`]).emit('to both');
  emitter.to(`user:${ben.id}`).except(`user:${ben.id}`).emit('to nobody');
  emitter.except(`user:${ben.id}`).emit('not to ben');
  emitter.to(here.id).emit('to this socket');
  assert.deepEqual(await both(), [[['to both'], ['not to ben'], ['to this socket']], [['to ben'], ['to both']]]);
});

test('a conversation, for as long as it is joined', async () => {
  const conversationId = await conversation([ana, ben]);
  await ask(there, 'joinConversation', { conversationId });
  emitter.to(conversationId).emit('in the conversation', 1);
  assert.deepEqual(await both(), [[], [['in the conversation', 1]]]);
  await ask(there, 'leaveConversation', { conversationId });
  emitter.to(conversationId).emit('in the conversation', 2);
  assert.deepEqual(await both(), [[], []]);
});

test('bytes, over either transport', async () => {
  emitter.emit('bytes', { picture: Buffer.from([0, 1, 254, 255]) }, Buffer.from('second'));
  const [[[, first, second]], [[, other]]] = await both();
  for (const { picture } of [first, other]) assert.deepEqual(Buffer.from(picture), Buffer.from([0, 1, 254, 255]));
  assert.equal(Buffer.from(second).toString(), 'second');
});

test('sockets are put into rooms and taken out', async () => {
  emitter.in([`user:${ana.id}`, `user:${ben.id}`]).socketsJoin(['kitchen', 'hall']);
  emitter.to('kitchen').emit('dinner');
  emitter.in(`user:${ana.id}`).socketsLeave('kitchen');
  emitter.to('kitchen').emit('dessert');
  assert.deepEqual(await both(), [[['dinner']], [['dinner'], ['dessert']]]);
});

test('what is no message of an emitter does nothing', async () => {
  await redis.publish(`${process.env.EMITTER_KEY}#/#`, 'not packed');
  await redis.publish(`${process.env.EMITTER_KEY}-request#/#`, '{"type":');
  emitter.serverSideEmit('hello');
  assert.deepEqual(await both(), [[], []]);
});

test('sockets are disconnected, and stay away', async () => {
  const gone = new Promise((resolve) => there.once('disconnect', resolve));
  emitter.in(`user:${ben.id}`).disconnectSockets(true);
  assert.equal(await within(gone, 'the end'), 'io server disconnect');
  assert.equal(here.connected, true);
});
