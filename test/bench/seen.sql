-- What services/users/seen.c reads. \gset refuses an answer without a row.
SELECT pseudo, (extract(epoch FROM last_seen_time) * 1000000)::int8 AS last_seen
  FROM users.accounts WHERE pseudo = :pseudo \gset
