import { ConflictError, GoneError, RejectedError, ServerError } from '../../coder/index.js';
import type { CallOptions, CoderClient, CoderError, CoderTemplate } from '../../coder/index.js';
import { fold, isUuid } from '../../common/index.js';
import type { Clock } from '../../common/index.js';
import type { SeenTemplates, TemplateNeeds } from '../planner/index.js';

/** Coder's list may be this old. */
const MAX_AGE_MS = 10 * 60_000;
/** A name that is not on the list is looked for again after this long: somebody may have made it. */
const LOOK_AGAIN_MS = 30_000;
/** What a group may do with templates that nobody states for it may have been read so long ago. */
const ROLES_AGE_MS = 30_000;

type Client = Pick<CoderClient, 'listTemplates' | 'getTemplate' | 'getTemplateByName' | 'getTemplateAcl'>;

/** Templates of an organization by name and id. */
interface Known {
  readonly byKey: Map<string, string>;
  readonly missedAt: Map<string, number>;
  readonly readAt: number;
}

/** What groups may do with a template, by the group's id. */
interface Access {
  readonly begunAt: number;
  readonly reading: Promise<Map<string, string>>;
}

/** Whether Coder will not do it however often it is asked. Without the right it answers 500 to what is about templates' access. */
export function isTemplateRefusal(error: unknown): error is CoderError {
  return (
    error instanceof RejectedError ||
    error instanceof GoneError ||
    error instanceof ConflictError ||
    error instanceof ServerError
  );
}

/** Coder's templates: which there are, and what groups may do with them; read only where a group needs it. */
export class Templates {
  private readonly organizations = new Map<string, Promise<Known>>();
  private readonly access = new Map<string, Access>();

  constructor(
    private readonly coder: Client,
    private readonly clock: Clock,
  ) {}

  /**
   * What a group's plan needs to know of templates.
   *
   * @param groupId null: the group is not there yet, and may do nothing
   * @param since access that was read before is read again, on the monotonic clock; usually now
   * @throws CoderError where Coder is away; a refusal is told with what was seen
   */
  async see(
    organizationId: string,
    groupId: string | null,
    needs: TemplateNeeds,
    options: CallOptions = {},
    since = this.clock.monotonic(),
  ): Promise<SeenTemplates> {
    const refused = new Map<string, string>();
    let known: Known | null = null;
    try {
      if (needs.all || needs.stated.length > 0)
        known = await this.known(organizationId, needs.stated, options);
    } catch (error) {
      if (!isTemplateRefusal(error)) throw error;
      return { idOf: () => null, roles: new Map(), refused, unavailable: error.message };
    }
    const idOf = (nameOrId: string): string | null => known?.byKey.get(fold(nameOrId)) ?? null;
    const roles = new Map<string, string>();
    if (groupId !== null) {
      const stated = new Set(needs.stated.flatMap((name) => idOf(name) ?? []));
      const others = needs.all ? [...new Set(known?.byKey.values())].filter((id) => !stated.has(id)) : [];
      const look = async (id: string, from: number): Promise<void> => {
        const role = await this.roleOf(id, groupId, from, options, refused);
        if (role !== null) roles.set(id, role);
      };
      await Promise.all([
        ...[...stated].map((id) => look(id, since)),
        ...others.map((id) => look(id, since - ROLES_AGE_MS)),
      ]);
    }
    return { idOf, roles, refused };
  }

  /** The bridge changed what a group may do. */
  noteRole(templateId: string, groupId: string, role: string): void {
    this.access.get(templateId)?.reading.then(
      (roles) => roles.set(groupId, role),
      () => undefined,
    );
  }

  private async roleOf(
    templateId: string,
    groupId: string,
    since: number,
    options: CallOptions,
    refused: Map<string, string>,
  ): Promise<string | null> {
    try {
      return (await this.accessTo(templateId, since, options)).get(groupId) ?? '';
    } catch (error) {
      if (!isTemplateRefusal(error)) throw error;
      // It may be gone: then it is not on the next list.
      if (error instanceof GoneError) this.organizations.clear();
      refused.set(templateId, error.message);
      return null;
    }
  }

  /** Shared by all who ask at the same time. */
  private accessTo(templateId: string, since: number, options: CallOptions): Promise<Map<string, string>> {
    const present = this.access.get(templateId);
    if (present && present.begunAt >= since) return present.reading;
    const begunAt = this.clock.monotonic();
    const reading = this.coder
      .getTemplateAcl(templateId, options)
      .then(({ group }) => new Map<string, string>(group.map(({ id, role }) => [id, role])));
    const access = { begunAt, reading };
    this.access.set(templateId, access);
    reading.catch(() => {
      if (this.access.get(templateId) === access) this.access.delete(templateId);
    });
    return reading;
  }

  private async known(
    organizationId: string,
    names: readonly string[],
    options: CallOptions,
  ): Promise<Known> {
    const before = await this.organizations.get(organizationId)?.catch(() => null);
    const fresh = before && this.clock.monotonic() - before.readAt < MAX_AGE_MS;
    const known = fresh ? before : await this.list(organizationId, before ?? null, options);
    for (const name of new Set(names.map(fold))) {
      const missedAt = known.missedAt.get(name) ?? Number.NEGATIVE_INFINITY;
      if (known.byKey.has(name) || this.clock.monotonic() - missedAt < LOOK_AGAIN_MS) continue;
      const found = await this.find(organizationId, name, options);
      if (found) add(known, found);
      else known.missedAt.set(name, this.clock.monotonic());
    }
    return known;
  }

  private list(organizationId: string, before: Known | null, options: CallOptions): Promise<Known> {
    const readAt = this.clock.monotonic();
    const reading = this.coder.listTemplates(organizationId, options).then((templates) => {
      const known: Known = { byKey: new Map(), missedAt: new Map(before?.missedAt), readAt };
      for (const template of templates) add(known, template);
      return known;
    });
    this.organizations.set(organizationId, reading);
    return reading;
  }

  /** A template that is not on the list: a new one, or a deprecated one, which Coder leaves out. */
  private async find(
    organizationId: string,
    name: string,
    options: CallOptions,
  ): Promise<CoderTemplate | null> {
    try {
      if (!isUuid(name)) return await this.coder.getTemplateByName(organizationId, name, options);
      const found = await this.coder.getTemplate(name, options);
      return found.organization_id === organizationId ? found : null;
    } catch (error) {
      if (error instanceof GoneError || error instanceof RejectedError) return null;
      throw error;
    }
  }
}

function add({ byKey }: Known, { id, name }: CoderTemplate): void {
  // A name that looks like an id must not stand for another template than that of the id.
  if (!isUuid(name)) byKey.set(fold(name), id);
  byKey.set(id.toLowerCase(), id);
}
