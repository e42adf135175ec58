-- Routes that people keep for later. A point is an element of each array: latitude, longitude.
CREATE TABLE users.saved_routes (
	account_id   bigint NOT NULL REFERENCES users.accounts ON DELETE CASCADE,
	id           bigint GENERATED ALWAYS AS IDENTITY CHECK (id < 9007199254740992),
	name         text        NOT NULL,
	lats         float8[]    NOT NULL,
	lons         float8[]    NOT NULL,
	-- Told without reading the arrays, which lie apart when they are long.
	n_points     int         NOT NULL GENERATED ALWAYS AS (cardinality(lats)) STORED,
	created_time timestamptz NOT NULL DEFAULT now(),
	updated_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, id),
	CHECK (cardinality(lats) = cardinality(lons)),
	CHECK (cardinality(lats) BETWEEN 1 AND 10000)
);
-- Compressing doubles costs more than it saves.
ALTER TABLE users.saved_routes ALTER COLUMN lats SET STORAGE EXTERNAL,
	ALTER COLUMN lons SET STORAGE EXTERNAL;
