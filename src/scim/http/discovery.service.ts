import type { JsonObject } from '../../common/index.js';
import {
  listResponse,
  resourceTypeResources,
  schemaResources,
  ScimError,
  serviceProviderConfig,
} from '../protocol/index.js';
import { statesFilter } from './list-query.js';
import type { ScimReply } from './reply.js';

/** What clients may learn of the service (RFC 7644 section 4). */
export class DiscoveryService {
  private readonly config: JsonObject;
  private readonly types: readonly JsonObject[];
  private readonly schemas: readonly JsonObject[];

  /** @param base URL of the SCIM root, without a slash at its end */
  constructor(base: string) {
    this.config = serviceProviderConfig(base);
    this.types = resourceTypeResources(base);
    this.schemas = schemaResources(base);
  }

  serviceProviderConfig(url: string): ScimReply {
    refuseFilter(url);
    return { status: 200, body: this.config };
  }

  resourceTypes(url: string, id?: string): ScimReply {
    return answer(this.types, url, id);
  }

  schemasOf(url: string, urn?: string): ScimReply {
    return answer(this.schemas, url, urn);
  }
}

/** All of them, or one by its id in any case; URNs have none (RFC 8141 section 3.1 for the prefix, in practice all of it). */
function answer(resources: readonly JsonObject[], url: string, id?: string): ScimReply {
  refuseFilter(url);
  if (id === undefined) return { status: 200, body: listResponse(resources.length, 1, resources) };
  const folded = id.toLowerCase();
  const found = resources.find(({ id: own }) => typeof own === 'string' && own.toLowerCase() === folded);
  if (found === undefined) throw new ScimError('notFound', 'there is no resource with this id');
  return { status: 200, body: found };
}

/** RFC 7644 section 4: these cannot be searched. */
function refuseFilter(url: string): void {
  if (statesFilter(url)) throw new ScimError('forbidden', 'this endpoint cannot be filtered');
}
