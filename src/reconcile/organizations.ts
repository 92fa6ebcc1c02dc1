import type { CoderClient, CoderOrganization } from '../coder/index.js';
import { fold, isUuid } from '../common/index.js';
import type { Clock } from '../common/index.js';

/** Coder's list may be this old. */
const MAX_AGE_MS = 10 * 60_000;
/** A name that is not on the list is looked for again after this long: somebody may have made it. */
const LOOK_AGAIN_MS = 30_000;

/** Coder's organizations by name and id, read once and kept: they seldom change, and every one is the same few. */
export class Organizations {
  private byKey: ReadonlyMap<string, string> = new Map();
  private names: ReadonlyMap<string, string> = new Map();
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly coder: Pick<CoderClient, 'listOrganizations'>,
    private readonly clock: Clock,
  ) {}

  /** Reads the list where one of the names is not known, or the list is old. @throws CoderError */
  async know(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const age = this.clock.monotonic() - this.readAt;
    const known = names.every((name) => this.idOf(name) !== null);
    if (age < (known ? MAX_AGE_MS : LOOK_AGAIN_MS)) return;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    await this.reading;
  }

  /** Coder's id by a name, which has no case, or an id; null for one that is not on the list. */
  idOf(nameOrId: string): string | null {
    return this.byKey.get(fold(nameOrId)) ?? null;
  }

  /** For people, by Coder's id; the id itself where it is not on the list. */
  nameOf(id: string): string {
    return this.names.get(id) ?? id;
  }

  private async read(): Promise<void> {
    const list = await this.coder.listOrganizations();
    this.byKey = new Map(
      list.flatMap((organization) => keysOf(organization).map((key) => [key, organization.id])),
    );
    this.names = new Map(list.map(({ id, name, display_name: shown }) => [id, shown || name]));
    this.readAt = this.clock.monotonic();
  }
}

/** Coder takes `default` for its default organization, whatever that is called. */
function keysOf({ id, name, is_default: isDefault }: CoderOrganization): string[] {
  // A name that looks like an id must not stand for another organization than that of the id.
  const names = isUuid(name) ? [] : [fold(name)];
  return [...(isDefault ? ['default'] : []), ...names, id.toLowerCase()];
}
