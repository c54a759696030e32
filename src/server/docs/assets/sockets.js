// The AsyncAPI document as a page.

import { code, element, json, problems } from './elements.js';
import { ask, whenConnected } from './live.js';
import { anchor, table } from './schema.js';

const at = (id) => document.getElementById(id);

try {
  show(await (await fetch('/api-docs/asyncapi.json')).json());
  reveal();
  addEventListener('hashchange', reveal);
} catch (error) {
  at('broken').textContent = `The document can't be shown: ${error.message}`;
}

function show(asyncapi) {
  const { messages, schemas } = asyncapi.components;
  const message = (reference) => messages[reference.$ref.split('/').at(-1)];
  at('handshake').replaceWith(problems(asyncapi.channels.default['x-problems']));
  for (const [id, operation] of Object.entries(asyncapi.operations)) {
    const sent = message(operation.messages[0]);
    const body = [heading('Payload'), table(sent.payload, schemas)];
    if (operation.reply) {
      const { data } = message(operation.reply.messages[0]).payload.properties;
      body.push(heading('Answer'), table(data, schemas));
    }
    if (operation['x-problems']) body.push(heading('Problems'), problems(operation['x-problems']));
    const example = sent.examples[0].payload;
    body.push(heading('Example'), operation.reply ? trial(sent.name, example) : json(example));
    at(operation.action).append(card(id, sent.name, operation.summary, operation['x-permission'], body));
  }
  showTypes(schemas);
}

/** The types that some table leads to, and those that their tables lead to. */
function showTypes(schemas) {
  const shown = new Set();
  for (;;) {
    const links = [...document.querySelectorAll(`a[href^="#${anchor('')}"]`)];
    const name = links.map((link) => link.textContent).find((name) => !shown.has(name));
    if (!name) return;
    shown.add(name);
    const { description = '', examples = [] } = schemas[name];
    const body = [table(schemas[name], schemas), heading('Example'), ...examples.map(json)];
    at('types').append(card(anchor(name), name, description, null, body));
  }
}

function heading(text) {
  return element('h3', {}, text);
}

function card(id, name, summary, guard, body) {
  const line = [code(name), element('span', {}, summary), guard && element('span', { class: 'guard' }, guard)];
  return element('details', { class: 'event', id }, element('summary', {}, ...line), element('div', {}, ...body));
}

/** A payload to change and emit, and the answer to it. */
function trial(event, example) {
  const text = JSON.stringify(example, null, 2);
  const input = element('textarea', {
    'aria-label': `Payload of ${event}`,
    rows: text.split('\n').length + 1,
    spellcheck: 'false',
  });
  input.value = text;
  const button = element('button', {}, `Emit ${event}`);
  const answer = element('div', { role: 'status' });
  whenConnected((on) => {
    button.disabled = !on;
    button.title = on ? '' : 'Connect first';
  });
  button.addEventListener('click', async () => {
    try {
      answer.replaceChildren(json(await ask(event, JSON.parse(input.value))));
    } catch (error) {
      answer.replaceChildren(element('p', { class: 'bad' }, error.message));
    }
  });
  return element('div', {}, input, button, answer);
}

/** Opens what the address names. */
function reveal() {
  const named = at(decodeURIComponent(location.hash.slice(1)));
  if (named?.tagName === 'DETAILS') {
    named.open = true;
    named.scrollIntoView();
  }
}
