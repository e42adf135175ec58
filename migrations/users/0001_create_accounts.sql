-- Accounts, their roles and sessions; and what every service keeps: outbox and idempotency keys.
CREATE TABLE users.accounts (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 9007199254740992),
	pseudo          text        NOT NULL,
	email           text        NOT NULL,
	password_hash   text        NOT NULL,
	profile_picture text,
	status          text        NOT NULL DEFAULT 'online',
	version         bigint      NOT NULL DEFAULT 1,
	created_time    timestamptz NOT NULL DEFAULT now(),
	updated_time    timestamptz NOT NULL DEFAULT now(),
	last_seen_time  timestamptz NOT NULL DEFAULT now(),
	CHECK (pseudo ~ '^[a-z0-9_.-]{3,32}$' AND pseudo NOT IN ('me', 'deleted'))
);
CREATE UNIQUE INDEX accounts_pseudo_key ON users.accounts (pseudo);
CREATE UNIQUE INDEX accounts_email_key ON users.accounts (lower(email));

CREATE TABLE users.roles (
	account_id bigint NOT NULL REFERENCES users.accounts ON DELETE CASCADE,
	role       text   NOT NULL CHECK (role ~ '^[a-z0-9_-]{1,32}$'),
	PRIMARY KEY (account_id, role)
);
-- The last administrator stays: who takes the role locks these rows first.
CREATE INDEX roles_admin_idx ON users.roles (account_id) WHERE role = 'admin';

CREATE TABLE users.sessions (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 9007199254740992),
	account_id     bigint      NOT NULL REFERENCES users.accounts ON DELETE CASCADE,
	refresh_hash   bytea       NOT NULL,
	user_agent     text        NOT NULL,
	address        text        NOT NULL,
	created_time   timestamptz NOT NULL DEFAULT now(),
	last_used_time timestamptz NOT NULL DEFAULT now(),
	expire_time    timestamptz NOT NULL
);
CREATE UNIQUE INDEX sessions_refresh_hash_key ON users.sessions (refresh_hash);
CREATE INDEX sessions_account_id_idx ON users.sessions (account_id);

CREATE TABLE users.outbox (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	position     bigint UNIQUE,
	topic        text        NOT NULL,
	event        bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_unplaced_idx ON users.outbox (id) WHERE position IS NULL;

CREATE TABLE users.idempotency_keys (
	account_id   bigint      NOT NULL,
	key          text        NOT NULL,
	method       text        NOT NULL,
	request_hash bytea       NOT NULL,
	response     bytea       NOT NULL,
	created_time timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created_time_idx ON users.idempotency_keys (created_time);
