-- Messages of channels, by channel id and account id; the names of accounts in people.
CREATE TABLE messages.messages (
	id           bigint GENERATED ALWAYS AS IDENTITY CHECK (id < 9007199254740992),
	channel_id   bigint      NOT NULL,
	account_id   bigint      NOT NULL,
	text         text        NOT NULL,
	reply_to     bigint,
	pinned       boolean     NOT NULL DEFAULT false,
	created_time timestamptz NOT NULL DEFAULT now(),
	edited_time  timestamptz,
	PRIMARY KEY (channel_id, id)
);
CREATE UNIQUE INDEX messages_id_key ON messages.messages (id);

-- What users says of the accounts named here; a miss is asked for.
CREATE TABLE messages.people (
	account_id bigint  PRIMARY KEY,
	pseudo     text    NOT NULL,
	picture    text,
	deleted    boolean NOT NULL,
	version    bigint  NOT NULL
);

CREATE TABLE messages.outbox (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	position     bigint UNIQUE,
	topic        text        NOT NULL,
	event        bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_unplaced_idx ON messages.outbox (id) WHERE position IS NULL;

CREATE TABLE messages.idempotency_keys (
	account_id   bigint      NOT NULL,
	key          text        NOT NULL,
	method       text        NOT NULL,
	request_hash bytea       NOT NULL,
	response     bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created_time_idx ON messages.idempotency_keys (created_time);
