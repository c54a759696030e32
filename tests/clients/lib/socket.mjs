// The official client, opened and asked.

import { io } from 'socket.io-client';
import msgpack from 'socket.io-msgpack-parser';

import { base } from './people.mjs';
import { DEADLINE, Inbox, within } from './wait.mjs';

/** What to give the client for each way of connecting. */
export const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
};

/** What to give the client for each way of writing packets. */
export const PARSERS = { json: {}, msgpack: { parser: msgpack, query: { parser: 'msgpack' } } };

const opened = new Set();

/** A socket that hasn't connected yet. Each has its own connection, and comes back quickly. */
export function open(auth, transports, options = {}) {
  const socket = io(options.url ?? base, {
    auth,
    transports,
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    ...options,
  });
  opened.add(socket);
  return socket;
}

/** A connected socket; over polling and WebSocket only once it has changed over. */
export async function connect(person, transports, options) {
  const socket = open({ token: person.token }, transports, options);
  await connected(socket);
  return socket;
}

/** Waits for a connection. */
export async function connected(socket) {
  if (!socket.connected) {
    const done = new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => !socket.active && reject(error));
    });
    await within(done, 'a connection');
  }
  const { engine } = socket.io;
  const wanted = socket.io.opts.transports.at(-1);
  if (engine.transport.name !== wanted) {
    await within(new Promise((resolve) => engine.once('upgrade', resolve)), `the upgrade to ${wanted}`);
  }
}

/** The message of the refusal that this handshake meets. */
export async function refusal(auth, transports, options) {
  const socket = open(auth, transports, { reconnection: false, ...options });
  const refused = new Promise((resolve, reject) => {
    socket.once('connect_error', resolve);
    socket.once('connect', () => reject(new Error('it was let in')));
  });
  return (await within(refused, 'a refusal')).message;
}

/** Asks and returns the data of the answer; a problem is thrown. */
export async function ask(socket, event, payload) {
  const { ok, data, problem } = await socket.timeout(DEADLINE).emitWithAck(event, payload);
  if (ok) return data;
  throw Object.assign(new Error(`${event}: ${problem.code} ${problem.detail}`), { problem });
}

/** The problem that asking meets. */
export async function problem(socket, event, payload) {
  const answer = await socket.timeout(DEADLINE).emitWithAck(event, payload);
  if (answer.ok) throw new Error(`${event} was done: ${JSON.stringify(answer.data)}`);
  return answer.problem;
}

/** Everything of this name that the socket gets from now on. */
export function inbox(socket, event) {
  const inbox = new Inbox();
  socket.on(event, (payload) => inbox.put(payload));
  return inbox;
}

/** Lets the script end. */
export function closeAll() {
  for (const socket of opened) socket.disconnect();
}
