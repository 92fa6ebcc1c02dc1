import type { CoderClient } from './client.js';
import { readGroup, readGroups, readNothing } from './shapes.js';
import type { Transport } from './transport.js';

type Groups = 'listGroups' | 'getGroup' | 'getGroupByName' | 'createGroup' | 'patchGroup' | 'deleteGroup';

/** Coder's groups (an "Enterprise" section; without the licence 403). */
export function groups(transport: Transport): Pick<CoderClient, Groups> {
  return {
    listGroups: (organization, options = {}) =>
      transport.call({
        route: { method: 'GET', template: '/organizations/{organization}/groups' },
        values: { organization },
        bulk: true,
        read: readGroups,
        options,
      }),
    // By uuid only, although the reference calls it a name.
    getGroup: (id, options = {}) =>
      transport.call({
        route: { method: 'GET', template: '/groups/{group}' },
        values: { group: id },
        bulk: true,
        read: readGroup,
        options,
      }),
    getGroupByName: (organization, name, options = {}) =>
      transport.call({
        route: { method: 'GET', template: '/organizations/{organization}/groups/{groupName}' },
        values: { organization, groupName: name },
        bulk: true,
        read: readGroup,
        options,
      }),
    createGroup: (organization, request, options = {}) =>
      transport.call({
        route: { method: 'POST', template: '/organizations/{organization}/groups' },
        values: { organization },
        body: request,
        read: readGroup,
        options,
      }),
    patchGroup: (id, request, options = {}) =>
      transport.call({
        route: { method: 'PATCH', template: '/groups/{group}' },
        values: { group: id },
        body: request,
        read: readGroup,
        options,
      }),
    // 200 with a message, not with a group.
    deleteGroup: (id, options = {}) =>
      transport.call({
        route: { method: 'DELETE', template: '/groups/{group}' },
        values: { group: id },
        read: readNothing,
        options,
      }),
  };
}
