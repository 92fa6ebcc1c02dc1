/**
 * Addresses alone are what people are searched by. The index before this one held the types of addresses and which is primary as well:
 * entries that are the same for everybody, which every new user had to be added to.
 */
export const addresses = {
  name: '0010-addresses',
  sql: `
DROP INDEX bridge.users_emails;
CREATE INDEX users_addresses ON bridge.users USING gin (jsonb_path_query_array(search, '$.emails[*].value') jsonb_path_ops)
  WITH (fastupdate = off);
`,
};
