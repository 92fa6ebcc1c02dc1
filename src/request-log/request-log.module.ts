import { Module } from '@nestjs/common';
import { DATABASE } from '../database/index.js';
import type { Database } from '../database/index.js';
import { findRequests } from './query.js';
import type { RequestQuery } from './query.js';
import type { RequestEntry } from './model.js';

/** The request log as others read it. */
export class RequestReader {
  constructor(private readonly database: Database) {}

  /** As {@link findRequests}. @throws DatabaseUnavailable */
  find(query: RequestQuery): Promise<RequestEntry[]> {
    return findRequests(this.database, query);
  }
}

/** {@link RequestReader} over the database, which a global module provides. */
@Module({
  providers: [
    {
      provide: RequestReader,
      inject: [DATABASE],
      useFactory: (database: Database) => new RequestReader(database),
    },
  ],
  exports: [RequestReader],
})
export class RequestLogModule {}
