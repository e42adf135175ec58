-- How many are in a channel stands in its row: counting 100,000 takes longer than all else that is
-- read of it. Whoever comes or goes holds that row already.
ALTER TABLE channels.channels ADD COLUMN members_count bigint NOT NULL DEFAULT 0;
UPDATE channels.channels AS c SET members_count = (
	SELECT count(*) FROM channels.members AS m WHERE m.channel_id = c.id);

CREATE FUNCTION channels.members_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		UPDATE channels.channels AS c SET members_count = c.members_count + n.members
		  FROM (SELECT channel_id, count(*) AS members FROM new_rows GROUP BY 1) AS n
		 WHERE c.id = n.channel_id;
	ELSE
		UPDATE channels.channels AS c SET members_count = c.members_count - o.members
		  FROM (SELECT channel_id, count(*) AS members FROM old_rows GROUP BY 1) AS o
		 WHERE c.id = o.channel_id;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER members_added AFTER INSERT ON channels.members REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION channels.members_moved();
CREATE TRIGGER members_removed AFTER DELETE ON channels.members REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION channels.members_moved();
