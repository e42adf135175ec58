# test/bench/history.awk - times, one a line (title, key, history, status, milliseconds), to Markdown.

BEGIN { FS = "\t" }

{
	if (!($1 in key))
		order[++rows] = $1
	key[$1] = $2
	if ($4 != 200)
		bad[$1] = $4
	times[$1, $3] = times[$1, $3] " " $5
}

END {
	printf "| request | median ms, %d messages | median ms, %d messages | ratio | at most |\n", short, long
	print "|---|--:|--:|--:|--:|"
	for (i = 1; i <= rows; i++) {
		t = order[i]
		a = median(times[t, "short"])
		b = median(times[t, "long"])
		if (t in bad)
			printf "| %s | status %s | | | |\n", t, bad[t]
		else
			printf "| %s | %.2f | %.2f | %.2f | %s |\n", t, a, b, b / a, key[t] ? 2 : ""
	}
}
