// What somebody has of a conversation, and how they get what is missing.

import { brief, tell } from './record.mjs';
import { Inbox } from './wait.mjs';

/** Before asking again when the server couldn't answer: its database may be away, and the socket isn't. */
const AGAIN_AFTER = 200;

const NOTHING = { at: Infinity };

export class View {
  /** Everything up to here has arrived. */
  head = 0;
  #ahead = new Set();
  #arrived = new Inbox();
  #left = false;
  /** A joining that is to be repeated. */
  #due = NOTHING;

  constructor(id, member) {
    Object.assign(this, { id, member });
  }

  take(seq, leaves) {
    if (leaves) this.#left = true;
    if (seq > this.head) this.#ahead.add(seq);
    while (this.#ahead.delete(this.head + 1)) this.head += 1;
    this.#arrived.put(seq);
  }

  /** Asks for everything after what is here, until there is no more or the connection has ended. */
  join(connection) {
    const after = this.head;
    this.member.ask('joinConversation', { conversationId: this.id, after }, (answer) => {
      if (!this.member.isOn(connection)) return;
      if (answer && !answer.ok && answer.problem.status < 500) return this.#isOut();
      if (!answer?.ok) return (this.#due = { connection, at: Date.now() + AGAIN_AFTER });
      const { headSeq: head, events, hasMore, epoch, resync } = answer.data;
      tell({ kind: 'joined', who: this.member.who, connection, conversation: this.id, after, head, epoch, resync });
      for (const event of events) {
        const message = event.message ? brief(event.message) : null;
        tell({ kind: 'read', who: this.member.who, connection, conversation: this.id, after, seq: event.seq, message });
        this.take(event.seq, event.kind === 'memberLeft' && event.userId === this.member.account.id);
      }
      if (hasMore) this.join(connection);
    });
  }

  /** Does what is due. */
  tick(now) {
    if (now < this.#due.at) return;
    const { connection } = this.#due;
    this.#due = NOTHING;
    if (this.member.isOn(connection)) this.join(connection);
  }

  #isOut() {
    this.#left = true;
    this.#arrived.put(0);
  }

  /** Waits until everything up to a number is here, or until it can't be any more. */
  reaches(head) {
    return this.#arrived.until(() => this.head >= head || this.#left, 'the rest of a conversation', 600_000);
  }
}
