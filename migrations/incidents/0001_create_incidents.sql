-- PostGIS is an extension that only a superuser may create; where it is there already, this does
-- nothing, whoever runs it. roles.sql creates it.
DO $$
BEGIN
	CREATE EXTENSION IF NOT EXISTS postgis;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
	RAISE EXCEPTION 'PostGIS is missing in database %: % (install PostGIS on the server, and run CREATE EXTENSION postgis there as superuser, or set MIGRATE_DB_URL to one)',
		current_database(), SQLERRM USING ERRCODE = 'feature_not_supported';
END $$;

-- What incidents are, and how long they last: clients tie their icons to these numbers.
CREATE TABLE incidents.types (
	id                   bigint  PRIMARY KEY,
	name                 text    NOT NULL UNIQUE,
	description          text    NOT NULL,
	need_recalculation   boolean NOT NULL,
	unconfirmed_seconds  integer NOT NULL CHECK (unconfirmed_seconds > 0),
	lifetime_seconds     integer NOT NULL CHECK (lifetime_seconds > 0),
	negatives_to_delete  integer NOT NULL CHECK (negatives_to_delete > 0),
	positives_to_certify integer NOT NULL CHECK (positives_to_certify > 0)
);
INSERT INTO incidents.types (id, name, description, unconfirmed_seconds, lifetime_seconds,
                             negatives_to_delete, positives_to_certify, need_recalculation) VALUES
	(1, 'Accident', 'Accident de la circulation', 3600, 21600, 10, 5, false),
	(2, 'Route Fermée', 'Route fermée à la circulation', 86400, 172800, 5, 10, true),
	(3, 'Embouteillage', 'Circulation dense ou à l''arrêt', 1800, 7200, 5, 10, true),
	(4, 'Contrôle de Police', 'Contrôle de police ou de gendarmerie', 57600, 172800, 10, 5, false),
	(5, 'Obstacles', 'Obstacle sur la chaussée', 3600, 21600, 10, 5, false);

-- Those that are gone stay, for the history of who reported them.
CREATE TABLE incidents.incidents (
	id             bigint                 GENERATED ALWAYS AS IDENTITY PRIMARY KEY
	                                      CHECK (id < 9007199254740992),
	type_id        bigint                 NOT NULL REFERENCES incidents.types,
	account_id     bigint                 NOT NULL,
	place          geography(Point, 4326) NOT NULL,
	created_time   timestamptz            NOT NULL DEFAULT statement_timestamp(),
	updated_time   timestamptz            NOT NULL DEFAULT statement_timestamp(), -- or the last interaction
	certified_time timestamptz,
	deleted_time   timestamptz
);
CREATE INDEX incidents_place_idx ON incidents.incidents USING gist (place)
	WHERE deleted_time IS NULL;
CREATE INDEX incidents_updated_time_idx ON incidents.incidents (type_id, updated_time)
	WHERE deleted_time IS NULL;
CREATE INDEX incidents_created_time_idx ON incidents.incidents (type_id, created_time)
	WHERE deleted_time IS NULL;
CREATE INDEX incidents_history_idx ON incidents.incidents (account_id, deleted_time, id)
	WHERE deleted_time IS NOT NULL;

-- Whether people found an incident still there. Whoever adds one holds the incident's row, so that
-- numbers grow in the order in which it was said.
CREATE TABLE incidents.interactions (
	id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY
	                             CHECK (id < 9007199254740992),
	incident_id      bigint      NOT NULL REFERENCES incidents.incidents,
	account_id       bigint      NOT NULL,
	is_still_present boolean     NOT NULL,
	created_time     timestamptz NOT NULL DEFAULT statement_timestamp()
);
CREATE INDEX interactions_incident_id_idx ON incidents.interactions
	(incident_id, is_still_present, id);
CREATE INDEX interactions_account_id_idx ON incidents.interactions (incident_id, account_id, id);

-- When somebody last reported what was not known; held while they report.
CREATE TABLE incidents.reporters (
	account_id    bigint      PRIMARY KEY,
	reported_time timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Cubes of space that were reported in; those near a place are held while it is looked whether
-- something is known there.
CREATE TABLE incidents.cells (
	id bigint PRIMARY KEY
) WITH (fillfactor = 50);

-- What users says of the accounts named here; a miss is asked for.
CREATE TABLE incidents.people (
	account_id bigint  PRIMARY KEY,
	pseudo     text    NOT NULL,
	picture    text,
	is_admin   boolean NOT NULL,
	deleted    boolean NOT NULL,
	version    bigint  NOT NULL
);

-- How far the service has followed the streams of others.
CREATE TABLE incidents.bookmarks (
	stream   text   PRIMARY KEY,
	epoch    bigint NOT NULL,
	position bigint NOT NULL
);

CREATE TABLE incidents.outbox (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	position     bigint UNIQUE,
	topic        text        NOT NULL,
	type         text        NOT NULL,
	is_public    boolean     NOT NULL,
	event        bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_unplaced_idx ON incidents.outbox (id) WHERE position IS NULL;

-- One row: who gives positions, and which comes next, as in the other schemas.
CREATE TABLE incidents.stream (
	is_only       boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
	epoch         bigint      NOT NULL CHECK (epoch < 9007199254740992),
	origin        text        NOT NULL,
	next_position bigint      NOT NULL CHECK (next_position < 9007199254740992),
	owner         bigint      NOT NULL,
	lease_until   timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO incidents.stream (epoch, origin, next_position, owner, lease_until)
	VALUES (0, '', 1, 0, '-infinity');
