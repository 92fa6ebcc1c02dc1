import { isJsonObject } from '../../common/index.js';
import type { JsonObject } from '../../common/index.js';
import { externalId, Links } from './identity-provider.js';
import type { IdentityProvider } from './identity-provider.js';
import { fullName } from './people.js';
import type { Group, Person } from './people.js';
import { filterOf, GROUP_SCHEMA, idOf, patchOf, USER_SCHEMA } from './scim-client.js';
import type { Dress, ScimClient } from './scim-client.js';

/** What Okta's provisioning agent says of itself. The token comes as an application made by the wizard sends it. */
export const oktaDress: Dress = ({ hasBody, token }) => ({
  'user-agent': 'Okta SCIM Client 1.0.0',
  accept: 'application/scim+json',
  'accept-charset': 'utf-8',
  'accept-encoding': 'gzip,deflate',
  authorization: `Bearer ${token}`,
  ...(hasBody ? { 'content-type': 'application/scim+json; charset=utf-8' } : {}),
});

/** Okta with an application of its catalogue: profiles go by GET and PUT, activation and groups by PATCH, nobody is deleted. */
export class Okta implements IdentityProvider {
  readonly name = 'Okta';
  readonly concurrency = 8;
  readonly batch = 50;
  private readonly users = new Links('person');
  private readonly groups = new Links('group');

  constructor(
    private readonly scim: ScimClient,
    private readonly seed: number,
  ) {}

  /** The second request comes with "push groups". */
  async connect(): Promise<void> {
    await this.scim.query('/Users?startIndex=1&count=2');
    await this.scim.query('/Groups?startIndex=1&count=100');
  }

  /** Somebody who is there already is linked: the profile is sent, and `active` where it was false. */
  async assign(person: Person): Promise<void> {
    const found = await this.lookUp(person);
    if (!found) {
      const created = await this.scim.push('POST', '/Users', this.profile(person));
      this.users.set(person.key, idOf(created));
      return;
    }
    this.users.set(person.key, idOf(found));
    await this.updateProfile(person);
    if (found['active'] === false) await this.setActive(person, true);
  }

  /** Okta sends back all that it was answered, with its own attributes written over it. */
  async updateProfile(person: Person): Promise<void> {
    const path = `/Users/${this.users.get(person.key)}`;
    const current = await this.scim.get(path);
    const { userName, name, emails, displayName } = this.profile(person);
    const kept = isJsonObject(current['name']) ? current['name'] : {};
    const changed = { userName, displayName, emails, name: { ...kept, ...(name as JsonObject) } };
    await this.scim.push('PUT', path, { ...current, ...changed } as JsonObject);
  }

  async deactivate(person: Person): Promise<void> {
    await this.setActive(person, false);
  }

  async pushGroup(group: Group): Promise<void> {
    const { displayName } = group;
    const [found] = await this.scim.query(`/Groups?${filterOf('displayName', displayName)}`);
    const body = { schemas: [GROUP_SCHEMA], displayName, members: [] };
    this.groups.set(group.key, idOf(found ?? (await this.scim.push('POST', '/Groups', body))));
  }

  /** The id inside is the group's own, which a server has to read over. */
  async renameGroup(group: Group): Promise<void> {
    const id = this.groups.get(group.key);
    const value = { id, displayName: group.displayName };
    await this.scim.push('PATCH', `/Groups/${id}`, patchOf({ op: 'replace', value }));
  }

  async addMembers(group: Group, people: readonly Person[]): Promise<void> {
    const value = people.map((person) => this.member(person));
    await this.changeMembers(group, { op: 'add', path: 'members', value });
  }

  async removeMembers(group: Group, people: readonly Person[]): Promise<void> {
    const operations = people.map((person) => ({
      op: 'remove',
      path: `members[value eq "${this.users.get(person.key)}"]`,
    }));
    await this.changeMembers(group, ...operations);
  }

  /** "Re-assignment by group" pushes every user again. */
  async repeatPerson(person: Person): Promise<void> {
    await this.assign(person);
  }

  /** "Push now". */
  async repeatGroup(group: Group, people: readonly Person[]): Promise<void> {
    await this.pushGroup(group);
    const value = people.map((person) => this.member(person));
    await this.changeMembers(group, { op: 'replace', path: 'members', value });
  }

  private async lookUp({ userName }: Person): Promise<JsonObject | undefined> {
    const [found] = await this.scim.query(`/Users?${filterOf('userName', userName)}&startIndex=1&count=100`);
    return found;
  }

  private async setActive(person: Person, active: boolean): Promise<void> {
    const path = `/Users/${this.users.get(person.key)}`;
    await this.scim.push('PATCH', path, patchOf({ op: 'replace', value: { active } }));
  }

  /** Before each change of members Okta states the name, though nothing was renamed. */
  private async changeMembers(group: Group, ...operations: readonly JsonObject[]): Promise<void> {
    await this.renameGroup(group);
    await this.scim.push('PATCH', `/Groups/${this.groups.get(group.key)}`, patchOf(...operations));
  }

  private member(person: Person): JsonObject {
    return { value: this.users.get(person.key), display: person.userName };
  }

  private profile(person: Person): JsonObject {
    return {
      schemas: [USER_SCHEMA],
      userName: person.userName,
      name: { givenName: person.givenName, familyName: person.familyName },
      emails: [{ primary: true, value: person.email, type: 'work' }],
      displayName: fullName(person),
      locale: 'en-US',
      externalId: externalId('00u', this.seed, person.key, 20),
      groups: [],
      // It comes even where passwords are not synchronised.
      password: `x7Gq-${person.key}-not-theirs`,
      active: person.active,
    };
  }
}
