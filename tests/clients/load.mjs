// People who write to each other, whatever happens to what they talk to: node load.mjs '<plan>'
//
// Says on its standard output, in a line of JSON each, every call that was made and everything that arrived;
// tests/faults judges it. On its standard input: `pause <person>` and `resume <person>` stop and continue
// reading, `stop` ends the sending and lets everybody catch up.

import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers/promises';

import { Member } from './lib/member.mjs';
import { call, conversation, newcomer } from './lib/people.mjs';
import { tell } from './lib/record.mjs';
import { closeAll } from './lib/socket.mjs';
import { Inbox, within } from './lib/wait.mjs';

/**
 * `urls`: the nodes, and `transports`: ways to connect; person n has the one at n modulo their number. `people`,
 * `conversations`: how many of each; `members`: people in one. `everyMs`: between two messages of one person.
 * `answerMs`: patience with an answer. `bytes`: of a message's text, if it is to be long.
 */
const plan = JSON.parse(process.argv[2]);
/** Between two looks at what is due. */
const TICK = 10;
/** For what is on its way when the sending ends, and for what is stored to reach everybody. */
const SETTLE = 60_000;
/** After so many messages of the first conversation somebody is removed from it. */
const REMOVED_AFTER = 10;
/** People who register at the same time. */
const AT_ONCE = 8;

const accounts = [];
while (accounts.length < plan.people) {
  const some = Math.min(AT_ONCE, plan.people - accounts.length);
  accounts.push(...(await Promise.all(Array.from({ length: some }, (_, n) => newcomer(`p${accounts.length + n}`)))));
}
const members = accounts.map((account, who) => new Member(who, account, plan.urls[who % plan.urls.length], plan));

/** Each conversation has the next so many people; the one after them tries to get in all the same. */
const conversations = [];
for (let c = 0; c < plan.conversations; c += 1) {
  const inside = Array.from({ length: plan.members }, (_, n) => members[(c * plan.members + n) % plan.people]);
  const stranger = members[((c + 1) * plan.members) % plan.people];
  const id = await conversation(inside.map(({ account }) => account), `conversation ${c}`);
  tell({ kind: 'conversation', conversation: id, members: inside.map(({ who }) => who) });
  for (const member of inside) member.belongsTo(id);
  stranger.triesToEnter(id);
  conversations.push({ id, inside });
}
const [first] = conversations;
const [owner] = first.inside;
const leaver = first.inside.at(-1);

const orders = new Inbox();
createInterface({ input: process.stdin }).on('line', (line) => orders.put(line));
await Promise.all(members.map((member) => member.connect()));
tell({ kind: 'ready' });

let [obeyed, removing, begun] = [0, false, null];
for await (const _ of setInterval(TICK)) {
  const now = Date.now();
  for (; obeyed < orders.items.length; obeyed += 1) {
    const [order, who] = orders.items[obeyed].split(' ');
    if (order === 'stop') begun ??= now;
    else members[who][order]();
  }
  for (const member of members) member.tick(now, begun === null);
  if (!removing && owner.knows(first.id) >= REMOVED_AFTER) {
    removing = true;
    remove(leaver, first.id);
  }
  if (begun !== null && members.every((member) => member.isIdle())) break;
  if (begun !== null && now > begun + SETTLE) throw new Error('not everything was answered in time');
}

await Promise.all(conversations.map(settle));
tell({ kind: 'done' });
closeAll();
process.exit(0);

/** Waits until everybody has it all. Who doesn't get there says nothing: what is missing is told by what did arrive. */
async function settle({ id, inside }) {
  const [{ account, url }] = inside;
  const { headSeq } = await call('GET', `/conversations/${id}/events?limit=1`, { token: account.token, url });
  tell({ kind: 'settled', conversation: id, head: headSeq });
  await Promise.all(inside.map((member) => within(member.reaches(id, headSeq), 'the head', SETTLE).catch(() => {})));
}

/** Again and again until it is answered. */
async function remove(member, id) {
  for await (const _ of setInterval(100)) {
    const status = await owner.removes(member, id);
    if (status === 204 || status === 404) return;
  }
}
