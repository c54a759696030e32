// What is told of a conversation, for somebody else to judge.

import { writeSync } from 'node:fs';

/** Of a long text this much is told, and its length. */
export const TOLD = 32;

/** A record of the log. Written at once: whoever is killed has told what it knew. */
export function tell(record) {
  writeSync(1, `${JSON.stringify(record)}\n`);
}

/** A message as it is told. */
export const brief = ({ id, seq, senderId, content }) => ({
  id,
  seq,
  senderId,
  text: content.slice(0, TOLD),
  length: content.length,
});
