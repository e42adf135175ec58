-- no transaction
-- What search asks for beside words, as further words of the same index: so that a word that is
-- everywhere costs no more than what is looked at. @ is the era, of 16,384 messages, and @@ the age, of
-- 262,144; ~ who wrote it; # a message of a channel, and of which one; = the two of a private one.
-- Words have none of these.
CREATE OR REPLACE FUNCTION messages.marks(lexemes tsvector, id bigint, channel_id bigint,
	account_id bigint, to_account_id bigint) RETURNS tsvector
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN lexemes || array_to_tsvector(CASE WHEN channel_id IS NULL
		THEN ARRAY['@' || (id >> 14)::text, '@@' || (id >> 18)::text, '~' || account_id::text,
		           '=' || account_id::text, '=' || to_account_id::text]
		ELSE ARRAY['@' || (id >> 14)::text, '@@' || (id >> 18)::text, '~' || account_id::text,
		           '#', '#' || channel_id::text]
		END);
DROP INDEX CONCURRENTLY IF EXISTS messages.messages_marks_idx;
CREATE INDEX CONCURRENTLY messages_marks_idx ON messages.messages
	USING gin (messages.marks(lexemes, id, channel_id, account_id, to_account_id));
DROP INDEX CONCURRENTLY IF EXISTS messages.messages_lexemes_idx;
