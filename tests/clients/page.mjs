// The client that docs/realtime.md shows, as it stands there, in a page, while its server is killed: node page.mjs

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { browse, typeIntoConsole } from './lib/browser.mjs';
import { base, call, conversation, events, newcomer } from './lib/people.mjs';
import { within } from './lib/wait.mjs';

const DEATHS = 3;
const EACH = 60;

const text = await readFile(new URL('../../docs/realtime.md', import.meta.url), 'utf8');
const [, sample] = text.match(/<!-- run: reconnecting -->\n```js\n(.*?)```/s) ?? assert.fail('the page has lost its client');
const lines = sample.trim().split('\n').length;
assert.ok(lines <= 30, `${lines} lines are too many to be read at a glance`);

const [ana, ben, cleo] = await Promise.all(['ana', 'ben', 'cleo'].map(newcomer));
const id = await conversation([ben, ana], 'everybody');
const path = `/conversations/${id}`;

/** Ben acts over REST, again and again while the server is away. */
async function benDoes(method, path, body) {
  for (;;) {
    const done = await call(method, path, { token: ben.token, body }).catch((error) => error);
    if (!(done instanceof TypeError)) return done;
  }
}

/** What the page has around it: it notes what is shown, and what the server has taken. */
const around = `
  const { io } = await import("/socket.io/socket.io.esm.min.js");
  const url = location.origin, conversationId = "${id}", token = async () => "${ana.token}";
  const show = ({ seq, kind, message }) => console.log("shown " + JSON.stringify([seq, kind, message?.id, message?.content]));
  const clear = () => console.log("cleared");
  const refused = (problem) => console.log("refused " + JSON.stringify(problem));`;
const notes = `
  unsent.shift = () => { const [taken] = unsent.splice(0, 1); console.log("taken " + taken.messageId); };`;

await browse(`${base}/api-docs`, async ({ page, said }) => {
  const of = (word) => said.items.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const until = (word, count) => said.until(() => of(word).length >= count, `${count} × ${word}`, 60_000);
  await typeIntoConsole(page, around + sample + notes);

  for (let death = 0; death < DEATHS; death += 1) {
    const messageId = randomUUID();
    await benDoes('POST', `${path}/messages`, { messageId, content: `a slip ${death}` });
    const mine = Array.from({ length: EACH }, (_, n) => `mine ${death * EACH + n}`);
    await typeIntoConsole(page, `send(...${JSON.stringify(mine)});`);
    await until('taken', death * EACH + 5);
    // What comes meanwhile is pushed, and in the answers as well.
    await typeIntoConsole(page, 'for (let round = 0; round < 10; round += 1) await join();');
    console.log('please: kill');
    // What happens while the page is away, and of every kind.
    await benDoes('PATCH', `${path}/messages/${messageId}`, { content: `mended ${death}` });
    await benDoes('PUT', `${path}/messages/${messageId}/reactions/${encodeURIComponent('👍')}`, {});
    await benDoes('PATCH', path, { name: `everybody ${death}` });
    if (death === 0) await benDoes('POST', `${path}/members`, { userIds: [cleo.id] });
    await benDoes('DELETE', `${path}/messages/${messageId}`);
    await until('taken', (death + 1) * EACH);
  }

  const stored = await within(events(ben, id), 'what is stored');
  await until('shown', stored.length);
  const shown = of('shown').map(JSON.parse);
  assert.deepEqual(shown.map(([seq]) => seq), stored.map((_, n) => n + 1), 'everything once, in order, without a gap');
  const messages = shown.filter(([, kind, , content]) => kind === 'message' && content?.startsWith('mine'));
  assert.deepEqual(messages.map(([, , id]) => id), of('taken'), 'whatever was acknowledged is shown once, in the order sent');
  assert.deepEqual(messages.map(([, , , content]) => content), Array.from({ length: DEATHS * EACH }, (_, n) => `mine ${n}`));
  assert.deepEqual([of('refused'), of('cleared')], [[], []]);
});
