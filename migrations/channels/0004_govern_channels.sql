-- What it takes to govern channels, and to tell others of them.
ALTER TABLE channels.channels
	-- Grows with each change that others are told of.
	ADD COLUMN version bigint NOT NULL DEFAULT 1;

ALTER TABLE channels.members
	-- Since when they are what they are: who has been moderator for longest inherits.
	ADD COLUMN role_time timestamptz NOT NULL DEFAULT clock_timestamp(),
	ALTER COLUMN joined_time SET DEFAULT clock_timestamp();
UPDATE channels.members SET role_time = joined_time;

CREATE INDEX members_moderator_idx ON channels.members (channel_id) WHERE role = 'moderator';
CREATE INDEX members_voice_idx ON channels.members (channel_id) WHERE has_voice;
CREATE INDEX invitations_account_id_idx ON channels.invitations (account_id);
CREATE INDEX bans_account_id_idx ON channels.bans (account_id);
CREATE INDEX channels_public_name_idx ON channels.channels (name) WHERE modes NOT LIKE '%p%';

-- Numbers of channels that are no more, for those who must forget what they keep of them.
CREATE TABLE channels.deleted_channels (
	id      bigint PRIMARY KEY,
	version bigint NOT NULL
);
