import { Module } from '@nestjs/common';

import { CODER_CONNECTION } from '../coder/index.js';
import type { CoderConnection } from '../coder/index.js';
import { systemClock } from '../common/index.js';
import { CONFIG } from '../config/index.js';
import type { Config } from '../config/index.js';
import { DirectoryModule, LOSS_BUDGET, TARGET_STORE } from '../directory/index.js';
import type { LossBudget, TargetStore } from '../directory/index.js';
import { BACKOFF, Leases, QueueModule, backoff } from '../queue/index.js';
import type { BackoffBounds } from '../queue/index.js';
import { LOG, METRICS } from '../telemetry/index.js';
import type { Log, Metrics } from '../telemetry/index.js';
import { ClaimDecisions } from './claims/claim-decisions.js';
import { RoleNames } from './claims/role-names.js';
import { Contexts } from './contexts.js';
import { DeploymentReader } from './deployment.js';
import { GroupApplier } from './groups/apply-group.js';
import { TemplateApplier } from './groups/apply-template.js';
import { GroupRun } from './groups/group-run.js';
import { GroupObserver } from './groups/observe-group.js';
import { Templates } from './groups/templates.js';
import { IdpSyncModule, SyncSettings } from './idp-sync/index.js';
import { LossGate } from './loss-gate.js';
import { Organizations } from './organizations.js';
import { REFUSALS, SEATS } from './ports.js';
import type { Refusals, Seats } from './ports.js';
import { Reconciler } from './reconciler.js';
import { reporter } from './report.js';
import { UserDetails } from './users/details.js';
import { UserApplier } from './users/apply-user.js';
import { UserObserver } from './users/observe-user.js';
import { UserRun } from './users/user-run.js';

/** The reconciler and what it is made of, over the directory's target store and Coder's client. */
@Module({
  imports: [DirectoryModule, IdpSyncModule, QueueModule],
  providers: [
    {
      provide: DeploymentReader,
      inject: [CODER_CONNECTION, CONFIG],
      useFactory: ({ client }: CoderConnection, config: Config) =>
        new DeploymentReader(client, config.coder.organization, systemClock),
    },
    {
      provide: Contexts,
      inject: [CODER_CONNECTION, DeploymentReader, CONFIG, SEATS, SyncSettings],
      useFactory: (
        coder: CoderConnection,
        deployment: DeploymentReader,
        config: Config,
        seats: Seats,
        rules: SyncSettings,
      ) => {
        const organizations = new Organizations(coder.client, systemClock);
        const claims = claimDecisions(coder, rules, organizations);
        return new Contexts(deployment, organizations, config, seats, claims);
      },
    },
    {
      provide: Templates,
      inject: [CODER_CONNECTION],
      useFactory: ({ client }: CoderConnection) => new Templates(client, systemClock),
    },
    {
      provide: LossGate,
      inject: [LOSS_BUDGET, CONFIG],
      useFactory: (budget: LossBudget, config: Config) =>
        new LossGate(budget, config.safetyBudget, config.dryRun),
    },
    {
      provide: UserRun,
      inject: [TARGET_STORE, CODER_CONNECTION, DeploymentReader, Contexts, LossGate, CONFIG],
      useFactory: userRun,
    },
    {
      provide: GroupRun,
      inject: [TARGET_STORE, CODER_CONNECTION, DeploymentReader, Contexts, LossGate, Templates, REFUSALS],
      useFactory: groupRun,
    },
    {
      provide: Reconciler,
      inject: [Leases, TARGET_STORE, UserRun, GroupRun, CODER_CONNECTION, BACKOFF, LOG, METRICS],
      useFactory: reconciler,
    },
  ],
  exports: [Reconciler, DeploymentReader, Templates, Contexts],
})
export class ReconcileModule {}

function claimDecisions(
  coder: CoderConnection,
  rules: SyncSettings,
  organizations: Organizations,
): ClaimDecisions {
  const roleNames = new RoleNames(coder.client, systemClock);
  return new ClaimDecisions(rules, organizations, (id) => coder.groups(id), roleNames);
}

function userRun(
  store: TargetStore,
  { client, users }: CoderConnection,
  deployment: DeploymentReader,
  contexts: Contexts,
  gate: LossGate,
  { dryRun }: Config,
): UserRun {
  // Nothing is tried in a dry run, so that no refusal tells that an account is there: it is looked for.
  const look = dryRun ? () => Promise.resolve(true) : () => store.manyArrive();
  const observer = new UserObserver(client, users, deployment, look);
  const applier = new UserApplier(client, users, observer);
  return new UserRun(store, observer, applier, new UserDetails(client), contexts, gate);
}

function groupRun(
  store: TargetStore,
  { client }: CoderConnection,
  deployment: DeploymentReader,
  contexts: Contexts,
  gate: LossGate,
  templates: Templates,
  refusals: Refusals,
): GroupRun {
  const observer = new GroupObserver(client, deployment);
  const applier = new GroupApplier(client, observer, new TemplateApplier(client, templates));
  return new GroupRun(store, observer, applier, templates, contexts, gate, refusals);
}

function reconciler(
  leases: Leases,
  store: TargetStore,
  users: UserRun,
  groups: GroupRun,
  { health }: CoderConnection,
  bounds: BackoffBounds,
  log: Log,
  metrics: Metrics,
): Reconciler {
  return new Reconciler(
    leases,
    store,
    users,
    groups,
    health,
    reporter(log.child({ room: 'reconcile' }), metrics),
    (tries) => backoff(tries, Math.random, bounds),
  );
}
