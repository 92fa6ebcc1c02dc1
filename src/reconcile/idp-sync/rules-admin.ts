import { CoderError } from '../../coder/index.js';
import type { Config } from '../../config/index.js';
import { handOverChanges, pushChanges, shared, type PlannedChange } from './changes.js';
import { checkRules, type Finding, type NamesSource } from './check.js';
import type { CoderSettings } from './coder-settings.js';
import { readDocuments, type AllDocuments } from './documents.js';
import { rulesReport, type RulesReport } from './report.js';
import { onlyPlanned, writeChanges, type ChangeResult, type SettingsTarget } from './write.js';

/** Coder could not be asked. */
export class RulesUnavailable extends Error {
  constructor(error: CoderError) {
    super(`Coder could not be asked: ${error.summary}.`, { cause: error });
    this.name = 'RulesUnavailable';
  }
}

/** Settings of IdP sync as people look at them, check them and write them. Everything is read from Coder anew. */
export class RulesAdmin {
  constructor(
    private readonly settings: CoderSettings,
    private readonly coder: NamesSource & SettingsTarget,
    private readonly config: Pick<Config, 'connections'>,
  ) {}

  /** @throws NoSuchConnection; RulesUnavailable */
  show(connection: string | undefined): Promise<RulesReport> {
    return this.with(connection, (documents) => Promise.resolve(rulesReport(documents)));
  }

  /** @throws NoSuchConnection; RulesUnavailable */
  check(connection: string | undefined): Promise<readonly Finding[]> {
    return this.with(connection, (documents) => checkRules(documents, this.coder));
  }

  /** Writes the file's settings to Coder; or shows what that would change. @throws NoSuchConnection; RulesUnavailable */
  push(connection: string | undefined, write: boolean): Promise<readonly ChangeResult[]> {
    return this.change(connection, write, (documents) => Promise.resolve(pushChanges(documents)));
  }

  /** Takes from Coder's own login what the bridge is to do; or shows what that would change. @throws NoSuchConnection; RulesUnavailable */
  handOver(connection: string | undefined, write: boolean): Promise<readonly ChangeResult[]> {
    return this.change(connection, write, async (documents) => {
      if (connection === undefined) return handOverChanges(documents);
      // Coder has one document for all connections.
      const all = await readDocuments(this.settings, this.config, undefined);
      const known = all.connections.some((one) => one.connection.name === connection);
      return handOverChanges(known ? all : documents, connection);
    });
  }

  private change(
    connection: string | undefined,
    write: boolean,
    plan: (documents: AllDocuments) => Promise<PlannedChange[]>,
  ): Promise<readonly ChangeResult[]> {
    return this.with(connection, async (documents) => {
      const changes = await plan(documents);
      if (!write) return onlyPlanned(changes);
      try {
        return await writeChanges(this.coder, changes, shared(documents));
      } finally {
        this.settings.forget();
      }
    });
  }

  private async with<T>(
    connection: string | undefined,
    work: (documents: AllDocuments) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(await readDocuments(this.settings, this.config, connection));
    } catch (error) {
      throw error instanceof CoderError ? new RulesUnavailable(error) : error;
    }
  }
}
