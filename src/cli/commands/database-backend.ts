import { isUuid } from '../../common/index.js';
import { TokenAdmin, TokenRefusal, Tokens } from '../../connections/index.js';
import type { Engine } from '../../database/index.js';
import { Pausing, UnknownConnection } from '../../directory/index.js';
import { NoReceipt, readReceipt, type Receipt } from '../../journal/index.js';
import { findRequests, parseRequestQuery } from '../../request-log/index.js';
import { CommandFailed } from './backend.js';
import type {
  Backend,
  RequestFilter,
  WireConnectionState,
  WireEntry,
  WireRequest,
  WireToken,
} from './backend.js';

const NEEDS_A_BRIDGE =
  'Adoption is compared with what is in Coder, which a bridge that runs is asked for: start it,\n' +
  'and give its URL (BRIDGE_URL or --url) and its ADMIN_TOKEN. To look before anything is applied, pause its connections first.';

const RULES_NEED_A_BRIDGE =
  'Rules are compared with what is in Coder, which a bridge that runs is asked for: start it,\n' +
  'and give its URL (BRIDGE_URL or --url) and its ADMIN_TOKEN.';

const EXPLAINING_NEEDS_A_BRIDGE =
  'What a person has is read from Coder, which a bridge that runs is asked for: start it,\n' +
  'and give its URL (BRIDGE_URL or --url) and its ADMIN_TOKEN.';

/** The bridge's database: PostgreSQL, or the embedded one while no bridge runs on it. */
export class DatabaseBackend implements Backend {
  private readonly admin: TokenAdmin;
  private readonly pausing: Pausing;

  constructor(private readonly engine: Engine) {
    this.admin = new TokenAdmin(engine.database, new Tokens(engine.database));
    this.pausing = new Pausing(engine.database, null, 'command-line');
  }

  /** @throws CommandFailed when this version of the bridge has not run on the database yet */
  async confirmSchema(): Promise<void> {
    const { database } = this.engine;
    const [ready] = await database.query(
      `SELECT 1 FROM information_schema.columns
       WHERE table_schema = 'bridge' AND table_name = 'connections' AND column_name = 'paused_at'`,
    );
    if (!ready) {
      throw new CommandFailed('This version of the bridge has not run on the database yet: start it once.');
    }
  }

  async createToken(connection: string, label: string, expires: string | undefined): Promise<WireToken> {
    return onWire(await this.admin.create(connection, label, expires).catch(refuse));
  }

  async listTokens(connection: string | undefined): Promise<readonly WireEntry[]> {
    return onWire(await this.admin.list(connection));
  }

  async revokeToken(id: string): Promise<void> {
    if (!isUuid(id)) throw new CommandFailed('There is no living token with this id.');
    await this.admin.revoke(id).catch(refuse);
  }

  async requests(filter: RequestFilter): Promise<readonly WireRequest[]> {
    const query = parseRequestQuery({ ...filter }, Date.now());
    if ('problem' in query) throw new CommandFailed(query.problem);
    return onWire(await findRequests(this.engine.database, query));
  }

  async pause(connection: string): Promise<WireConnectionState> {
    return onWire(await this.pausing.pause(connection).catch(refuse));
  }

  async resume(connection: string): Promise<WireConnectionState> {
    return onWire(await this.pausing.resume(connection).catch(refuse));
  }

  adoption(): Promise<never> {
    return Promise.reject(new CommandFailed(NEEDS_A_BRIDGE));
  }

  approveAdoptions(): Promise<never> {
    return Promise.reject(new CommandFailed(NEEDS_A_BRIDGE));
  }

  rules(): Promise<never> {
    return Promise.reject(new CommandFailed(RULES_NEED_A_BRIDGE));
  }

  checkRules(): Promise<never> {
    return Promise.reject(new CommandFailed(RULES_NEED_A_BRIDGE));
  }

  changeRules(): Promise<never> {
    return Promise.reject(new CommandFailed(RULES_NEED_A_BRIDGE));
  }

  explain(): Promise<never> {
    return Promise.reject(new CommandFailed(EXPLAINING_NEEDS_A_BRIDGE));
  }

  async receipt(user: string, connection: string | undefined): Promise<Receipt> {
    return readReceipt(this.engine.database, user, connection ?? null).catch((error: unknown) => {
      if (error instanceof NoReceipt) throw new CommandFailed(error.message);
      throw error;
    });
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}

function refuse(error: unknown): never {
  if (error instanceof TokenRefusal || error instanceof UnknownConnection)
    throw new CommandFailed(error.message);
  throw error;
}

/** As it would come over the admin API. */
function onWire<Wire>(value: unknown): Wire {
  return JSON.parse(JSON.stringify(value)) as Wire;
}
