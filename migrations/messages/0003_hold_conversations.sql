-- Words of a text without accents: letters and digits, anything else parts them. Compatibility
-- decomposition takes letters and their marks apart; what it leaves whole is spelt out.
CREATE FUNCTION messages.words(input text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN regexp_replace(regexp_replace(
		normalize(replace(replace(replace(replace(replace(replace(
			translate(input, 'ØøŁłĐđı', 'OoLlDdi'),
			'œ', 'oe'), 'Œ', 'OE'), 'æ', 'ae'), 'Æ', 'AE'), 'ß', 'ss'), 'ẞ', 'SS'), NFKD),
		'[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g');

-- Stems without lists of stop words: whoever looks for "the" or "pas" finds it.
CREATE TEXT SEARCH DICTIONARY messages.french_stem (TEMPLATE = pg_catalog.snowball, Language = french);
CREATE TEXT SEARCH DICTIONARY messages.english_stem (TEMPLATE = pg_catalog.snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION messages.french (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION messages.french
	ALTER MAPPING REPLACE pg_catalog.french_stem WITH messages.french_stem;
CREATE TEXT SEARCH CONFIGURATION messages.english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION messages.english
	ALTER MAPPING REPLACE pg_catalog.english_stem WITH messages.english_stem;

CREATE FUNCTION messages.to_lexemes(input text) RETURNS tsvector
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN to_tsvector('messages.french', messages.words(input))
	    || to_tsvector('messages.english', messages.words(input));

-- All of the words, each by its French or its English stem; NULL when there is none.
CREATE FUNCTION messages.to_query(input text) RETURNS tsquery
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg('(' || (plainto_tsquery('messages.french', word)
	                               || plainto_tsquery('messages.english', word))::text || ')',
	                          ' & ')::tsquery
	          FROM regexp_split_to_table(messages.words(input), ' ') AS word WHERE word <> '');

-- What two people write to each other; one for each pair of accounts.
CREATE TABLE messages.conversations (
	id                bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY
	                              CHECK (id < 9007199254740992),
	low_account_id    bigint      NOT NULL,
	high_account_id   bigint      NOT NULL CHECK (low_account_id < high_account_id),
	created_time      timestamptz NOT NULL DEFAULT now(),
	last_message_time timestamptz,
	UNIQUE (low_account_id, high_account_id)
);
CREATE INDEX conversations_low_idx ON messages.conversations (low_account_id, last_message_time);
CREATE INDEX conversations_high_idx ON messages.conversations (high_account_id, last_message_time);

-- A message is in a channel, or in a conversation to one of its two.
ALTER TABLE messages.messages
	DROP CONSTRAINT messages_pkey,
	ALTER COLUMN channel_id DROP NOT NULL,
	ADD COLUMN conversation_id bigint REFERENCES messages.conversations,
	ADD COLUMN to_account_id   bigint,
	ADD COLUMN version         bigint  NOT NULL DEFAULT 1,
	ADD COLUMN reaction_count  integer NOT NULL DEFAULT 0,
	ADD COLUMN lexemes tsvector GENERATED ALWAYS AS (messages.to_lexemes(text)) STORED,
	ADD CHECK (num_nonnulls(channel_id, conversation_id) = 1),
	ADD CHECK (num_nonnulls(conversation_id, to_account_id) <> 1);
CREATE INDEX messages_channel_id_idx ON messages.messages (channel_id, id)
	WHERE channel_id IS NOT NULL;
CREATE INDEX messages_conversation_id_idx ON messages.messages (conversation_id, id)
	WHERE conversation_id IS NOT NULL;
CREATE INDEX messages_reply_to_idx ON messages.messages (reply_to, id) WHERE reply_to IS NOT NULL;
CREATE INDEX messages_pinned_idx ON messages.messages (channel_id, id) WHERE pinned;
CREATE INDEX messages_lexemes_idx ON messages.messages USING gin (lexemes);

CREATE TABLE messages.reactions (
	message_id   bigint      NOT NULL REFERENCES messages.messages (id) ON DELETE CASCADE,
	emoji        text        NOT NULL,
	account_id   bigint      NOT NULL,
	created_time timestamptz NOT NULL DEFAULT statement_timestamp(),
	PRIMARY KEY (message_id, emoji, account_id)
);

-- Texts that were changed.
CREATE TABLE messages.edits (
	message_id   bigint      NOT NULL REFERENCES messages.messages (id) ON DELETE CASCADE,
	version      bigint      NOT NULL, -- of the message, before
	text         text        NOT NULL,
	written_time timestamptz NOT NULL,
	PRIMARY KEY (message_id, version)
);

-- Channels that were written to. Writers share the row, so that a deletion waits for those before it
-- and stops those behind.
CREATE TABLE messages.channels (
	id         bigint  PRIMARY KEY,
	is_deleted boolean NOT NULL DEFAULT false
);

-- When somebody wrote to persons in the last minute.
CREATE TABLE messages.throttles (
	account_id  bigint        PRIMARY KEY,
	times       timestamptz[] NOT NULL,
	is_taken    boolean       NOT NULL, -- the last one to try was let through
	expire_time timestamptz   NOT NULL
);
CREATE INDEX throttles_expire_time_idx ON messages.throttles (expire_time);

-- Names are looked up here while users is out of reach.
CREATE INDEX people_pseudo_idx ON messages.people (pseudo) WHERE NOT deleted;
