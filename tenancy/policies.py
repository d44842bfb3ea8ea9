"""Migration operations that put a table under row-level security.

`FORCE` makes the policy hold for the owner too; referential checks of PostgreSQL bypass it.
"""

from django.db.migrations.operations import RunSQL

CENTER = "NULLIF(current_setting('quietline.center', true), '')::uuid"
PLATFORM = "current_setting('quietline.scope', true) = 'platform'"
INSTALLATION = "'00000000-0000-0000-0000-000000000000'::uuid"


class IsolateByCenter(RunSQL):
    """Show the rows of a table to the scope of their own center alone.

    table     the table's name
    column    the column that holds the center's id
    platform  whether the platform's scope sees every row: for tables that hold no client's words
    shared    whether rows of no center (NULL or INSTALLATION) are seen from everywhere
    """

    def __init__(self, table: str, *, column: str = "center_id", platform: bool = False, shared: bool = False) -> None:
        tests = [f"{column} = {CENTER}"]
        if platform:
            tests.append(PLATFORM)
        if shared:
            tests.append(f"{column} IS NULL OR {column} = {INSTALLATION}")
        condition = " OR ".join(tests)
        super().__init__(
            sql=f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
            f"CREATE POLICY by_center ON {table} USING ({condition}) WITH CHECK ({condition});",
            reverse_sql=f"DROP POLICY by_center ON {table};"
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
        )
        self._arguments = (table, {"column": column, "platform": platform, "shared": shared})

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        table, options = self._arguments
        return (self.__class__.__name__, [table], dict(options))


class AppendOnly(RunSQL):
    """Let the application insert and read rows of a table, and nobody change or remove them.

    The grant holds back the application; the trigger holds back the owner too.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        super().__init__(
            sql=f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM quietline_app;"
            f"CREATE OR REPLACE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'insufficient_privilege';"
            " END $$;"
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();"
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();",
            reverse_sql=f"DROP TRIGGER {table}_append_only ON {table};"
            f"DROP TRIGGER {table}_no_truncate ON {table};"
            f"DROP FUNCTION {table}_is_append_only();"
            f"GRANT UPDATE, DELETE ON {table} TO quietline_app;",
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        return (self.__class__.__name__, [self._table], {})
