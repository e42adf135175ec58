# test/bench/summary.awk - what reports say of lists of figures.

# The words of a list as numbers, from the lowest on; how many they are.
function ordered(list, out,   n, i, j, x) {
	n = split(list, out, " ")
	for (i = 1; i <= n; i++) {
		x = out[i] + 0
		for (j = i - 1; j > 0 && out[j] > x; j--)
			out[j + 1] = out[j]
		out[j + 1] = x
	}
	return n
}

function median(list,   v, n) {
	n = ordered(list, v)
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

# Median, lowest and highest.
function summary(list, format,   v, n) {
	n = ordered(list, v)
	return sprintf(format " [" format "-" format "]", median(list), v[1], v[n])
}

# Round by round, since what slows a round down slows both.
function ratios(before, after,   was, now, n, i, list) {
	n = split(before, was, " ")
	split(after, now, " ")
	for (i = 1; i <= n; i++)
		list = list " " (was[i] > 0 ? now[i] / was[i] : 1)
	return list
}
