// Many senders, a receiver that follows, and the check that nothing was lost between them.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import { conversation, events, newcomer } from './people.mjs';
import { connected, open } from './socket.mjs';
import { Inbox, within } from './wait.mjs';

/** Messages that a sender has on the way at once. */
const PIPELINE = 40;
/** For an answer, from a server that may be gone. */
const ANSWER = 20_000;
/** For everything. */
const LIMIT = 180_000;

/** A group of people who send, and one who only listens. */
export async function group(senders) {
  const people = await Promise.all(Array.from({ length: senders + 1 }, (_, n) => newcomer(`person${n}`)));
  return { people, listener: people[senders], id: await conversation(people, 'everybody') };
}

/** Sends its messages in order over one socket, again and again, until each has been acknowledged. */
export class Sender {
  log = { ok: 0, unknown: 0, later: 0, failed: [] };
  acknowledged = new Inbox();
  #begun = 0;
  #refused = false;

  constructor(person, id, count, transports, at = {}) {
    this.person = person;
    this.messages = Array.from({ length: count }, (_, n) => ({
      conversationId: id,
      messageId: randomUUID(),
      content: `${n}`,
    }));
    this.socket = open({ token: person.token }, transports, at);
    this.draining = new Inbox();
    this.socket.on('draining', (notice) => this.draining.put(notice));
  }

  async run() {
    let pending = this.messages;
    while (pending.length > 0) {
      await connected(this.socket);
      pending = (await this.#pass(pending)).filter(({ content }) => Number(content) < this.messages.length);
      // Told to come back later: this connection is about to end, and the next one takes more.
      if (this.#refused) await within(disconnected(this.socket), 'the end of a connection that takes nothing');
      this.#refused = false;
    }
  }

  /** No further messages than those that have been sent at least once. */
  enough() {
    this.messages.length = this.#begun;
  }

  /** Sends these, many at once but in order; returns those to be sent again. */
  async #pass(pending) {
    const { id } = this.socket;
    const onTheWay = new Set();
    const unknown = new Set(pending);
    for (const message of pending) {
      while (onTheWay.size >= PIPELINE) await Promise.race(onTheWay);
      // Not what the client would keep for its next connection: that would overtake what is unknown.
      if (this.socket.id !== id || !this.socket.connected || this.#refused) break;
      const place = Number(message.content);
      if (place >= this.messages.length) break;
      this.#begun = Math.max(this.#begun, place + 1);
      const sent = this.#send(message).then((stored) => stored && unknown.delete(message));
      onTheWay.add(sent);
      sent.finally(() => onTheWay.delete(sent));
    }
    await Promise.all(onTheWay);
    return pending.filter((message) => unknown.has(message));
  }

  async #send(message) {
    let answer;
    try {
      answer = await this.socket.timeout(ANSWER).emitWithAck('sendMessage', message);
    } catch {
      this.log.unknown += 1;
      return false;
    }
    if (answer.problem?.code === 'E_UNAVAILABLE') {
      this.log.later += 1;
      this.#refused = true;
      return false;
    }
    if (!answer.ok) {
      this.log.failed.push(answer.problem);
      return false;
    }
    this.log.ok += 1;
    this.acknowledged.put(answer.data.message);
    return true;
  }
}

/** Follows from the beginning; joins again with its last number whenever it has been away. */
export class Receiver {
  seen = new Map();
  head = 0;
  /** What must not happen; told after the check of what is stored, which says more. */
  faults = [];
  #arrived = new Inbox();
  #joined = new Inbox();

  constructor(person, id, transports, at = {}) {
    this.person = person;
    this.id = id;
    this.socket = open({ token: person.token }, transports, at);
    this.socket.on('receiveMessage', (message) => this.#take(message));
    this.socket.on('connect', () => this.#join());
  }

  /** By its number each is shown once; twice the same is allowed, another one isn't. */
  #take(message) {
    const before = this.seen.get(message.seq);
    if (before && !isDeepStrictEqual(message, before)) {
      this.faults.push(['two messages have one number', before, message]);
    }
    this.seen.set(message.seq, message);
    while (this.seen.has(this.head + 1)) this.head += 1;
    this.#arrived.put(message.seq);
  }

  async #join() {
    let more = true;
    while (more) {
      const after = this.head;
      let answer;
      try {
        answer = await this.socket
          .timeout(ANSWER)
          .emitWithAck('joinConversation', { conversationId: this.id, after });
      } catch {
        return; // Gone again: the next connection joins.
      }
      if (!answer.ok) {
        // Refused while it stops: the next connection joins.
        if (answer.problem.code !== 'E_UNAVAILABLE') this.faults.push(['refused', answer.problem]);
        return;
      }
      for (const event of answer.data.events) this.#take(event.message);
      more = answer.data.hasMore;
      if (more && this.head === after) {
        this.faults.push(['a page begins with a hole', after, answer.data.events[0]?.seq]);
        return;
      }
    }
    this.#joined.put(this.head);
  }

  /** Waits until it has joined for the first time. */
  joined() {
    return this.#joined.count(1, 'joining');
  }

  /** Waits until it has everything up to a number. */
  has(seq) {
    return this.#arrived.until(() => this.head >= seq, `the receiver to have ${seq}; it has ${this.head}`);
  }
}

/** Waits for all senders, then for the receiver, and checks what is stored against what was said. */
export async function settle({ id }, senders, runs, receiver) {
  await Promise.race([Promise.all(runs), stuck(senders)]);
  const total = senders.reduce((sum, { messages }) => sum + messages.length, 0);
  await check(id, senders, receiver, total);
  assert.deepEqual(receiver.faults, [], 'the receiver');
  await receiver.has(total);
  for (const { message } of await events(receiver.person, id)) {
    assert.deepEqual(receiver.seen.get(message.seq), message, 'the receiver has what is stored');
  }
  assert.equal(receiver.seen.size, total, 'the receiver has nothing else');
}

async function check(id, senders, receiver, total) {
  const stored = await events(receiver.person, id);
  const numbers = stored.map(({ seq }) => seq);
  assert.deepEqual(numbers, numbers.map((_, n) => n + 1), 'numbers have no gap');
  const byId = groupById(stored);
  for (const { log, acknowledged, messages, person } of senders) {
    assert.deepEqual(log.failed, [], 'nothing is refused');
    for (const answer of acknowledged.items) {
      const rows = byId.get(answer.id) ?? [];
      assert.equal(rows.length, 1, `an acknowledged message is stored once: ${answer.id}`);
      assert.deepEqual(rows[0].message, answer, 'as it was acknowledged');
    }
    assert.equal(new Set(acknowledged.items.map((answer) => answer.id)).size, messages.length);
    const own = stored.filter(({ message }) => message.senderId === person.id);
    assert.deepEqual(own.map(({ message }) => message.content), messages.map(({ content }) => content), 'in the order sent');
  }
  assert.equal(stored.length, total, 'nothing else is stored');
}

function groupById(stored) {
  const groups = new Map();
  for (const event of stored) groups.set(event.message.id, [...(groups.get(event.message.id) ?? []), event]);
  return groups;
}

function disconnected(socket) {
  return new Promise((resolve) => (socket.connected ? socket.once('disconnect', resolve) : resolve()));
}

async function stuck(senders) {
  await new Promise((resolve) => setTimeout(resolve, LIMIT).unref());
  const logs = senders.map(({ log }) => ({ ...log, failed: log.failed.slice(0, 3) }));
  throw new Error(`the senders aren't done after ${LIMIT} ms: ${JSON.stringify(logs)}`);
}

/** How many have been acknowledged to anybody. */
export const acknowledgedBy = (senders) => senders.reduce((sum, { acknowledged }) => sum + acknowledged.items.length, 0);
