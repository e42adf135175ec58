-- Channels and who is in them, by account id; the names of accounts in people.
CREATE TABLE channels.channels (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 9007199254740992),
	name         text        NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,50}$'),
	topic        text        NOT NULL DEFAULT '',
	-- Letters of the modes that are on, sorted; p is "private".
	modes        text        NOT NULL DEFAULT 'nt' CHECK (modes ~ '^m?n?p?r?t?$'),
	created_time timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX channels_name_key ON channels.channels (name);

CREATE TABLE channels.members (
	channel_id  bigint      NOT NULL REFERENCES channels.channels ON DELETE CASCADE,
	account_id  bigint      NOT NULL,
	role        text        NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'moderator', 'member')),
	has_voice   boolean     NOT NULL DEFAULT false,
	joined_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (channel_id, account_id)
);
CREATE UNIQUE INDEX members_owner_key ON channels.members (channel_id) WHERE role = 'owner';
CREATE INDEX members_account_id_idx ON channels.members (account_id);

CREATE TABLE channels.invitations (
	channel_id   bigint      NOT NULL REFERENCES channels.channels ON DELETE CASCADE,
	account_id   bigint      NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (channel_id, account_id)
);

CREATE TABLE channels.bans (
	channel_id   bigint      NOT NULL REFERENCES channels.channels ON DELETE CASCADE,
	account_id   bigint      NOT NULL,
	reason       text        NOT NULL DEFAULT '',
	created_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (channel_id, account_id)
);

-- What users says of the accounts named here; a miss is asked for.
CREATE TABLE channels.people (
	account_id bigint  PRIMARY KEY,
	pseudo     text    NOT NULL,
	picture    text,
	deleted    boolean NOT NULL,
	version    bigint  NOT NULL
);

CREATE TABLE channels.outbox (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	position     bigint UNIQUE,
	topic        text        NOT NULL,
	event        bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_unplaced_idx ON channels.outbox (id) WHERE position IS NULL;

CREATE TABLE channels.idempotency_keys (
	account_id   bigint      NOT NULL,
	key          text        NOT NULL,
	method       text        NOT NULL,
	request_hash bytea       NOT NULL,
	response     bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created_time_idx ON channels.idempotency_keys (created_time);
