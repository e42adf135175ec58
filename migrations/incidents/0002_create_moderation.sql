-- One row: who deletes what is past its time, and when that is due again. A new token each time;
-- whoever holds it and does not renew the lease is taken for dead.
CREATE TABLE incidents.moderation (
	is_only     boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
	token       bigint      NOT NULL,
	lease_until timestamptz NOT NULL,
	due_time    timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO incidents.moderation (token, lease_until, due_time) VALUES (0, 'epoch', 'epoch');
