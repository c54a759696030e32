// What the suites beside this file expect around them, in Node: a runner, assertions, a WebSocket, and a server at
// an address of theirs, which is ours here.

import chai from 'chai';
import chaiString from 'chai-string';
import { WebSocket } from 'ws';

chai.use(chaiString);

const base = process.env.ROOKERY_URL;
/** Their server is on port 3000; Engine.IO alone is on a path of its own there. */
const ours = (url) =>
  url.replace(/^(http|ws):\/\/localhost:3000\/(socket|engine)\.io\//, (_, scheme) => {
    return `${base.replace(/^http/, scheme)}/socket.io/`;
  });

const { fetch, setTimeout } = globalThis;
/** Every timer may be late, and theirs are: they look at the very moment at which a server's time is up. */
const LATE = 50;
globalThis.setTimeout = (then, ms, ...rest) => setTimeout(then, ms + LATE, ...rest);
globalThis.chai = chai;
globalThis.fetch = async (url, options) => {
  const answer = await fetch(ours(url), options);
  // A WebSocket tells of what arrived before this answer in the next turn; an answer is told of after it.
  for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate);
  return answer;
};
globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    // As in a browser, where whoever waits for one message after another misses none.
    super(ours(url), { allowSynchronousEvents: false });
  }
};

/** As much of Mocha as they use: what there is to try, in the order in which it is told. */
export const cases = [];
const suite = { names: [], timeout: 2000 };
globalThis.describe = (name, body) => {
  const before = { ...suite };
  suite.names = [...suite.names, name];
  body.call({ timeout: (ms) => (suite.timeout = ms) });
  Object.assign(suite, before);
};
globalThis.it = (name, body) => cases.push({ name: [...suite.names, name].join(' › '), body, timeout: suite.timeout });
