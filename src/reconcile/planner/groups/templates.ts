import type { CoderGroup } from '../../../coder/index.js';
import type { Failure, GroupTarget } from '../../../directory/index.js';
import type { GroupStep, Plan } from '../plan.js';
import type { PlanContext, SeenTemplates } from '../view.js';

type Role = 'use' | 'admin';

/** Which templates have to be looked at for a group. */
export interface TemplateNeeds {
  /** Names or ids, as they are stated. */
  readonly stated: readonly string[];
  /** All of the organization, as the group must not keep what nobody states. */
  readonly all: boolean;
}

/** What is to be seen of templates before a group is planned; null: nothing. */
export function neededTemplates(
  target: GroupTarget,
  group: CoderGroup | null,
  home: string | null,
  context: Pick<PlanContext, 'policy'>,
): TemplateNeeds | null {
  const leaves = target.deleted || (group !== null && isElsewhere(group, home));
  const stated = leaves ? [] : (target.settings.templateRoles ?? []).map(({ template }) => template);
  const made = target.link?.origin === 'created';
  const all = group !== null && (leaves ? made : context.policy.strict && !target.claimed);
  return all || stated.length > 0 || target.ownedTemplates.length > 0 ? { stated, all } : null;
}

/** Whether a group lies in another organization than where it is stated to. */
export function isElsewhere(group: CoderGroup, home: string | null): boolean {
  return home !== null && group.organization_id !== home;
}

/** What is to be done about templates: losses, gains, and what cannot be. */
export interface TemplatePlan {
  readonly losses: readonly GroupStep[];
  readonly gains: readonly GroupStep[];
  readonly failure?: Failure;
  readonly owned?: Plan<GroupStep>['ownedTemplates'];
}

const NOTHING: TemplatePlan = { losses: [], gains: [] };

/**
 * What the group gets, and what of it is taken: only what the bridge gave and nobody states any more, unless the connection is
 * strict. A role that is more than the stated one and was not given by the bridge stays.
 */
export function planTemplates(
  target: GroupTarget,
  seen: SeenTemplates | undefined,
  context: Pick<PlanContext, 'policy'>,
): TemplatePlan {
  if (seen === undefined) return NOTHING;
  if (seen.unavailable !== undefined) {
    const detail = `Coder does not list the templates: ${seen.unavailable}`;
    return { ...NOTHING, failure: { kind: 'refused', step: 'setTemplateRole', detail } };
  }
  const { wanted, unknown } = statedRoles(target, seen);
  const owned = new Set(target.ownedTemplates);
  const { strict } = context.policy;
  const losses = taken(target, seen, wanted, strict).map((id) =>
    set(id, '', true, 'the template is not stated for the group'),
  );
  const gains: GroupStep[] = [];
  for (const [id, { role }] of wanted) {
    const present = seen.roles.get(id) ?? '';
    if (seen.refused.has(id) || present === role) continue;
    if (present !== 'admin') gains.push(set(id, role, false, 'the role is stated for the group'));
    else if (owned.has(id) || strict) losses.push(set(id, role, true, 'less is stated for the group'));
  }
  const failure = failureOf(target, seen, wanted, unknown);
  const there = [...wanted].filter(([id, { role }]) => seen.roles.get(id) === role).map(([id]) => id);
  const gained = there.filter((id) => !owned.has(id));
  const lost = target.ownedTemplates.filter((id) => !wanted.has(id) && seen.roles.get(id) === '');
  const changed = gained.length + lost.length > 0;
  return { losses, gains, ...(failure && { failure }), ...(changed && { owned: { gained, lost } }) };
}

/**
 * Takes all from a group that is to be deleted, because Coder keeps grants of groups that are gone; of an adopted one, which is
 * given back, what the bridge gave. Coder's refusal is no reason to keep the group.
 */
export function templatesOnLeaving(
  target: GroupTarget,
  seen: SeenTemplates | undefined,
  reason: string,
): GroupStep[] {
  if (seen === undefined) return [];
  const made = target.link?.origin === 'created';
  return taken(target, seen, new Map(), made).map((id) => set(id, '', true, reason));
}

/** Grants of a group that is gone, which Coder keeps and no longer shows. Nobody loses anything by it. */
export function deadGrants(
  target: GroupTarget,
  seen: SeenTemplates | undefined,
  reason: string,
): GroupStep[] {
  return target.ownedTemplates
    .filter((id) => seen?.refused.has(id) !== true)
    .toSorted()
    .map((id) => set(id, '', false, reason));
}

function taken(
  target: GroupTarget,
  seen: SeenTemplates,
  wanted: ReadonlyMap<string, unknown>,
  all: boolean,
): string[] {
  // What the bridge gave is taken without looking, as taking it twice does no harm.
  const given = target.ownedTemplates.filter((id) => seen.roles.get(id) !== '');
  const others = all ? [...seen.roles].flatMap(([id, role]) => (role === '' ? [] : [id])) : [];
  return [...new Set([...given, ...others])]
    .filter((id) => !wanted.has(id) && !seen.refused.has(id))
    .toSorted();
}

interface Wanted {
  readonly role: Role;
  /** As it was stated. */
  readonly name: string;
}

/** Of two roles for one template the greater one counts. */
function statedRoles(
  { settings }: GroupTarget,
  seen: SeenTemplates,
): { wanted: ReadonlyMap<string, Wanted>; unknown: readonly string[] } {
  const wanted = new Map<string, Wanted>();
  const unknown: string[] = [];
  for (const { template: name, role } of settings.templateRoles ?? []) {
    const id = seen.idOf(name);
    if (id === null) unknown.push(name);
    else if (wanted.get(id)?.role !== 'admin') wanted.set(id, { role, name });
  }
  return { wanted: new Map([...wanted].toSorted(([left], [right]) => (left < right ? -1 : 1))), unknown };
}

function failureOf(
  target: GroupTarget,
  seen: SeenTemplates,
  wanted: ReadonlyMap<string, Wanted>,
  unknown: readonly string[],
): Failure | undefined {
  const [missing] = unknown;
  if (missing !== undefined) {
    const detail = `The group's organization in Coder has no template ${JSON.stringify(missing)} that the bridge can see.`;
    return { kind: 'invalidValue', step: 'setTemplateRole', detail };
  }
  const concerned = new Set([...wanted.keys(), ...target.ownedTemplates]);
  for (const [id, reason] of seen.refused) {
    if (!concerned.has(id) && (seen.roles.get(id) ?? '') === '') continue;
    const name = JSON.stringify(wanted.get(id)?.name ?? id);
    const detail = `Coder refuses to change what the group may do with the template ${name}: ${reason}`;
    return { kind: 'refused', step: 'setTemplateRole', detail };
  }
  return undefined;
}

function set(templateId: string, role: Role | '', loses: boolean, reason: string): GroupStep {
  return { do: 'setTemplateRole', templateId, role, loses, reason };
}
