# test/bench/report.awk - figures, one a line (what, connections, process, rate, CPU), to Markdown.

# Median, lowest and highest of a list of words.
function summary(list, format,   v, n, i, j, x, middle) {
	n = split(list, v, " ")
	for (i = 2; i <= n; i++) {
		x = v[i] + 0
		for (j = i - 1; j > 0 && v[j] + 0 > x; j--)
			v[j + 1] = v[j]
		v[j + 1] = x
	}
	middle = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
	return sprintf(format " [" format "-" format "]", middle, v[1], v[n])
}

# Round by round, since what slows a round down slows both.
function ratios(before, after,   was, now, n, i, list) {
	n = split(before, was, " ")
	split(after, now, " ")
	for (i = 1; i <= n; i++)
		list = list " " (was[i] > 0 ? now[i] / was[i] : 1)
	return list
}

BEGIN { FS = "\t" }

{
	key = $1 " | " $2 " | " $3
	if (!(key in cpu))
		order[++rows] = key
	rate[key] = rate[key] " " $4
	cpu[key] = cpu[key] " " $5
}

END {
	print "| what | connections | process | CPU µs a request | requests a second |"
	print "|---|--:|---|--:|--:|"
	for (i = 1; i <= rows; i++)
		printf "| %s | %s | %s |\n", order[i], summary(cpu[order[i]], "%.1f"),
			summary(rate[order[i]], "%.0f")
	for (i = 1; i <= rows; i++) {
		after = order[i]
		if (!sub(/^before: /, "", after))
			continue
		sub(/before$/, "canaduck", after)
		if (!compared++)
			print "\n| what | connections | process | CPU, after / before |\n|---|--:|---|--:|"
		printf "| %s | %s |\n", after, summary(ratios(cpu[order[i]], cpu[after]), "%.2f")
	}
}
