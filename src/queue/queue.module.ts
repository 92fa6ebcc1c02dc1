import { Module } from '@nestjs/common';

import { systemClock } from '../common/index.js';
import { DATABASE } from '../database/index.js';
import type { Database } from '../database/index.js';
import { LOG } from '../telemetry/index.js';
import type { Log } from '../telemetry/index.js';
import { QUEUE_BACKEND } from './backend.js';
import type { QueueBackend } from './backend.js';
import { DirtyTargets } from './dirty-targets.js';
import { Heartbeats } from './heartbeats.js';
import { LaneQueues } from './lane-queues.js';
import { Leases } from './leases.js';
import { Locks } from './locks.js';
import { queueErrors } from './queue-errors.js';
import { WakeBuffer } from './wake-buffer.js';
import { WAKE_UPS } from './wake-ups.js';

const ROOM = { room: 'queue' };

/** Lanes, wake-ups, leases, locks and heartbeats over {@link DATABASE} and {@link QUEUE_BACKEND}, for every other module. */
@Module({
  providers: [
    {
      provide: LaneQueues,
      inject: [QUEUE_BACKEND, LOG],
      useFactory: (backend: QueueBackend, log: Log) => new LaneQueues(backend, queueErrors(log.child(ROOM))),
    },
    {
      provide: WakeBuffer,
      inject: [LaneQueues, LOG],
      useFactory: (queues: LaneQueues, log: Log) =>
        new WakeBuffer(queues, (state) => {
          if (state.failing)
            log.warn({ ...ROOM, ...state }, 'the queue does not take jobs; the sweep will deliver them');
          else log.info(ROOM, 'the queue takes jobs again');
        }),
    },
    { provide: WAKE_UPS, useExisting: WakeBuffer },
    {
      provide: Leases,
      inject: [DATABASE],
      useFactory: (database: Database) => new Leases(database, systemClock),
    },
    { provide: Locks, inject: [DATABASE], useFactory: (database: Database) => new Locks(database) },
    {
      provide: DirtyTargets,
      inject: [DATABASE],
      useFactory: (database: Database) => new DirtyTargets(database),
    },
    {
      provide: Heartbeats,
      inject: [DATABASE, LOG],
      useFactory: (database: Database, log: Log) =>
        new Heartbeats(database, (error) =>
          log.warn({ ...ROOM, err: error }, 'the heartbeat was not written'),
        ),
    },
  ],
  exports: [LaneQueues, WakeBuffer, WAKE_UPS, Leases, Locks, DirtyTargets, Heartbeats],
})
export class QueueModule {}
