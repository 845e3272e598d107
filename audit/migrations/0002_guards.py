"""Defaults that are the database's, the triggers that keep the ledger, and a clock that tests may shift."""

from django.db import migrations

from audit import guards

UUID7 = """
CREATE OR REPLACE FUNCTION handrail_uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_ledger")]
    operations = [
        migrations.RunSQL(UUID7, "DROP FUNCTION handrail_uuid7()"),
        migrations.RunSQL(
            "ALTER TABLE audit_event ALTER COLUMN event_id SET DEFAULT handrail_uuid7()",
            "ALTER TABLE audit_event ALTER COLUMN event_id DROP DEFAULT",
        ),
        *(migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in guards.ALL),
    ]
