// A page of another origin, from which people chat: node elsewhere.mjs <port of the page>

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import { browse, typeIntoConsole } from './lib/browser.mjs';
import { base, conversation, newcomer } from './lib/people.mjs';

const port = Number(process.argv[2]);
const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>Elsewhere</title><link rel="icon" href="data:,">');
});
await new Promise((listening) => server.listen(port, '127.0.0.1', listening));
after(() => server.close());

const [ana, ben] = await Promise.all(['ana', 'ben'].map(newcomer));
const id = await conversation([ana, ben]);

const chat = `
  const { io } = await import("${base}/socket.io/socket.io.esm.min.js");
  const [a, b] = ["${ana.token}", "${ben.token}"].map((token) => io("${base}", { auth: { token }, forceNew: true }));
  b.on("receiveMessage", (message) => console.log("ben reads:", message.content));
  await b.emitWithAck("joinConversation", { conversationId: "${id}" });
  const headers = { authorization: "Bearer ${ana.token}", "content-type": "application/json" };
  const body = JSON.stringify({ messageId: crypto.randomUUID(), content: "over REST" });
  await fetch("${base}/api/v1/conversations/${id}/messages", { method: "POST", headers, body });
  await a.emitWithAck("sendMessage", { conversationId: "${id}", messageId: crypto.randomUUID(), content: "over a socket" });`;

test('a page of an allowed origin chats over sockets and REST', async () => {
  await browse(`http://127.0.0.1:${port}/`, async ({ page, said, faults }) => {
    await typeIntoConsole(page, chat);
    assert.deepEqual(await said.count(2, 'lines'), ['ben reads: over REST', 'ben reads: over a socket']);
    assert.deepEqual(faults, []);
  });
});

test('a page of any other origin gets nowhere', async () => {
  await browse(`http://localhost:${port}/`, async ({ page, faults }) => {
    const blocked = await page.evaluate((url) => fetch(url).then(() => 'read', () => 'blocked'), `${base}/health`);
    assert.equal(blocked, 'blocked');
    assert.ok(faults.some((fault) => fault.includes('CORS')), faults.join());
  });
});
