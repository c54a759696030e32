// People with accounts, and what they do over REST.

import { createHmac, randomUUID } from 'node:crypto';

export const base = process.env.ROOKERY_URL;
export const PASSWORD = 'correct horse battery';

/** Sends a request and reads the answer: `{status, headers, body}`. A path begins below the prefix. */
export async function request(method, path, { token, body, headers = {}, url = base, patience = 30_000 } = {}) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null };
}

/** The body of an answer that has to be a success. */
export async function call(method, path, options) {
  const { status, body } = await request(method, path, options);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** A new person, signed in. */
export async function newcomer(name) {
  const username = `${name}-${randomUUID().slice(0, 8)}`;
  const account = { username, email: `${username}@example.com`, password: PASSWORD };
  return signedIn(await call('POST', '/auth/register', { body: account }));
}

/** Somebody's second session. */
export async function signInAgain({ username }) {
  return signedIn(await call('POST', '/auth/login', { body: { login: username, password: PASSWORD } }));
}

function signedIn({ user, accessToken, refreshToken }) {
  return { id: user.id, username: user.username, token: accessToken, refreshToken };
}

/** A conversation of these people; a group when it has a name. Returns its id. */
export async function conversation([first, ...others], name) {
  const body = { memberIds: others.map((other) => other.id), ...(name && { name }) };
  return (await call('POST', '/conversations', { token: first.token, body })).id;
}

/** Every event of a conversation from a place on, page by page. */
export async function events({ token }, id, after = 0) {
  const all = [];
  for (;;) {
    const page = await call('GET', `/conversations/${id}/events?after=${after}&limit=100`, { token });
    all.push(...page.items);
    if (!page.hasMore) return all;
    after = all.at(-1).seq;
  }
}

/** The same token with another expiry: what waiting would make of it. */
export function expiring(token, at) {
  const [head, body] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const changed = Buffer.from(JSON.stringify({ ...claims, exp: at })).toString('base64url');
  const signature = createHmac('sha256', process.env.JWT_SECRET).update(`${head}.${changed}`);
  return `${head}.${changed}.${signature.digest('base64url')}`;
}
