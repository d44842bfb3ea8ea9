"""The two tables of the limit."""

TABLES = """
CREATE TABLE IF NOT EXISTS bench_conversation (id int PRIMARY KEY, sequence int NOT NULL);
CREATE TABLE IF NOT EXISTS bench_text (
    id uuid PRIMARY KEY, conversation int NOT NULL, sequence int NOT NULL, body bytea NOT NULL, sid text UNIQUE
);
INSERT INTO bench_conversation SELECT n, 0 FROM generate_series(0, 999) n ON CONFLICT DO NOTHING;
"""
