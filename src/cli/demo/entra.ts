import { createHash } from 'node:crypto';
import { isJsonObject } from '../../common/index.js';
import type { Json, JsonObject } from '../../common/index.js';
import { externalId, Links } from './identity-provider.js';
import type { IdentityProvider } from './identity-provider.js';
import { fullName } from './people.js';
import type { Group, Person } from './people.js';
import { ENTERPRISE_SCHEMA, filterOf, GROUP_SCHEMA, idOf, patchOf, USER_SCHEMA } from './scim-client.js';
import type { Dress, ScimClient } from './scim-client.js';

export const entraDress: Dress = ({ hasBody, token }) => ({
  accept: 'application/scim+json',
  authorization: `Bearer ${token}`,
  ...(hasBody ? { 'content-type': 'application/scim+json; charset=utf-8' } : {}),
});

/** Microsoft's own schema of groups, which it lists beside the standard's. */
const AD_GROUP_SCHEMA = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';

/**
 * Microsoft Entra ID without the flag `aadOptscim062020`, which is its default: operations are capitalised, one an
 * attribute, booleans are strings, and members are removed by a value, which the standard's PATCH does not know.
 */
export class Entra implements IdentityProvider {
  readonly name = 'Microsoft Entra ID';
  readonly concurrency = 8;
  readonly batch = 20;
  private readonly users = new Links('person');
  private readonly groups = new Links('group');

  constructor(
    private readonly scim: ScimClient,
    private readonly seed: number,
  ) {}

  /** Somebody and some group that cannot exist are looked for: an empty list proves address and token. */
  async connect(): Promise<void> {
    const nobody = guid(this.seed, 'nobody');
    await this.scim.query(`/Users?${filterOf('userName', nobody)}`);
    await this.scim.query(`/Groups?excludedAttributes=members&${filterOf('displayName', nobody)}`);
  }

  /** Looked for before and after; somebody who is there already is brought up to date. */
  async assign(person: Person): Promise<void> {
    const [found] = await this.lookUp(person);
    if (!found) {
      const created = await this.scim.push('POST', '/Users', this.profile(person));
      this.users.set(person.key, idOf(created));
      await this.lookUp(person);
      return;
    }
    this.users.set(person.key, idOf(found));
    await this.patchUser(person, ...this.attributes(person), {
      op: 'Replace',
      path: 'active',
      value: 'True',
    });
  }

  /** The second pass: references are set when both ends are there. First Entra asks whether they are. */
  async linkManagers(person: Person): Promise<void> {
    if (person.manager === null) return;
    const [id, manager] = [this.users.get(person.key), this.users.get(person.manager)];
    const filter = `id eq "${id}" and ${ENTERPRISE_SCHEMA}:manager eq "${manager}"`;
    const found = await this.scim.query(`/Users?filter=${encodeURIComponent(filter)}&attributes=id`);
    if (found.length > 0) return;
    await this.patchUser(person, { op: 'Add', path: `${ENTERPRISE_SCHEMA}:manager`, value: manager });
  }

  /** Entra reads what there is and sends the attributes that differ. */
  async updateProfile(person: Person): Promise<void> {
    const { displayName, userName, name } = await this.scim.get(`/Users/${this.users.get(person.key)}`);
    const kept = isJsonObject(name) ? name : {};
    const current = new Map<Json | undefined, Json | undefined>([
      ['displayName', displayName],
      ['userName', userName],
      ...Object.entries(kept).map(([part, value]) => [`name.${part}`, value] as const),
    ]);
    const differing = this.attributes(person).filter(
      ({ path, value }) => current.has(path) && current.get(path) !== value,
    );
    await this.patchUser(person, ...differing);
  }

  async deactivate(person: Person): Promise<void> {
    await this.scim.get(`/Users/${this.users.get(person.key)}`);
    await this.patchUser(person, { op: 'Replace', path: 'active', value: 'False' });
  }

  async pushGroup(group: Group): Promise<void> {
    const { displayName, key } = group;
    const [found] = await this.scim.query(
      `/Groups?excludedAttributes=members&${filterOf('displayName', displayName)}`,
    );
    const body = {
      schemas: [GROUP_SCHEMA, AD_GROUP_SCHEMA],
      externalId: guid(this.seed, `group ${key}`),
      displayName,
      meta: { resourceType: 'Group' },
    };
    this.groups.set(key, idOf(found ?? (await this.scim.push('POST', '/Groups', body))));
  }

  async renameGroup(group: Group): Promise<void> {
    const path = `/Groups/${this.groups.get(group.key)}`;
    await this.scim.get(`${path}?excludedAttributes=members`);
    await this.scim.push(
      'PATCH',
      path,
      patchOf({ op: 'Replace', path: 'displayName', value: group.displayName }),
    );
  }

  async addMembers(group: Group, people: readonly Person[]): Promise<void> {
    await this.lookAtMember(group, people);
    await this.changeMembers(group, 'Add', people);
  }

  async removeMembers(group: Group, people: readonly Person[]): Promise<void> {
    await this.lookAtMember(group, people);
    await this.changeMembers(group, 'Remove', people);
  }

  /** "Restart provisioning": everybody is matched again and all attributes are sent. */
  async repeatPerson(person: Person): Promise<void> {
    await this.assign(person);
    await this.linkManagers(person);
  }

  /** Entra cannot see the members (it asks without them), so that after a restart it adds all of them again. */
  async repeatGroup(group: Group, people: readonly Person[]): Promise<void> {
    await this.pushGroup(group);
    for (let from = 0; from < people.length; from += this.batch) {
      await this.changeMembers(group, 'Add', people.slice(from, from + this.batch));
    }
  }

  private lookUp({ userName }: Person): Promise<readonly JsonObject[]> {
    return this.scim.query(`/Users?${filterOf('userName', userName)}`);
  }

  /** A single change is preceded by the question whether it is true already. */
  private async lookAtMember(group: Group, people: readonly Person[]): Promise<void> {
    const [only, ...others] = people;
    if (!only || others.length > 0) return;
    const filter = `id eq "${this.groups.get(group.key)}" and members eq "${this.users.get(only.key)}"`;
    await this.scim.query(`/Groups?filter=${encodeURIComponent(filter)}&attributes=id`);
  }

  private async changeMembers(group: Group, op: 'Add' | 'Remove', people: readonly Person[]): Promise<void> {
    const value = people.map((person) => ({ $ref: null, value: this.users.get(person.key) }));
    const path = `/Groups/${this.groups.get(group.key)}`;
    await this.scim.push('PATCH', path, patchOf({ op, path: 'members', value }));
  }

  private async patchUser(person: Person, ...operations: readonly JsonObject[]): Promise<void> {
    await this.scim.push('PATCH', `/Users/${this.users.get(person.key)}`, patchOf(...operations));
  }

  private attributes(person: Person): JsonObject[] {
    const values: readonly (readonly [path: string, value: string])[] = [
      ['displayName', fullName(person)],
      ['userName', person.userName],
      ['emails[type eq "work"].value', person.email],
      ['name.givenName', person.givenName],
      ['name.familyName', person.familyName],
      ['name.formatted', fullName(person)],
      ['addresses[type eq "work"].formatted', addressOf(person)],
      [`${ENTERPRISE_SCHEMA}:department`, person.department],
    ];
    return values.map(([path, value]) => ({ op: 'Replace', path, value }));
  }

  private profile(person: Person): JsonObject {
    const { key, givenName, familyName } = person;
    return {
      schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
      externalId: guid(this.seed, `user ${key}`),
      userName: person.userName,
      active: person.active,
      displayName: fullName(person),
      emails: [{ primary: true, type: 'work', value: person.email }],
      name: { formatted: fullName(person), familyName, givenName },
      addresses: [{ type: 'work', formatted: addressOf(person), primary: true }],
      meta: { resourceType: 'User' },
      roles: [],
      [ENTERPRISE_SCHEMA]: {
        employeeNumber: externalId('', this.seed, key, 6),
        department: person.department,
      },
    };
  }
}

function addressOf({ key }: Person): string {
  return `${(key % 200) + 1} Mill Lane`;
}

/** A name as Entra's object ids look, the same for the same seed. */
function guid(seed: number, what: string): string {
  const hex = createHash('sha256').update(`${seed} ${what}`).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
