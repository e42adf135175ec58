-- Sums of what is counted in public channels: what is asked of all times costs as little after a
-- million messages as after ten thousand.
CREATE TABLE stats.channel_totals (
	channel_id bigint PRIMARY KEY,
	messages   bigint NOT NULL
);
CREATE INDEX channel_totals_messages_idx ON stats.channel_totals (messages DESC, channel_id)
	WHERE messages > 0;

CREATE TABLE stats.account_totals (
	account_id bigint PRIMARY KEY,
	messages   bigint NOT NULL
);
CREATE INDEX account_totals_messages_idx ON stats.account_totals (messages DESC, account_id)
	WHERE messages > 0;

CREATE TABLE stats.hour_totals (
	hour     timestamptz PRIMARY KEY,
	messages bigint      NOT NULL
);
CREATE INDEX hour_totals_shown_idx ON stats.hour_totals (hour DESC) WHERE messages > 0;

-- Which channels are shown, and what is counted in them, change in transactions that know nothing
-- of each other: whoever changes either holds this row first, so that totals are moved by one at a
-- time, who sees what those before did.
CREATE TABLE stats.totals_lock (
	is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only)
);
INSERT INTO stats.totals_lock DEFAULT VALUES;

CREATE FUNCTION stats.hold_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM stats.totals_lock FOR UPDATE;
	RETURN NULL;
END $$;

-- NULL: nothing moved.
CREATE FUNCTION stats.move_totals(moved stats.counts[]) RETURNS void LANGUAGE sql AS $$
	WITH moves AS MATERIALIZED (
		SELECT * FROM unnest(moved)
	), of_channels AS (
		INSERT INTO stats.channel_totals AS t (channel_id, messages)
		SELECT channel_id, sum(messages) FROM moves GROUP BY 1
		ON CONFLICT (channel_id) DO UPDATE SET messages = t.messages + excluded.messages
	), of_accounts AS (
		INSERT INTO stats.account_totals AS t (account_id, messages)
		SELECT account_id, sum(messages) FROM moves GROUP BY 1
		ON CONFLICT (account_id) DO UPDATE SET messages = t.messages + excluded.messages
	)
	INSERT INTO stats.hour_totals AS t (hour, messages)
	SELECT hour, sum(messages) FROM moves GROUP BY 1
	ON CONFLICT (hour) DO UPDATE SET messages = t.messages + excluded.messages
$$;

-- Counts of channels that are shown.
CREATE FUNCTION stats.count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	moved stats.counts[];
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT array_agg((n.channel_id, n.account_id, n.hour, n.messages)::stats.counts) INTO moved
		  FROM new_rows AS n JOIN stats.channels AS c
		    ON c.id = n.channel_id AND NOT c.is_private AND NOT c.is_deleted;
	ELSIF TG_OP = 'DELETE' THEN
		SELECT array_agg((o.channel_id, o.account_id, o.hour, -o.messages)::stats.counts) INTO moved
		  FROM old_rows AS o JOIN stats.channels AS c
		    ON c.id = o.channel_id AND NOT c.is_private AND NOT c.is_deleted;
	ELSE
		SELECT array_agg((n.channel_id, n.account_id, n.hour, n.messages)::stats.counts) INTO moved
		  FROM (SELECT channel_id, account_id, hour, messages FROM new_rows
		        UNION ALL
		        SELECT channel_id, account_id, hour, -messages FROM old_rows) AS n
		  JOIN stats.channels AS c
		    ON c.id = n.channel_id AND NOT c.is_private AND NOT c.is_deleted;
	END IF;
	PERFORM stats.move_totals(moved) WHERE moved IS NOT NULL;
	RETURN NULL;
END $$;

CREATE TRIGGER hold_totals BEFORE INSERT OR UPDATE OR DELETE ON stats.counts
	FOR EACH STATEMENT EXECUTE FUNCTION stats.hold_totals();
CREATE TRIGGER count_added AFTER INSERT ON stats.counts REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION stats.count_moved();
CREATE TRIGGER count_removed AFTER DELETE ON stats.counts REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION stats.count_moved();
CREATE TRIGGER count_changed AFTER UPDATE ON stats.counts
	REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION stats.count_moved();

-- All that is counted in channels that turned private or public, came or went.
CREATE FUNCTION stats.channel_turned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	moved stats.counts[];
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT array_agg((k.channel_id, k.account_id, k.hour, k.messages)::stats.counts) INTO moved
		  FROM stats.counts AS k JOIN new_rows AS n ON n.id = k.channel_id
		 WHERE NOT n.is_private AND NOT n.is_deleted;
	ELSIF TG_OP = 'DELETE' THEN
		SELECT array_agg((k.channel_id, k.account_id, k.hour, -k.messages)::stats.counts) INTO moved
		  FROM stats.counts AS k JOIN old_rows AS o ON o.id = k.channel_id
		 WHERE NOT o.is_private AND NOT o.is_deleted;
	ELSE
		SELECT array_agg((k.channel_id, k.account_id, k.hour,
		                  CASE WHEN n.is_private OR n.is_deleted THEN -k.messages ELSE k.messages
		                   END)::stats.counts) INTO moved
		  FROM stats.counts AS k JOIN new_rows AS n ON n.id = k.channel_id
		  JOIN old_rows AS o ON o.id = n.id
		 WHERE (n.is_private OR n.is_deleted) <> (o.is_private OR o.is_deleted);
	END IF;
	PERFORM stats.move_totals(moved) WHERE moved IS NOT NULL;
	RETURN NULL;
END $$;

CREATE TRIGGER hold_totals BEFORE INSERT OR UPDATE OR DELETE ON stats.channels
	FOR EACH STATEMENT EXECUTE FUNCTION stats.hold_totals();
CREATE TRIGGER channel_added AFTER INSERT ON stats.channels REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION stats.channel_turned();
CREATE TRIGGER channel_removed AFTER DELETE ON stats.channels REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION stats.channel_turned();
CREATE TRIGGER channel_changed AFTER UPDATE ON stats.channels
	REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION stats.channel_turned();

INSERT INTO stats.channel_totals (channel_id, messages)
SELECT k.channel_id, sum(k.messages) FROM stats.counts AS k JOIN stats.channels AS c
    ON c.id = k.channel_id AND NOT c.is_private AND NOT c.is_deleted GROUP BY 1;
INSERT INTO stats.account_totals (account_id, messages)
SELECT k.account_id, sum(k.messages) FROM stats.counts AS k JOIN stats.channels AS c
    ON c.id = k.channel_id AND NOT c.is_private AND NOT c.is_deleted GROUP BY 1;
INSERT INTO stats.hour_totals (hour, messages)
SELECT k.hour, sum(k.messages) FROM stats.counts AS k JOIN stats.channels AS c
    ON c.id = k.channel_id AND NOT c.is_private AND NOT c.is_deleted GROUP BY 1;

-- The most reacted of a period.
CREATE INDEX messages_reacted_time_idx ON stats.messages (created_time) WHERE reactions > 0;
