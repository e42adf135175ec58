-- Messages of channels as they are told of, private channels too.
CREATE TABLE stats.messages (
	id           bigint      PRIMARY KEY,
	channel_id   bigint      NOT NULL,
	account_id   bigint      NOT NULL,
	created_time timestamptz NOT NULL,
	reactions    integer     NOT NULL,
	text         text, -- of those with reactions
	version      bigint      NOT NULL
);
CREATE INDEX messages_channel_id_idx ON stats.messages (channel_id);
CREATE INDEX messages_created_time_idx ON stats.messages (created_time);
CREATE INDEX messages_reactions_idx ON stats.messages (reactions DESC, id DESC)
	WHERE reactions > 0;

-- How many of them there are, moved in the transaction that adds or removes one.
CREATE TABLE stats.counts (
	channel_id bigint      NOT NULL,
	account_id bigint      NOT NULL,
	hour       timestamptz NOT NULL,
	messages   bigint      NOT NULL,
	PRIMARY KEY (channel_id, account_id, hour)
);
CREATE INDEX counts_hour_idx ON stats.counts (hour);

-- What channels says of them: whose counts are shown, and by which name.
CREATE TABLE stats.channels (
	id         bigint  PRIMARY KEY,
	name       text    NOT NULL,
	is_private boolean NOT NULL,
	is_deleted boolean NOT NULL,
	version    bigint  NOT NULL
);
-- Those of which rows may be left: they go little by little.
CREATE TABLE stats.leftovers (
	channel_id bigint PRIMARY KEY
);

-- What users says of the accounts named here; a miss is asked for.
CREATE TABLE stats.people (
	account_id bigint  PRIMARY KEY,
	pseudo     text    NOT NULL,
	picture    text,
	deleted    boolean NOT NULL,
	version    bigint  NOT NULL
);

-- How far the service has followed the streams of others.
CREATE TABLE stats.bookmarks (
	stream   text   PRIMARY KEY,
	epoch    bigint NOT NULL,
	position bigint NOT NULL
);

-- Who counts anew from what another service has: one at a time, until the time is up.
CREATE TABLE stats.recounts (
	stream      text        PRIMARY KEY,
	token       bigint      NOT NULL,
	expire_time timestamptz NOT NULL
);

CREATE TABLE stats.outbox (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	position     bigint UNIQUE,
	topic        text        NOT NULL,
	type         text        NOT NULL,
	is_public    boolean     NOT NULL,
	event        bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_unplaced_idx ON stats.outbox (id) WHERE position IS NULL;

-- One row: who gives positions, and which comes next, as in the other schemas.
CREATE TABLE stats.stream (
	is_only       boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
	epoch         bigint      NOT NULL CHECK (epoch < 9007199254740992),
	origin        text        NOT NULL,
	next_position bigint      NOT NULL CHECK (next_position < 9007199254740992),
	owner         bigint      NOT NULL,
	lease_until   timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO stats.stream (epoch, origin, next_position, owner, lease_until)
	VALUES (0, '', 1, 0, '-infinity');
