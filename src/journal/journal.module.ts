import { Module } from '@nestjs/common';
import { DATABASE } from '../database/index.js';
import type { Database } from '../database/index.js';
import { findPerson, NoReceipt, readReceipt, type PersonRow, type Receipt } from './receipts/index.js';

/** What others read of the journal. */
export class JournalReader {
  constructor(private readonly database: Database) {}

  /** As {@link readReceipt}. @throws NoReceipt, DatabaseUnavailable */
  receipt(user: string, connection: string | null): Promise<Receipt> {
    return readReceipt(this.database, user, connection);
  }

  /** Whom an id, userName, externalId or email names; of several users that were the same person the newest. @throws NoReceipt */
  async person(user: string, connection: string | null): Promise<PersonRow> {
    const [newest] = await findPerson(this.database, user, connection);
    if (!newest) throw new NoReceipt('unknownUser', `There is no user ${user}.`);
    return newest;
  }
}

/** {@link JournalReader} over the database, which a global module provides. */
@Module({
  providers: [
    {
      provide: JournalReader,
      inject: [DATABASE],
      useFactory: (database: Database) => new JournalReader(database),
    },
  ],
  exports: [JournalReader],
})
export class JournalModule {}
