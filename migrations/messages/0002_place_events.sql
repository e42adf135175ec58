-- Events in the outbox get what their readers need, and positions in a stream.
ALTER TABLE messages.outbox
	ADD COLUMN type      text    NOT NULL,
	ADD COLUMN is_public boolean NOT NULL;

-- One row: who gives positions, and which comes next. Both change together, so that whoever lost
-- the lease gives none. origin tells a database that was put back to an earlier state, which
-- starts a new epoch.
CREATE TABLE messages.stream (
	is_only       boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
	epoch         bigint      NOT NULL CHECK (epoch < 9007199254740992),
	origin        text        NOT NULL,
	next_position bigint      NOT NULL CHECK (next_position < 9007199254740992),
	owner         bigint      NOT NULL,
	lease_until   timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO messages.stream (epoch, origin, next_position, owner, lease_until)
	VALUES (0, '', 1, 0, '-infinity');

-- How far the service has followed the streams of others.
CREATE TABLE messages.bookmarks (
	stream   text   PRIMARY KEY,
	epoch    bigint NOT NULL,
	position bigint NOT NULL
);
