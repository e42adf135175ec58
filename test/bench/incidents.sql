-- So many incidents that are there, and a sixth more that went, into a migrated database with one
-- account, and what is asked for. psql -v incidents=1000000 -v told=5000 -f incidents.sql URL, with
-- REQUESTS in the environment: what the files of requests are called, without their ends.
--
-- As people live: a tenth is in the capital, the rest in cities of 1,800, within 1.2 km or so of
-- their centres. However many there are, a city is as dense: there are more of them. The capital is
-- as dense as its share makes it. What is near on the ground is nowhere near in the table.
\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
SET work_mem = '128MB';
SELECT setseed(0.5) \gset

INSERT INTO users.accounts (pseudo, email, password_hash)
	SELECT 'person_' || i, 'person_' || i || '@example.org', '!' FROM generate_series(1, 2000) AS i;
INSERT INTO incidents.people (account_id, pseudo, is_admin, deleted, version)
	SELECT id, pseudo, false, false, version FROM users.accounts;

CREATE TEMP TABLE city AS
	SELECT 0 AS n, 2.35 AS lon, 48.86 AS lat, 5000 AS metres, :incidents / 10 AS incidents
	 UNION ALL
	SELECT n, random() * 360 - 180, degrees(asin(random() * 1.8 - 0.9)), 1200, 1800
	  FROM generate_series(1, :incidents / 2000) AS n;

-- The index of places is built when they are there: that is faster.
SELECT pg_get_indexdef('incidents.incidents_place_idx'::regclass) AS place_index \gset
DROP INDEX incidents.incidents_place_idx;
INSERT INTO incidents.incidents (type_id, account_id, place, created_time, updated_time, deleted_time)
	SELECT type_id, account_id, place, now() - interval '1 day',
	       now() + interval '1 day', -- it stays as long as it is measured
	       deleted_time
	  FROM (SELECT 1 + k % 5 AS type_id, 2 + k % 2000 AS account_id,
	               -- Box and Muller
	               ST_Project(ST_MakePoint(lon, lat)::geography,
	                          metres * sqrt(-2 * ln(1 - random())), 2 * pi() * random()) AS place,
	               CASE WHEN k > incidents THEN now() END AS deleted_time
	          FROM city, generate_series(1, incidents + incidents / 6) AS k) AS made
	 ORDER BY random(); -- another than those, which it would not be in one SELECT
:place_index;

-- Of one in ten, three people said something.
INSERT INTO incidents.interactions (incident_id, account_id, is_still_present, created_time)
	SELECT id, 2 + (account_id + k) % 2000, true, created_time + k * interval '1 hour'
	  FROM incidents.incidents, generate_series(1, 3) AS k WHERE id % 10 = 0;
VACUUM ANALYZE incidents.incidents, incidents.interactions, incidents.people, users.accounts;

-- ---- what is asked for, a request a line ----

-- Around spots within 200 m of the middle of a city, and along 50 km through it, in 500 points.
CREATE TEMP TABLE spot AS
	SELECT k, n, ST_Project(ST_MakePoint(lon, lat)::geography, 200 * random(),
	                        2 * pi() * random()) AS place,
	       2 * pi() * random() AS azimuth
	  FROM generate_series(1, 500) AS k
	  JOIN city ON n = 1 + k % (:incidents / 2000) OR n = 0;
CREATE TEMP TABLE point AS
	SELECT spot.k, i, ST_Project(place, (i - 250) * 100, azimuth)::geometry AS p
	  FROM spot, generate_series(0, 499) AS i WHERE n <> 0;

-- Each confirms another incident: nobody may do so twice an hour.
CREATE TEMP TABLE told AS
	SELECT id, type_id, place, row_number() OVER (ORDER BY random()) AS k
	  FROM incidents.incidents WHERE deleted_time IS NULL;

CREATE TEMP TABLE request AS
	SELECT CASE WHEN n = 0 THEN 'capital' ELSE 'city' END AS kind, k,
	       format('GET /incidents?lat=%s&lon=%s&limit=100&radius=', ST_Y(place::geometry),
	              ST_X(place::geometry)) AS line
	  FROM spot
	 UNION ALL
	SELECT 'along', k,
	       'POST /incidents/along {"route":['
	       || string_agg(format('{"lat":%s,"lon":%s}', round(ST_Y(p)::numeric, 6),
	                            round(ST_X(p)::numeric, 6)), ',' ORDER BY i) || ']}'
	  FROM point GROUP BY k
	 UNION ALL
	SELECT 'report', k,
	       format('POST /incidents {"type_id":%s,"lat":%s,"lon":%s}', type_id,
	              ST_Y(place::geometry), ST_X(place::geometry))
	  FROM told WHERE k <= :told
	 UNION ALL
	SELECT 'interaction', k,
	       format('POST /incidents/interactions {"incident_id":%s,"is_still_present":true}', id)
	  FROM told WHERE k > :told AND k <= 2 * :told;

\copy (SELECT line || 500 FROM request WHERE kind = 'city' ORDER BY k) TO PROGRAM 'cat >"$REQUESTS.near"'
\copy (SELECT line || 40000 FROM request WHERE kind = 'city' ORDER BY k) TO PROGRAM 'cat >"$REQUESTS.far"'
\copy (SELECT line || 40000 FROM request WHERE kind = 'capital' ORDER BY k) TO PROGRAM 'cat >"$REQUESTS.capital"'
\copy (SELECT line FROM request WHERE kind = 'along' ORDER BY k) TO PROGRAM 'cat >"$REQUESTS.along"'
\copy (SELECT line FROM request WHERE kind = 'report' ORDER BY k) TO PROGRAM 'cat >"$REQUESTS.report"'
\copy (SELECT line FROM request WHERE kind = 'interaction' ORDER BY k) TO PROGRAM 'cat >"$REQUESTS.interaction"'
