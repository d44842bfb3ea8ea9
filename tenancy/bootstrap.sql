-- Run once by a superuser inside the new, empty database. Passwords of the three login roles are
-- set by whoever runs this (the trial's supervisor, the tests, or the Compose init script).
-- Where the roles exist already, the owner of a database may run it too.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quietline_owner') THEN
    CREATE ROLE quietline_owner NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quietline_migrator') THEN
    CREATE ROLE quietline_migrator LOGIN IN ROLE quietline_owner;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quietline_app') THEN
    CREATE ROLE quietline_app LOGIN;
  END IF;
  -- A backup sees every row and changes none.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quietline_backup') THEN
    CREATE ROLE quietline_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data;
    ALTER ROLE quietline_backup SET default_transaction_read_only = on;
  END IF;
  -- Increments are read from the server's own log of changes. A copy made by the owner takes none.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quietline_backup' AND rolreplication) THEN
    ALTER ROLE quietline_backup REPLICATION;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper)
     AND NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'quietline_changes') THEN
    CREATE PUBLICATION quietline_changes FOR ALL TABLES;
  END IF;
  -- A drill restores into a database of its own, and drops it.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quietline_migrator' AND rolcreatedb) THEN
    ALTER ROLE quietline_migrator CREATEDB;
  END IF;
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO quietline_owner;
GRANT USAGE ON SCHEMA public TO quietline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE quietline_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO quietline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE quietline_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO quietline_app;
