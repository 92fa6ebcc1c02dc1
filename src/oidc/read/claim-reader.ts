import type { Clock, JsonObject } from '../../common/index.js';
import { badToken, reasonsOf, Refusal } from '../refusal.js';
import type { Provider } from '../provider.js';
import { subjectOf, type IdTokenVerifier } from '../verify/id-token.js';
import { LONGEST_TOKEN } from '../verify/signed-jwt.js';
import { looksLikeJwt } from '../../connections/index.js';
import type { Log } from '../../telemetry/index.js';
import type { GraphGroups } from './graph.js';
import { statementOf, withClaim, withReasons, type ReadStatement } from './statement.js';

/** What is handed over of a person. */
export interface Presented {
  readonly idToken?: string;
  readonly accessToken?: string;
  /** The nonce that the ID token was asked for with. */
  readonly nonce?: string;
}

const NOTHING: JsonObject = {};

/** From tokens to a statement: verified, merged with userinfo, and with the groups that were too many for a token. */
export class ClaimReader {
  constructor(
    private readonly verifier: IdTokenVerifier,
    private readonly provider: Provider,
    private readonly graph: GraphGroups | null,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** @throws Refusal */
  async read(presented: Presented): Promise<ReadStatement> {
    const { idToken, accessToken, nonce } = presented;
    if (idToken !== undefined) {
      const token = await this.verifier.verify(idToken, {
        ...(nonce === undefined ? {} : { nonce }),
        ...(accessToken === undefined ? {} : { accessToken }),
      });
      const userinfo =
        accessToken === undefined ? undefined : await this.provider.userinfo(accessToken, token.subject);
      return this.whole({ ...token, token: token.payload, userinfo: userinfo ?? NOTHING });
    }
    if (accessToken === undefined)
      throw new Refusal('invalid_request', 'expected id_token, or access_token, or both');
    return this.byAccessToken(accessToken);
  }

  /** What the provider says now of whoever the access token was given for, to a client that counts. */
  private async byAccessToken(accessToken: string): Promise<ReadStatement> {
    if (accessToken.length > LONGEST_TOKEN)
      throw badToken(`the token is larger than ${LONGEST_TOKEN} characters`);
    if (this.provider.config.nonce === 'required')
      throw new Refusal(
        'invalid_request',
        'expected id_token: it has the nonce, which an access token has not',
      );
    const issuedAt = new Date(this.clock.now());
    const issuer = looksLikeJwt(accessToken)
      ? await this.verifier.verifyAccessToken(accessToken)
      : await this.introspected(accessToken);
    const userinfo = await this.provider.userinfo(accessToken);
    if (userinfo === undefined)
      throw new Refusal('invalid_request', 'expected id_token: the provider has no userinfo endpoint');
    const subject = subjectOf(userinfo['sub']);
    return this.whole({ issuer, subject, issuedAt, token: NOTHING, userinfo });
  }

  private async introspected(accessToken: string): Promise<string> {
    const { issuer, tenants } = this.provider.config;
    const found = tenants.length > 0 ? undefined : await this.provider.introspect(accessToken);
    if (found === undefined)
      throw new Refusal(
        'invalid_request',
        'expected id_token too: the access token says nothing of its client',
      );
    if (found['active'] !== true) throw badToken('the provider does not accept the access token');
    if (!this.verifier.isForUs([found['client_id'], found['aud']]))
      throw badToken('the access token was given to another client');
    return issuer;
  }

  private async whole(reading: Parameters<typeof statementOf>[0]): Promise<ReadStatement> {
    const statement = statementOf(reading, this.provider.config);
    if (this.graph === null || !('groups' in statement.unreadable)) return statement;
    const { oid } = reading.token;
    try {
      return withClaim(statement, 'groups', await this.graph.of(typeof oid === 'string' ? oid : ''));
    } catch (error) {
      this.log.warn(
        { reasons: reasonsOf(error) },
        'groups that are too many for a token could not be had from Graph',
      );
      const reason = `${statement.unreadable['groups']}, and Microsoft Graph did not answer with them`;
      return withReasons(statement, { groups: reason });
    }
  }
}
