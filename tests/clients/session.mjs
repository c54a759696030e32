// Sockets end with their session and their token: node session.mjs websocket|polling|upgrade

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { call, expiring, newcomer, signInAgain } from './lib/people.mjs';
import { TRANSPORTS, ask, closeAll, connect, inbox, open, problem } from './lib/socket.mjs';
import { within } from './lib/wait.mjs';

const transports = TRANSPORTS[process.argv[2]];
const ana = await newcomer('ana');
after(closeAll);

const event = (socket, name) => within(new Promise((resolve) => socket.once(name, resolve)), name);

test('after a logout the socket is told, closed, and not let in again', async () => {
  const session = await signInAgain(ana);
  const [socket, other] = [await connect(session, transports), await connect(ana, transports)];
  const [revoked, closed] = [event(socket, 'revoked'), event(socket, 'disconnect')];
  await call('POST', '/auth/logout', { body: { refreshToken: session.refreshToken } });
  assert.equal(typeof (await revoked).reason, 'string');
  assert.equal(await closed, 'io server disconnect');
  const refused = event(socket, 'connect_error');
  socket.connect();
  assert.equal((await refused).message, 'E_SESSION_ENDED');
  assert.equal((await problem(other, 'dance', {})).code, 'E_EVENT_UNKNOWN', 'other sessions go on');
});

test('a socket outlives its token only by renewing it', async () => {
  const soon = expiring(ana.token, Math.floor(Date.now() / 1000) + 3);
  const [renewed, left] = [open({ token: soon }, transports), open({ token: soon }, transports)];
  const revoked = inbox(left, 'revoked');
  const closed = event(left, 'disconnect');
  const { expiresAt } = await ask(renewed, 'renew', { token: ana.token });
  assert.ok(Date.parse(expiresAt) > Date.now() + 60_000);
  assert.deepEqual(await revoked.count(1, 'revoked'), [{ reason: 'tokenExpired' }]);
  assert.equal(await closed, 'io server disconnect');
  assert.equal((await problem(renewed, 'dance', {})).code, 'E_EVENT_UNKNOWN', 'the renewed one goes on');
});

test('a token of another session renews nothing', async () => {
  const socket = await connect(ana, transports);
  const { token } = await signInAgain(ana);
  assert.equal((await problem(socket, 'renew', { token })).code, 'E_TOKEN_INVALID');
});
