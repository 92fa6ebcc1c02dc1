import type { UserRow } from './rows.js';

/** What sorting and searching look at, lowered once. */
export interface UserEntry {
  readonly user: UserRow;
  readonly username: string;
  readonly email: string;
  /** Both, a line each: one look is enough for a search without wildcards. */
  readonly text: string;
}

/** Users that are not deleted, ordered by lower(username) as Coder's lists are. */
export class SortedUsers {
  readonly entries: UserEntry[] = [];

  add(user: UserRow): void {
    const username = user.username.toLowerCase();
    const email = user.email.toLowerCase();
    const entry = { user, username, email, text: `${username}\n${email}` };
    this.entries.splice(this.after(entry.username, false), 0, entry);
  }

  remove(user: UserRow): void {
    const index = this.after(user.username.toLowerCase(), false);
    if (this.entries[index]?.user.id === user.id) this.entries.splice(index, 1);
  }

  /** Index of the first entry whose name is not below `username`, or above it when `strict`. */
  after(username: string, strict: boolean): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const name = this.entries[middle]?.username ?? '';
      if (name < username || (strict && name === username)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
