-- Gives each role the password that its service's URL holds: it stands once, in that secret.
\set users `sed -n 's|^[^:]*://[^:@]*:\([^@]*\)@.*|\1|p' /run/secrets/users_db_url`
\set channels `sed -n 's|^[^:]*://[^:@]*:\([^@]*\)@.*|\1|p' /run/secrets/channels_db_url`
\set messages `sed -n 's|^[^:]*://[^:@]*:\([^@]*\)@.*|\1|p' /run/secrets/messages_db_url`
\set stats `sed -n 's|^[^:]*://[^:@]*:\([^@]*\)@.*|\1|p' /run/secrets/stats_db_url`
\set incidents `sed -n 's|^[^:]*://[^:@]*:\([^@]*\)@.*|\1|p' /run/secrets/incidents_db_url`

ALTER ROLE canaduck_users PASSWORD :'users';
ALTER ROLE canaduck_channels PASSWORD :'channels';
ALTER ROLE canaduck_messages PASSWORD :'messages';
ALTER ROLE canaduck_stats PASSWORD :'stats';
ALTER ROLE canaduck_incidents PASSWORD :'incidents';
