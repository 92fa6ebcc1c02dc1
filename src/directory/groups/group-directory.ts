import { isUuid } from '../../common/index.js';
import type { Database } from '../../database/index.js';
import type { WakeUps } from '../../queue/index.js';
import type {
  GroupChange,
  GroupState,
  Page,
  PageRequest,
  Pushed,
  PushContext,
  StoredGroup,
} from '../model.js';
import type { Groups } from '../ports.js';
import { notFound } from '../push/refusals.js';
import { push } from '../push/wake.js';
import { checkGroup } from '../state/checks.js';
import { changeGroup } from './change.js';
import { createGroup } from './create.js';
import { listGroups } from './list.js';
import { removeGroup } from './remove.js';
import { toGroup } from './rows.js';
import type { GroupRow } from './rows.js';
import { GET_GROUP, GET_GROUP_WITH_MEMBERS } from './statements.js';

/** {@link Groups} over SQL. */
export class GroupDirectory implements Groups {
  constructor(
    private readonly database: Database,
    private readonly wakeUps: WakeUps,
  ) {}

  async create(
    context: PushContext,
    state: GroupState,
    members: readonly string[],
  ): Promise<Pushed<StoredGroup>> {
    checkGroup(state);
    return push(this.wakeUps, () => createGroup(this.database, context, state, members));
  }

  async change(context: PushContext, id: string, change: GroupChange): Promise<Pushed<StoredGroup>> {
    if (!isUuid(id)) throw notFound('group', id);
    return push(this.wakeUps, () => changeGroup(this.database, context, id, change));
  }

  async remove(context: PushContext, id: string): Promise<Pushed<null>> {
    if (!isUuid(id)) throw notFound('group', id);
    return push(this.wakeUps, () => this.database.transaction((tx) => removeGroup(tx, context, id)));
  }

  async get(connectionId: string, id: string, withReferences: boolean): Promise<StoredGroup> {
    const statement = withReferences ? GET_GROUP_WITH_MEMBERS : GET_GROUP;
    const [row] = isUuid(id) ? await this.database.query<GroupRow>(statement, [id, connectionId]) : [];
    if (!row) throw notFound('group', id);
    return toGroup(row);
  }

  list(connectionId: string, page: PageRequest): Promise<Page<StoredGroup>> {
    return listGroups(this.database, connectionId, page);
  }
}
