-- The edge takes access tokens without asking. What it must not believe of them any more stands here
-- until the last token that it is about is over.
CREATE TABLE users.revocations (
	account_id      bigint      NOT NULL, -- may be gone
	session_id      bigint      NOT NULL, -- 0: about the account as a whole
	ended_below     bigint      NOT NULL DEFAULT 0,
	kept_session_id bigint      NOT NULL DEFAULT 0,
	roles           text[]      NOT NULL DEFAULT '{}',
	roles_version   bigint      NOT NULL DEFAULT 0,
	expire_time     timestamptz NOT NULL,
	PRIMARY KEY (account_id, session_id)
);
CREATE INDEX revocations_expire_time_idx ON users.revocations (expire_time);

-- When the last access token of a session is over. The release before does not say: the default is
-- the longest life that a token can be given.
ALTER TABLE users.sessions
	ADD COLUMN access_expire_time timestamptz NOT NULL DEFAULT now() + interval '7 days';
CREATE INDEX sessions_expire_time_idx ON users.sessions (expire_time);

-- What was tried too often: when, by a hash of who tried what.
CREATE TABLE users.throttles (
	key         bytea         PRIMARY KEY,
	times       timestamptz[] NOT NULL,
	is_taken    boolean       NOT NULL, -- the last one to try was let through
	expire_time timestamptz   NOT NULL
);
CREATE INDEX throttles_expire_time_idx ON users.throttles (expire_time);
