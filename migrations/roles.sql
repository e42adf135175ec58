-- One role a service, which owns the schema of the same name and nothing else; may run again.
-- ./dev and compose.yaml run it as superuser, before the first migration.

-- For incidents: only a superuser may create it, and anybody may use it.
CREATE EXTENSION IF NOT EXISTS postgis;

DO $$
DECLARE
	service text;
	role    text;
BEGIN
	FOREACH service IN ARRAY ARRAY['users', 'channels', 'messages', 'stats', 'incidents'] LOOP
		role := 'canaduck_' || service;
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
			EXECUTE format('CREATE ROLE %I LOGIN', role);
		END IF;
		EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, role);
	END LOOP;
END $$;
