// The page about sockets in a browser, found from the one about REST: node sockets.mjs

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { browse } from './lib/browser.mjs';
import { PASSWORD, base, call, conversation, newcomer } from './lib/people.mjs';

const [ana, ben] = [await newcomer('ana'), await newcomer('ben')];
const conversationId = await conversation([ana, ben]);

test('a front-end engineer finds the sockets, tries them with keys only, and is led to what a problem means', async () => {
  const document = await (await fetch(`${base}/api-docs/asyncapi.json`)).json();
  await browse(`${base}/api-docs`, async ({ page, faults, requests }) => {
    const lines = (event) => page.locator(`#log li[data-event="${event}"]`);
    const emit = async (event, payload) => {
      const card = page.locator(`#emit${event[0].toUpperCase()}${event.slice(1)}`);
      if ((await card.getAttribute('open')) === null) await card.locator('summary').press('Enter');
      if (payload) await card.locator('textarea').fill(JSON.stringify(payload));
      await card.locator('button').press('Enter');
      return JSON.parse(await card.locator('[role=status] pre').innerText());
    };

    await page.getByRole('link', { name: 'Sockets', exact: true }).press('Enter');
    for (const [id, { title, summary }] of Object.entries(document.operations)) {
      const line = await page.locator(`details[id="${id}"] > summary`).innerText();
      assert.ok(line.includes(title) && line.includes(summary), `${id} is shown as ${line}`);
    }
    for (const link of await page.locator('main a[href^="#"]').all()) {
      assert.equal(await page.locator(`[id="${(await link.getAttribute('href')).slice(1)}"]`).count(), 1);
    }

    await page.getByLabel('Access token').fill('not a token');
    await page.getByLabel('Access token').press('Enter');
    await page.getByText('Refused: E_TOKEN_INVALID').waitFor();

    await page.getByLabel('Username').fill(ana.username);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByLabel('Password').press('Enter');
    await page.locator('#state[data-on=true]').waitFor();

    const joined = await emit('joinConversation', { conversationId });
    assert.deepEqual([joined.ok, joined.data.headSeq], [true, 0]);
    await lines('joinedConversation').waitFor();
    const message = { messageId: randomUUID(), content: 'Seen by whoever reads the documents <b>' };
    await call('POST', `/conversations/${conversationId}/messages`, { token: ben.token, body: message });
    assert.ok((await lines('receiveMessage').first().innerText()).includes(message.content));

    const refused = await emit('sendMessage');
    assert.equal(refused.problem.code, 'E_NOT_FOUND');
    await page.locator('#emitSendMessage').getByRole('link', { name: 'E_NOT_FOUND' }).press('Enter');
    await page.getByRole('heading', { name: 'E_NOT_FOUND' }).waitFor();
    assert.equal(new URL(page.url()).pathname, refused.problem.type);
    await page.getByRole('link', { name: 'sendMessage', exact: true }).press('Enter');
    await page.locator('#emitSendMessage[open]').waitFor();

    assert.deepEqual(faults, []);
    const host = new URL(base).host;
    assert.deepEqual(requests.filter((url) => !url.startsWith('data:') && new URL(url).host !== host), []);
  });
});
