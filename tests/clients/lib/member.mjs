// One person of the load: a socket, what has been sent, and what has been seen.

import { randomUUID } from 'node:crypto';

import { call, request } from './people.mjs';
import { TOLD, brief, tell } from './record.mjs';
import { connected, open } from './socket.mjs';
import { View } from './view.mjs';

/** Messages that somebody has on the way at once. */
const MOST_ON_THE_WAY = 10;
/** Before the same is sent again; twice as long each time, and a little at random. */
const AGAIN_AFTER = 200;
const AT_MOST_AFTER = 3200;
/** Between two tries of a stranger. */
const TRESPASS = 500;
export class Member {
  #plan;
  #views = new Map();
  #foreign = [];
  #sent = 0;
  #calls = 0;
  #onTheWay = 0;
  /** To be sent again, and from when on. */
  #again = [];
  #nextAt;
  #trespassAt = 0;
  #connection = 0;
  #refreshing = null;

  constructor(who, account, url, plan) {
    Object.assign(this, { who, account, url });
    this.#plan = plan;
    // Everybody at another moment.
    this.#nextAt = Date.now() + Math.random() * plan.everyMs;
    tell({ kind: 'person', who, user: account.id });
  }

  belongsTo(id) {
    this.#views.set(id, new View(id, this));
  }

  triesToEnter(id) {
    this.#foreign.push(id);
  }

  async connect() {
    // A name of its own is what balancers know a session by.
    const options = { url: this.url, query: { client: this.account.id }, reconnectionDelay: 50, reconnectionDelayMax: 200, timeout: 5000 };
    const transports = this.#plan.transports[this.who % this.#plan.transports.length];
    this.socket = open((give) => give({ token: this.account.token }), transports, options);
    this.socket.onAny((name, payload) => this.#heard(name, payload));
    this.socket.on('disconnect', (reason) => tell({ kind: 'cut', at: Date.now(), who: this.who, reason }));
    this.socket.on('connect_error', (error) => error.message.startsWith('E_TOKEN') && this.#comeBack());
    this.socket.on('connect', () => this.#joinAll());
    await connected(this.socket);
  }

  #joinAll() {
    this.#connection += 1;
    tell({ kind: 'connected', at: Date.now(), who: this.who, connection: this.#connection });
    for (const view of this.#views.values()) view.join(this.#connection);
  }

  /** Whether this is still the connection that it was. */
  isOn(connection) {
    return this.#connection === connection && this.socket.connected;
  }

  /** Asks, and hands the answer on in the moment it arrives; null when none came. */
  ask(event, payload, then) {
    this.socket.timeout(this.#plan.answerMs).emit(event, payload, (error, answer) => then(error ? null : answer));
  }

  /** Everything durable has a number in a conversation; a read mark has one, too, and isn't. */
  #heard(name, payload) {
    if (name === 'revoked' && payload.reason === 'tokenExpired') this.#comeBack();
    if (name === 'readMarked' || !Number.isInteger(payload?.seq)) return;
    const { conversationId: id, seq } = payload;
    const message = name === 'receiveMessage' ? brief(payload) : null;
    tell({ kind: 'pushed', at: Date.now(), who: this.who, connection: this.#connection, conversation: id, seq, message });
    this.#views.get(id)?.take(seq, payload.kind === 'memberLeft' && payload.userId === this.account.id);
  }

  /** Does what is due. */
  tick(now, sending) {
    const due = this.#again.filter(({ at }) => at <= now);
    this.#again = this.#again.filter(({ at }) => at > now);
    for (const view of this.#views.values()) view.tick(now);
    for (const { message } of due) this.#send(message, now);
    if (!sending) return;
    if (now >= this.#nextAt && this.#onTheWay < MOST_ON_THE_WAY) {
      this.#nextAt = now + this.#plan.everyMs;
      const ids = [...this.#views.keys()];
      this.#send(this.#newMessage(ids[this.#sent % ids.length]), now);
    }
    if (now >= this.#trespassAt && this.socket.connected) {
      this.#trespassAt = now + Math.max(TRESPASS, this.#plan.everyMs);
      for (const id of this.#foreign) {
        this.#send(this.#newMessage(id), now);
        this.ask('joinConversation', { conversationId: id, after: 0 }, (answer) => {
          if (answer?.ok) tell({ kind: 'entered', who: this.who, conversation: id });
        });
      }
    }
  }

  #newMessage(conversation) {
    const n = (this.#sent += 1);
    const text = `${this.who}-${n}`;
    return { n, conversation, id: randomUUID(), content: text.padEnd(this.#plan.bytes ?? 0, '.'), attempt: 0 };
  }

  /** Every third over REST; what is sent again goes the other way than before. */
  #send(message, now) {
    const socket = (message.n + message.attempt) % 3 !== 0;
    if (socket && !this.socket.connected) return this.#later(message, now);
    message.attempt += 1;
    this.#onTheWay += 1;
    const { n, attempt, conversation, id, content } = message;
    const about = { n: (this.#calls += 1), attempt, who: this.who, conversation, id, text: content.slice(0, TOLD), length: content.length };
    const connection = socket ? this.#connection : null;
    const answered = (outcome, status, code, stored) => {
      this.#onTheWay -= 1;
      const took = Date.now() - now;
      tell({ kind: 'call', at: now, took, connection, ...about, outcome, code, message: stored && brief(stored) });
      const expired = status === 401;
      if (expired) this.#refresh();
      // Most people press the button again; some don't.
      if (expired || (outcome === 'unknown' && n % 5 !== 4)) this.#later(message, Date.now());
    };
    if (socket) this.#overSocket(message, answered);
    else this.#overRest(message, answered);
  }

  #overSocket({ conversation, id, content }, answered) {
    this.ask('sendMessage', { conversationId: conversation, messageId: id, content }, (answer) => {
      if (!answer) answered('unknown');
      else if (answer.ok) answered('ok', 200, null, answer.data.message);
      else answered(verdict(answer.problem.status), answer.problem.status, answer.problem.code);
    });
  }

  async #overRest({ conversation, id, content }, answered) {
    const options = { ...this.#rest(), body: { messageId: id, content } };
    const answer = await request('POST', `/conversations/${conversation}/messages`, options).catch(() => null);
    if (!answer) answered('unknown');
    else answered(verdict(answer.status), answer.status, answer.body?.code, answer.status < 300 ? answer.body : null);
  }

  #later(message, now) {
    const pause = Math.min(AGAIN_AFTER * 2 ** message.attempt, AT_MOST_AFTER);
    this.#again.push({ message, at: now + pause * (0.5 + Math.random() / 2) });
  }

  isIdle() {
    return this.#onTheWay === 0 && this.#again.length === 0;
  }

  /** Removes another one; the status, or null without an answer. */
  async removes({ account }, id) {
    const path = `/conversations/${id}/members/${account.id}`;
    return request('DELETE', path, this.#rest()).then(({ status }) => status, () => null);
  }

  #rest() {
    return { token: this.account.token, url: this.url, patience: this.#plan.answerMs };
  }

  /** One at a time. */
  #refresh() {
    const body = { refreshToken: this.account.refreshToken };
    this.#refreshing ??= call('POST', '/auth/refresh', { ...this.#rest(), token: null, body })
      .then(({ accessToken, refreshToken }) => Object.assign(this.account, { token: accessToken, refreshToken }))
      .catch(() => {}) // Asked again when it is refused again.
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** With another token; the client doesn't by itself when it was refused. */
  async #comeBack() {
    await this.#refresh();
    this.socket.connect();
  }

  knows(id) {
    return this.#views.get(id)?.head ?? 0;
  }

  async reaches(id, head) {
    await this.#views.get(id)?.reaches(head);
  }

  // Stops reading, as a machine does that hangs.
  pause() {
    this.socket.io.engine.transport.ws._socket.pause();
  }

  resume() {
    this.socket.io.engine.transport.ws._socket.resume();
  }
}

/** What is refused hasn't been done; what the server couldn't do, or couldn't say, may have been. */
function verdict(status) {
  if (status < 300) return 'ok';
  return status < 500 ? 'failed' : 'unknown';
}
