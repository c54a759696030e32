// Waiting: always for a condition, never without a deadline.

export const DEADLINE = 20_000;

/** The promise's value, or a failure that says what was waited for. */
export function within(promise, what, deadline = DEADLINE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadline} ms for ${what}`)), deadline);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Things that arrive one by one, and somebody who waits until there are enough. */
export class Inbox {
  items = [];
  #waiting = new Set();

  put(item) {
    this.items.push(item);
    for (const look of this.#waiting) look();
  }

  /** Waits until `enough(items)` holds, and returns what it returned. */
  until(enough, what, deadline) {
    let look;
    const came = new Promise((resolve, reject) => {
      look = () => {
        try {
          const found = enough(this.items);
          if (found) resolve(found);
        } catch (error) {
          reject(error);
        }
      };
    });
    this.#waiting.add(look);
    look();
    return within(came, what, deadline)
      .catch((error) => {
        error.message += `; there were ${this.items.length}: ${JSON.stringify(this.items).slice(-2000)}`;
        throw error;
      })
      .finally(() => this.#waiting.delete(look));
  }

  /** Waits for so many. */
  async count(n, what) {
    await this.until((items) => items.length >= n, `${n} × ${what}`);
    return this.items;
  }
}
