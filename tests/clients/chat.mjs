// Two people chat through the official client: node chat.mjs websocket|polling|upgrade [json|msgpack]

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';

import { base, conversation, events, expiring, newcomer, request, signInAgain, call } from './lib/people.mjs';
import { PARSERS, TRANSPORTS, ask, closeAll, connect, inbox, problem, refusal } from './lib/socket.mjs';
import { DEADLINE } from './lib/wait.mjs';

const transports = TRANSPORTS[process.argv[2]];
const parser = PARSERS[process.argv[3] ?? 'json'];
const [ana, ben, eve] = await Promise.all(['ana', 'ben', 'eve'].map(newcomer));
const id = await conversation([ana, ben]);
const a = await connect(ana, transports, parser);
const b = await connect(ben, transports, parser);
const heard = inbox(b, 'receiveMessage');
const message = (content) => ({ conversationId: id, messageId: randomUUID(), content });
after(closeAll);

test('it is connected the way it was asked to', () => {
  assert.equal(a.io.engine.transport.name, transports.at(-1));
});

test('without a good token of a living session nobody gets in', async () => {
  const gone = await signInAgain(ana);
  await call('POST', '/auth/logout', { body: { refreshToken: gone.refreshToken } });
  const expired = expiring(ana.token, Math.floor(Date.now() / 1000) - 60);
  assert.equal(await refusal({}, transports, parser), 'E_TOKEN_MISSING');
  assert.equal(await refusal({ token: 'nonsense' }, transports, parser), 'E_TOKEN_INVALID');
  assert.equal(await refusal({ token: expired }, transports, parser), 'E_TOKEN_EXPIRED');
  assert.equal(await refusal({ token: gone.token }, transports, parser), 'E_SESSION_ENDED');
});

test('joining says where the conversation is', async () => {
  for (const socket of [a, b]) {
    const told = inbox(socket, 'joinedConversation');
    const joined = await ask(socket, 'joinConversation', { conversationId: id, after: 0 });
    assert.deepEqual([joined.headSeq, joined.events, joined.hasMore], [0, [], false]);
    const [event] = await told.count(1, 'joinedConversation');
    assert.deepEqual(event, { conversationId: id, headSeq: 0, epoch: joined.epoch });
  }
});

test('what is sent is answered with the stored message and arrives in order', async () => {
  const sent = [];
  for (const content of ['one', 'two', 'three']) {
    const wanted = message(content);
    const { message: stored } = await ask(a, 'sendMessage', wanted);
    assert.equal(stored.id, wanted.messageId);
    assert.deepEqual([stored.content, stored.senderId, stored.conversationId], [content, ana.id, id]);
    sent.push(stored);
  }
  assert.deepEqual(sent.map(({ seq }) => seq), [1, 2, 3]);
  assert.deepEqual(await heard.count(3, 'receiveMessage'), sent);
});

test('the same again has the same answer and is pushed once', async () => {
  const wanted = message('only once');
  const first = await ask(a, 'sendMessage', wanted);
  assert.deepEqual(await ask(a, 'sendMessage', wanted), first);
  const next = await ask(a, 'sendMessage', message('after it'));
  assert.equal(next.message.seq, first.message.seq + 1);
  await heard.until((items) => items.some(({ seq }) => seq === next.message.seq), 'the next message');
  assert.equal(heard.items.filter(({ id }) => id === wanted.messageId).length, 1);
});

test('the same id with another body, or of another person, is a conflict', async () => {
  const wanted = message('mine');
  await ask(a, 'sendMessage', wanted);
  const other = await problem(a, 'sendMessage', { ...wanted, content: 'changed' });
  assert.deepEqual([other.code, other.status], ['E_MESSAGE_ID_TAKEN', 409]);
  assert.equal((await problem(b, 'sendMessage', wanted)).code, 'E_MESSAGE_ID_TAKEN');
});

test('a refusal is an answer', async () => {
  const empty = await problem(a, 'sendMessage', message(''));
  assert.deepEqual([empty.code, empty.errors[0].pointer], ['E_INVALID', '/content']);
  const unknown = await problem(a, 'sendMessage', { ...message('hello'), colour: 'red' });
  assert.deepEqual([unknown.code, unknown.errors[0].pointer], ['E_INVALID', '/colour']);
  assert.equal((await problem(a, 'dance', {})).code, 'E_EVENT_UNKNOWN');
  const stranger = await connect(eve, transports, parser);
  assert.equal((await problem(stranger, 'joinConversation', { conversationId: id })).code, 'E_NOT_FOUND');
  assert.equal((await problem(stranger, 'sendMessage', message('me too'))).code, 'E_NOT_FOUND');
});

test('a refusal over REST can be read by who asks for compression, as every browser does', async () => {
  const headers = { 'accept-encoding': 'gzip, deflate, br' };
  const { status, body } = await request('GET', '/users/me', { headers });
  assert.deepEqual([status, body.code], [401, 'E_TOKEN_MISSING']);
});

test('who wants no answer hears of a refusal as an event', async () => {
  const exceptions = inbox(a, 'exception');
  a.emit('sendMessage', message(''));
  const [exception] = await exceptions.count(1, 'exception');
  assert.deepEqual([exception.code, exception.instance], ['E_INVALID', 'sendMessage']);
});

test('typing reaches the other and not oneself', async () => {
  const [seen, own] = [inbox(b, 'typing'), inbox(a, 'typing')];
  await ask(a, 'typing', { conversationId: id, isTyping: true });
  await ask(a, 'typing', { conversationId: id, isTyping: false });
  const [begun, ended] = await seen.count(2, 'typing');
  assert.deepEqual(begun, { conversationId: id, userId: ana.id, isTyping: true });
  assert.equal(ended.isTyping, false);
  await ask(b, 'typing', { conversationId: id, isTyping: true });
  // Theirs came after mine would have.
  assert.deepEqual((await own.count(1, 'typing')).map(({ userId }) => userId), [ben.id]);
});

test('a read mark moves forward, is told, and ends at the head', async () => {
  const marks = inbox(a, 'readMarked');
  assert.deepEqual(await ask(b, 'markRead', { conversationId: id, seq: 2 }), { seq: 2 });
  assert.deepEqual(await ask(b, 'markRead', { conversationId: id, seq: 1 }), { seq: 2 });
  assert.deepEqual(await marks.count(1, 'readMarked'), [{ conversationId: id, userId: ben.id, seq: 2 }]);
  assert.equal((await problem(b, 'markRead', { conversationId: id, seq: 999 })).code, 'E_INVALID');
});

test('two hundred sent without waiting are stored and arrive in the order they were sent', async () => {
  const contents = Array.from({ length: 200 }, (_, n) => `number ${n}`);
  const answers = await Promise.all(contents.map((content) => ask(a, 'sendMessage', message(content))));
  const first = answers[0].message.seq;
  assert.deepEqual(answers.map((answer) => answer.message.seq), contents.map((_, n) => first + n));
  const last = answers.at(-1).message.seq;
  await heard.until((items) => items.at(-1)?.seq === last, 'the last of them');
  const numbers = heard.items.map(({ seq }) => seq);
  assert.deepEqual(numbers, numbers.map((_, n) => n + 1), 'everything was pushed once, in order');
  const stored = await events(ben, id, first - 1);
  assert.deepEqual(stored.map((event) => event.message.content), contents);
});

test('who takes everything owes nothing', async () => {
  const owed = async () => (await (await fetch(`${base}/metrics`)).text()).match(/^websocket_.*$/gm);
  for (const until = Date.now() + DEADLINE; ; ) {
    const lines = await owed();
    if (lines.includes('websocket_waiting_bytes 0')) break;
    assert.ok(Date.now() < until, lines.join('\n'));
  }
});
