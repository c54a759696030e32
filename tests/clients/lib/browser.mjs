// A real browser, with a profile of its own and no wish to call home.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { Inbox } from './wait.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Opens a page and hands it to `use`, with what it has said and asked for so far:
 * `said` (console lines), `faults` (errors, refusals by the page's policy), `requests` (addresses).
 */
export async function browse(address, use) {
  const profile = await mkdtemp(join(tmpdir(), 'rookery-browser-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.ROOKERY_TEST_CHROMIUM,
    headless: true,
    args: FLAGS,
  });
  try {
    const page = browser.pages()[0] ?? (await browser.newPage());
    page.setDefaultTimeout(20_000);
    const [said, faults, requests] = [new Inbox(), [], []];
    page.on('console', (line) => {
      said.put(line.text());
      if (line.type() === 'error') faults.push(line.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    page.on('websocket', (socket) => requests.push(socket.url()));
    await page.goto(address);
    await use({ page, said, faults, requests });
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** Types into the console of the page's developer tools, where `await` needs no function. */
export async function typeIntoConsole(page, expression) {
  const tools = await page.context().newCDPSession(page);
  const { exceptionDetails } = await tools.send('Runtime.evaluate', {
    expression,
    replMode: true,
    awaitPromise: true,
    timeout: 20_000,
  });
  if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
}
