"""The backend that `DATABASES` names: Django's own, which asks the circuit before it takes a connection."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from tenancy.postgresql import circuit


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if circuit.is_open():
            raise psycopg.OperationalError("PostgreSQL is away.")
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout:
            circuit.suspect()
            raise
