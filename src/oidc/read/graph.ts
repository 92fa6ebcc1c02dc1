import { isJsonObject, type Clock, type JsonObject } from '../../common/index.js';
import type { GraphConfig } from '../../config/index.js';
import { boundedFetch } from '../bounded-fetch.js';

const TIMEOUT_MS = 10_000;
/** A token is not used in its last minute. */
const LAST_MINUTE_MS = 60_000;
/** Ids of Entra ID's objects; nothing else may stand in the URL. */
const OBJECT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Groups of a person, from Microsoft Graph: all of them, nested ones too, as ids. */
export class GraphGroups {
  private token: { readonly text: string; readonly until: number } | undefined;

  constructor(
    private readonly config: GraphConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * `POST /users/{oid}/getMemberGroups`.
   *
   * @throws Error when they cannot be had, which is never the same as none
   */
  async of(objectId: string): Promise<readonly string[]> {
    if (!OBJECT_ID.test(objectId)) throw new Error('the person has no object id');
    const answer = await this.post(
      `${this.config.url}/users/${objectId}/getMemberGroups`,
      'application/json',
      JSON.stringify({ securityEnabledOnly: this.config.securityEnabledOnly }),
      { authorization: `Bearer ${await this.accessToken()}` },
    );
    const { value } = answer;
    const isList = Array.isArray(value) && value.every((id) => typeof id === 'string' && id !== '');
    // With a further page the list would not be all of them.
    if (!isList || answer['@odata.nextLink'] !== undefined)
      throw new Error('Graph answered no list of groups');
    return value as readonly string[];
  }

  /** By client credentials (RFC 6749 section 4.4), for whatever was consented to the client. */
  private async accessToken(): Promise<string> {
    const now = this.clock.monotonic();
    if (this.token !== undefined && now < this.token.until) return this.token.text;
    const { tokenEndpoint, clientId, clientSecret, url } = this.config;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${new URL(url).origin}/.default`,
    });
    const answer = await this.post(tokenEndpoint, 'application/x-www-form-urlencoded', form.toString());
    const { access_token: text, expires_in: seconds } = answer;
    if (typeof text !== 'string' || text === '') throw new Error('the token endpoint answered no token');
    const life = Number(seconds) > 0 ? Number(seconds) * 1_000 : 0;
    this.token = { text, until: now + life - LAST_MINUTE_MS };
    return text;
  }

  private async post(
    url: string,
    type: string,
    body: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<JsonObject> {
    const response = await boundedFetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': type, ...headers },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // A token that is refused is not used again.
    if (response.status === 401) this.token = undefined;
    if (response.status !== 200) throw new Error(`Graph answered ${response.status}`);
    const json: unknown = await response.json();
    if (!isJsonObject(json)) throw new Error('Graph answered no JSON object');
    return json;
  }
}
