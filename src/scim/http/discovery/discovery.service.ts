import type { JsonObject } from '../../../common/index.js';
import {
  listResponse,
  resourceTypeResources,
  schemaResources,
  ScimError,
  serviceProviderConfig,
} from '../../protocol/index.js';
import type { ScimContext } from '../request/context.js';
import { statesFilter } from '../lists/list-query.js';
import type { ScimReply } from '../reply/reply.js';

interface Discovery {
  readonly config: JsonObject;
  readonly types: readonly JsonObject[];
  readonly schemas: readonly JsonObject[];
}

/** What clients may learn of the service (RFC 7644 section 4). */
export class DiscoveryService {
  /** By base: there are as many as connections, and one more. */
  private readonly made = new Map<string, Discovery>();

  serviceProviderConfig({ base }: ScimContext, url: string): ScimReply {
    refuseFilter(url);
    return { status: 200, body: this.of(base).config };
  }

  resourceTypes({ base }: ScimContext, url: string, id?: string): ScimReply {
    return answer(this.of(base).types, url, id);
  }

  schemasOf({ base }: ScimContext, url: string, urn?: string): ScimReply {
    return answer(this.of(base).schemas, url, urn);
  }

  private of(base: string): Discovery {
    const known = this.made.get(base);
    if (known) return known;
    const discovery = {
      config: serviceProviderConfig(base),
      types: resourceTypeResources(base),
      schemas: schemaResources(base),
    };
    this.made.set(base, discovery);
    return discovery;
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
