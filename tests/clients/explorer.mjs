// The API explorer in a browser: node explorer.mjs

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { browse } from './lib/browser.mjs';
import { base, newcomer } from './lib/people.mjs';

const ana = await newcomer('ana');

test('the explorer shows every operation, calls nobody else, and can be used signed in', async () => {
  const document = await (await fetch(`${base}/api-docs/openapi.json`)).json();
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  await browse(`${base}/api-docs`, async ({ page, faults, requests }) => {
    await page.locator('.opblock').nth(operations.length - 1).waitFor();
    assert.equal(await page.locator('.opblock').count(), operations.length);

    await page.locator('button.authorize').first().click();
    const scheme = page.locator('.auth-container').filter({ hasText: 'bearerAuth' });
    await scheme.locator('input').fill(ana.token);
    await scheme.locator('button.authorize').click();
    await scheme.locator('button.btn-done').click();

    const operation = page.locator('[id^="operations-"][id$="-getMe"]');
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('button.try-out__btn').click();
    await operation.locator('button.execute').click();
    const answer = operation.locator('.live-responses-table');
    await answer.waitFor();
    assert.match(await answer.locator('.response-col_status').last().innerText(), /^200/);
    assert.ok((await answer.innerText()).includes(ana.username));

    assert.deepEqual(faults, []);
    const elsewhere = requests.filter((url) => !url.startsWith(`${base}/`) && !url.startsWith('data:'));
    assert.deepEqual(elsewhere, []);
    assert.ok(requests.some((url) => url.endsWith('/api/v1/users/me')));
  });
});
