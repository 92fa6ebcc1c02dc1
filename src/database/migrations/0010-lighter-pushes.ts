/** What every new user cost the database, and nobody needed. */
export const lighterPushes = {
  name: '0010-lighter-pushes',
  sql: `
-- Addresses alone are what people are searched by. The types of addresses, and which is primary, are the same for everybody.
DROP INDEX bridge.users_emails;
CREATE INDEX users_addresses ON bridge.users USING gin (jsonb_path_query_array(search, '$.emails[*].value') jsonb_path_ops)
  WITH (fastupdate = off);

-- A foreign key locks the row it points to: one row for all that a connection pushes, by every transaction at once. Nobody
-- deletes connections; a trigger on their side keeps it so.
ALTER TABLE bridge.users DROP CONSTRAINT users_connection_id_fkey;
ALTER TABLE bridge.targets DROP CONSTRAINT targets_connection_id_fkey;
CREATE FUNCTION bridge.keep_connection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM bridge.targets t WHERE t.connection_id = OLD.id) THEN
    RAISE EXCEPTION 'connection % has targets', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_connection BEFORE DELETE OR UPDATE OF id ON bridge.connections
  FOR EACH ROW EXECUTE FUNCTION bridge.keep_connection();
`,
};
