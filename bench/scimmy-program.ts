import { randomUUID } from 'node:crypto';
import express from 'express';
import SCIMMY from 'scimmy';
import { SCIMMYRouters } from 'scimmy-routers';
import { keyOf } from './support/databases.js';
import { userBody } from './support/people.js';

/**
 * scimmy-routers with its users in memory, as its documentation shows: found by id in a Map, searched by the library's own
 * filter. No database, no journal, no token but the right one.
 */
type Stored = SCIMMY.Schemas.User & { readonly id: string };

const users = new Map<string, Stored>();
const store = (data: object, id: string = randomUUID()): Stored => {
  const user = { ...data, id } as unknown as Stored;
  users.set(id, user);
  return user;
};

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
SCIMMY.Resources.User.ingress((resource, data) => store(data, resource.id))
  .egress((resource) => {
    if (resource.id !== undefined) {
      const user = users.get(resource.id);
      if (user === undefined) throw new SCIMMY.Types.Error(404, '', 'no such user');
      return user;
    }
    const all = [...users.values()];
    return resource.filter === undefined ? all : (resource.filter.match(all) as Stored[]);
  })
  .degress((resource) => {
    users.delete(resource.id ?? '');
  });
SCIMMY.Resources.declare(SCIMMY.Resources.User);

const [token = '', size = '0'] = process.argv.slice(2);
for (let n = 0; n < Number(size); n++) store(userBody(keyOf(n)));

const app = express();
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      if (request.header('Authorization') !== `Bearer ${token}`) throw new Error('no such token');
      return 'idp';
    },
  }),
);
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ url: `http://127.0.0.1:${port}`, users: [...users.keys()] });
});
const stop = (): void => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
};
process.on('message', stop);
process.on('disconnect', stop);
