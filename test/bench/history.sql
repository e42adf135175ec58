-- A history to measure on: people, channels, and so many messages over a year, into a migrated and
-- empty database. psql -v messages=1000000 -v channels=1000 -v people=2000 -f history.sql URL
--
-- Skewed as real ones are: the first channel has a tenth of the messages, most have few; a few
-- words are in many texts, most in few; some people write much. Message 1 has a thread of 2,000
-- answers (or what there is), one pair of people a conversation of thousands. The word "bonjour"
-- opens one text in ten, "zanzibar" stands in one in 50,000, in the first text at least. Some 100
-- messages of the first channel, and one in 400, are pinned.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET work_mem = '128MB';
SET maintenance_work_mem = '256MB';
SELECT setseed(0.42) \gset

BEGIN;

INSERT INTO users.accounts (pseudo, email, password_hash)
SELECT 'person_' || i, 'person_' || i || '@example.org', '!' FROM generate_series(1, :people) AS i;
INSERT INTO messages.people (account_id, pseudo, deleted, version)
	SELECT id, pseudo, false, version FROM users.accounts;
INSERT INTO channels.people (account_id, pseudo, deleted, version)
	SELECT id, pseudo, false, version FROM users.accounts;
INSERT INTO stats.people (account_id, pseudo, deleted, version)
	SELECT id, pseudo, false, version FROM users.accounts;

-- One in ten is private. Those who own them are in them, and one in twenty of the others.
INSERT INTO channels.channels (name, topic, modes)
SELECT 'channel_' || i, 'about ' || i, CASE WHEN i % 10 = 0 THEN 'npt' ELSE 'nt' END
  FROM generate_series(1, :channels) AS i;
INSERT INTO channels.members (channel_id, account_id, role)
SELECT c, a, CASE WHEN a = 1 + c % :people THEN 'owner' ELSE 'member' END
  FROM generate_series(1, :channels) AS c, generate_series(1, :people) AS a
 WHERE a = 1 + c % :people OR (a + c) % 20 = 0;
INSERT INTO messages.channels (id) SELECT id FROM channels.channels;

-- ---- words ----

CREATE TEMPORARY TABLE words ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY n) AS number, word FROM (
	SELECT word, n FROM unnest(string_to_array(
		'le la de et les des est pas un une je vous que qui dans pour sur avec tout on nous mais '
		'the to of and is in it you that we for are this with not have be on at what when can '
		'route train canard départ arrivée retard voie gare demain matin soir merci salut oui non '
		'quelqu''un message channel server meeting bridge river travel traffic weather ticket late '
		'early station platform question answer problem solution idea coffee lunch weekend team '
		'réunion équipe projet idée café déjeuner semaine élève fenêtre voyage circulation météo '
		'accident travaux bouchon détour autoroute péage vélo marche bateau avion billet horaire',
		' ')) WITH ORDINALITY AS real(word, n)
	UNION ALL
	SELECT s[1 + i % 20] || s[1 + i / 20 % 20] || s[1 + i / 400 % 20] || s[1 + i * 7 % 20], 1000 + i
	  FROM generate_series(1, 8000) AS i,
	       string_to_array('ba co di fé lu ma né po qui ra sé to vi xa zo bri cla tré gno phy', ' ') AS s
) AS both_kinds;

-- ---- who says what, and where ----

CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
SELECT i AS id,
       CASE WHEN i % 20 <> 19 THEN 1 + floor(power(random(), 3) * :channels)::int8 END AS channel_id,
       1 + floor(power(random(), 2) * :people)::int8 AS account_id,
       1 + floor(power(random(), 3) * 500)::int8 AS pair,
       random() AS luck,
       CASE WHEN i % 1000 = 7 THEN 100 WHEN random() < 0.1 THEN 1 + floor(random() * 4)::int4 ELSE 0
        END AS reactions,
       CASE WHEN random() < 0.03 THEN 1 + floor(random() * 2)::int4 ELSE 0 END AS edits
  FROM generate_series(1, :messages) AS i;
UPDATE plan SET channel_id = 1 WHERE id = 1;

INSERT INTO messages.conversations (low_account_id, high_account_id)
SELECT i, 1000 + i FROM generate_series(1, 500) AS i;

-- An answer goes to one of the fifty before it in its channel, or to the first message of all.
CREATE TEMPORARY TABLE answers ON COMMIT DROP AS
WITH numbered AS (
	SELECT id, channel_id, luck, row_number() OVER (PARTITION BY channel_id ORDER BY id) AS k
	  FROM plan WHERE channel_id IS NOT NULL)
SELECT a.id, b.id AS reply_to FROM numbered AS a
  JOIN numbered AS b ON b.channel_id = a.channel_id AND b.k = greatest(1, a.k - 1 - floor(a.luck * 300))
 WHERE a.luck < 0.15 AND a.k > 1
UNION ALL
(SELECT id, 1 FROM plan WHERE channel_id = 1 AND luck >= 0.15 AND id > 1 ORDER BY luck LIMIT 2000);

-- Three to twelve words each, the first of the list often.
ANALYZE plan, answers, words;
CREATE TEMPORARY TABLE texts ON COMMIT DROP AS
SELECT id, string_agg(word, ' ') AS text
  FROM (SELECT id, 1 + floor(power(random(), 4) * (SELECT count(*) FROM words))::int8 AS number
          FROM plan, generate_series(1, 3 + (id % 10)::int4)) AS picked
  JOIN words USING (number)
 GROUP BY id;

-- ---- messages ----

ANALYZE texts;
INSERT INTO messages.messages (channel_id, conversation_id, account_id, to_account_id, text, reply_to,
	pinned, created_time, edited_time, version, reaction_count)
SELECT p.channel_id,
       CASE WHEN p.channel_id IS NULL THEN c.id END,
       CASE WHEN p.channel_id IS NULL THEN CASE WHEN p.luck < 0.5 THEN c.low_account_id ELSE c.high_account_id END
            ELSE p.account_id END,
       CASE WHEN p.channel_id IS NULL THEN CASE WHEN p.luck < 0.5 THEN c.high_account_id ELSE c.low_account_id END END,
       CASE WHEN p.id % 10 = 3 THEN 'bonjour ' ELSE '' END
           || t.text
           || CASE WHEN p.id % 50000 = 1 THEN ' zanzibar' ELSE '' END,
       a.reply_to,
       p.channel_id IS NOT NULL AND (p.id % 400 = 1 OR p.channel_id = 1 AND p.id <= 1000),
       now() - (:messages - p.id) * (interval '365 days' / :messages),
       CASE WHEN p.edits > 0 THEN now() END,
       1 + p.edits + CASE WHEN p.channel_id IS NOT NULL THEN p.reactions ELSE 0 END,
       CASE WHEN p.channel_id IS NOT NULL THEN p.reactions ELSE 0 END
  FROM plan AS p
  JOIN texts AS t ON t.id = p.id
  LEFT JOIN answers AS a ON a.id = p.id
  LEFT JOIN messages.conversations AS c ON c.id = p.pair AND p.channel_id IS NULL
 ORDER BY p.id;

INSERT INTO messages.reactions (message_id, emoji, account_id, created_time)
SELECT p.id, ('{👍,❤,🦆,😂,🚆}'::text[])[1 + k % 5], 1 + (p.id * 7 + k) % :people, now() - k * interval '1 s'
  FROM plan AS p, generate_series(1, p.reactions) AS k WHERE p.channel_id IS NOT NULL;
INSERT INTO messages.edits (message_id, version, text, written_time)
SELECT p.id, k, 'what stood there before', now() - k * interval '1 min'
  FROM plan AS p, generate_series(1, p.edits) AS k;
UPDATE messages.conversations SET last_message_time = now();

COMMIT;
VACUUM (ANALYZE);
