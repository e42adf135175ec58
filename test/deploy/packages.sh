#!/bin/sh
# The image's packages are those that the executable links: none is missing, none is idle.
# usage: packages.sh CANADUCK
set -eu
dockerfile=$(dirname "$0")/../../Dockerfile

# dpkg knows some files by the names that they had before /lib became /usr/lib.
package_of() {
	path=$(readlink -f "$1")
	found=$(dpkg-query -S "$path" 2>/dev/null || dpkg-query -S "${path#/usr}")
	echo "${found%%:*}"
}

# libc and its like come with the base; the sanitizers are part of builds for tests only.
needed=$(for library in $(objdump -p "$1" | awk '/NEEDED/ {print $2}' |
	grep -Ev '^(lib(c|m|gcc_s|asan|ubsan|tsan)|ld-linux.*)\.so'); do
	package_of "$(ldd "$1" | awk -v name="$library" '$1 == name {print $3}')"
done | sort -u)
stated=$(awk '/^FROM/ {stage++} stage == 2 && /install/ {on = 1; next} /&&/ {on = 0} on' \
	"$dockerfile" | tr -d '\\' | tr -s ' \t' '\n' | grep . | sort -u)
brought=$(dpkg-query -W -f='${Depends}, ' $stated | tr '|,' '\n\n' | awk '{print $1}')

bad=0
for package in $needed; do
	echo "$stated" "$brought" | grep -qw -- "$package" || {
		echo "Dockerfile: the executable needs $package"
		bad=1
	}
done
for package in $stated; do
	echo "$needed" | grep -qx -- "$package" || {
		echo "Dockerfile: the executable does not need $package"
		bad=1
	}
done
exit $bad
