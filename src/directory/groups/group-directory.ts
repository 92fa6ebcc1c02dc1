import { isUuid, newId } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { WakeUps } from '../../queue/index.js';
import type {
  GroupChange,
  GroupState,
  Page,
  PageRequest,
  Pushed,
  PushContext,
  ShownGroup,
  StoredGroup,
} from '../model.js';
import type { Groups } from '../ports.js';
import { notFound } from '../push/refusals.js';
import { Cursors } from '../query/cursors.js';
import { Lookups } from '../query/lookups.js';
import type { Together } from '../push/together.js';
import { push } from '../push/wake.js';
import { checkGroup } from '../state/checks.js';
import { changeGroup } from './change.js';
import { createGroup } from './create.js';
import { GROUPS_BY_ID as BY_ID, listGroups } from './list.js';
import { groupGains } from './gains.js';
import type { Gain } from './gains.js';
import { removeGroup } from './remove.js';
import { toShownGroup } from './rows.js';
import type { ChangedGroup, ShownGroupRow } from './rows.js';

/** {@link Groups} over SQL. */
export class GroupDirectory implements Groups {
  private readonly lookups: Lookups;
  private readonly gains: Together<Gain, readonly ChangedGroup[]>;
  private readonly cursors: Cursors;

  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {
    this.lookups = new Lookups(database);
    this.gains = groupGains(database);
    this.cursors = new Cursors(database);
  }

  async create(
    context: PushContext,
    state: GroupState,
    members: readonly string[],
    id = newId(),
  ): Promise<Pushed<StoredGroup>> {
    checkGroup(state);
    return push(this.wakeUps, () => createGroup(this.database, { context, id, state }, members));
  }

  async change(context: PushContext, id: string, change: GroupChange): Promise<Pushed<StoredGroup>> {
    if (!isUuid(id)) throw notFound('group', id);
    return push(this.wakeUps, () => changeGroup(this.database, this.gains, context, id, change));
  }

  async remove(
    context: PushContext,
    id: string,
    check: (version: number) => void = () => undefined,
  ): Promise<Pushed<null>> {
    if (!isUuid(id)) throw notFound('group', id);
    return push(this.wakeUps, () => this.database.transaction((tx) => removeGroup(tx, context, id, check)));
  }

  async get(connectionId: string, id: string, withReferences: boolean): Promise<ShownGroup> {
    const row = isUuid(id)
      ? await this.lookups.by<ShownGroupRow>(BY_ID, connectionId, id.toLowerCase(), withReferences)
      : undefined;
    if (!row) throw notFound('group', id);
    return toShownGroup(row);
  }

  list(connectionId: string, page: PageRequest): Promise<Page<ShownGroup>> {
    const { database, lookups, cursors } = this;
    return listGroups({ database, lookups, cursors }, connectionId, page);
  }
}
