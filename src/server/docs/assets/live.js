// A connection to try events with, and the list of what happened on it.

import { io } from '/socket.io/socket.io.esm.min.js';

import { code, element, json } from './elements.js';

const at = (id) => document.getElementById(id);
const ANSWER_WITHIN = 15_000;
const LINES = 200;

let socket = null;
const watchers = new Set();

/** Calls back now and whenever a connection begins or ends. */
export function whenConnected(callback) {
  watchers.add(callback);
  callback(false);
}

/** Emits an event and hands back its answer. */
export async function ask(event, payload) {
  note('→', event, payload);
  const answer = await socket.timeout(ANSWER_WITHIN).emitWithAck(event, payload);
  note(answer.ok ? '✓' : '✗', event, answer, answer.ok ? 'good' : 'bad');
  return answer;
}

function note(sign, event, value, mood = '') {
  const line = element(
    'li',
    { 'data-event': event },
    element('time', {}, new Date().toLocaleTimeString()),
    element('span', { class: mood }, `${sign} `),
    code(event),
    value === undefined ? null : json(value),
  );
  const log = at('log');
  log.prepend(line);
  while (log.childElementCount > LINES) log.lastElementChild.remove();
}

function show(state, on) {
  at('state').textContent = state;
  at('state').dataset.on = on;
  at('leave').hidden = socket === null;
  at('ways').hidden = socket !== null;
  for (const callback of watchers) callback(on);
}

function refuse(message) {
  at('refusal').textContent = message;
}

function connect(token) {
  refuse('');
  socket?.disconnect();
  // WebSocket first: a poll that overlaps a refusal would end as an error in the browser's console.
  socket = io({ auth: { token }, forceNew: true, transports: ['websocket', 'polling'], tryAllTransports: true });
  show('connecting …', false);
  socket.on('connect', () => {
    refuse('');
    show('connected', true);
    note('●', 'connect', undefined, 'good');
  });
  socket.on('connect_error', ({ message }) => {
    refuse(`Refused: ${message}`);
    note('✗', 'connect_error', message, 'bad');
    if (!socket.active) leave();
  });
  socket.on('disconnect', (reason) => {
    note('○', 'disconnect', reason);
    show(socket?.active ? 'connecting again …' : 'not connected', false);
  });
  socket.onAny((event, payload) => note('←', event, payload));
}

function leave() {
  socket?.disconnect();
  socket = null;
  show('not connected', false);
}

async function signIn(path, credentials) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(credentials) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.title} (${body.code})`);
  return body.accessToken;
}

at('login').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    connect(await signIn(at('login').dataset.path, Object.fromEntries(new FormData(event.target))));
  } catch (error) {
    refuse(error.message);
  }
});
at('token').addEventListener('submit', (event) => {
  event.preventDefault();
  connect(new FormData(event.target).get('token').trim());
});
at('leave').addEventListener('click', leave);
at('clear').addEventListener('click', () => at('log').replaceChildren());
