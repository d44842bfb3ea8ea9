-- Run once by a superuser inside the new, empty database. Passwords of the two login roles are
-- set by whoever runs this (the trial's supervisor, the tests, or the Compose init script).
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
END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO quietline_owner;
GRANT USAGE ON SCHEMA public TO quietline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE quietline_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO quietline_app;
ALTER DEFAULT PRIVILEGES FOR ROLE quietline_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO quietline_app;
