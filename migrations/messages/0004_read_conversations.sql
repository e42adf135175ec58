-- How far each of the two has read, how many messages to it wait, and the last message: in the row
-- that who writes and who reads both change.
ALTER TABLE messages.conversations
	ADD COLUMN last_message_id   bigint,
	ADD COLUMN low_read_id       bigint NOT NULL DEFAULT 0, -- last message read by low_account_id
	ADD COLUMN high_read_id      bigint NOT NULL DEFAULT 0,
	ADD COLUMN low_unread_count  bigint NOT NULL DEFAULT 0 CHECK (low_unread_count >= 0),
	ADD COLUMN high_unread_count bigint NOT NULL DEFAULT 0 CHECK (high_unread_count >= 0);

UPDATE messages.conversations AS c
   SET last_message_id = m.last_id, low_unread_count = m.to_low, high_unread_count = m.to_high
  FROM (SELECT conversation_id, max(id) AS last_id,
               count(*) FILTER (WHERE to_account_id < account_id) AS to_low,
               count(*) FILTER (WHERE to_account_id > account_id) AS to_high
          FROM messages.messages WHERE conversation_id IS NOT NULL GROUP BY conversation_id) AS m
 WHERE m.conversation_id = c.id;

-- Latest first; where nothing was written yet, it counts when it was made.
DROP INDEX messages.conversations_low_idx, messages.conversations_high_idx;
CREATE INDEX conversations_low_idx ON messages.conversations
	(low_account_id, coalesce(last_message_time, created_time), id);
CREATE INDEX conversations_high_idx ON messages.conversations
	(high_account_id, coalesce(last_message_time, created_time), id);

-- When somebody read: all messages to it up to that one, from the one of the row before.
CREATE TABLE messages.reads (
	conversation_id bigint      NOT NULL REFERENCES messages.conversations,
	account_id      bigint      NOT NULL, -- who read
	last_message_id bigint      NOT NULL,
	read_time       timestamptz NOT NULL DEFAULT statement_timestamp(),
	PRIMARY KEY (conversation_id, account_id, last_message_id)
);

-- What all conversations of one person have. Whoever writes holds the rows of both from before the
-- message has its number until the end: so each of them sees numbers in ascending order.
CREATE TABLE messages.mailboxes (
	account_id bigint PRIMARY KEY
);
CREATE INDEX messages_sent_idx ON messages.messages (account_id, id)
	WHERE conversation_id IS NOT NULL;
CREATE INDEX messages_received_idx ON messages.messages (to_account_id, id)
	WHERE conversation_id IS NOT NULL;
