#!/bin/sh
# test_attacks.sh - the attacks on the cage: cold and warm, as root and as an unprivileged user.
set -u

attacks=${top_builddir:?}/tests/code/attack_cage
export MEED_ATTACKS="${top_srcdir:?}/tests/code/attacks"
[ -n "${MEED_CAGE:-}" ] || {
	echo "skipped: meed-cage was not built"
	exit 77
}

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
rc=0

run()
{
	"$@"
	r=$?
	[ "$r" -eq 0 ] || [ "$rc" -eq 1 ] || rc=$r
	[ "$r" -eq 0 ] || [ "$r" -eq 77 ] || rc=1
}

run "$attacks"
run "$attacks" --warm
if [ "$(id -u)" -eq 0 ] && [ "$rc" -eq 0 ]
then
	# somebody who may read neither the build nor the sources
	cp -r "$attacks" "$tmp/run"
	cp -r "$MEED_ATTACKS" "$tmp/attacks"
	mkdir "$tmp/.libs"
	cp "$MEED_CAGE" "$tmp/meed-cage"
	cp "$(dirname "$MEED_CAGE")/.libs/meed-warm.so" "$tmp/.libs/"
	chmod -R a+rX "$tmp"
	MEED_ATTACKS=$tmp/attacks MEED_CAGE=$tmp/meed-cage
	run setpriv --reuid 12345 --regid 12345 --clear-groups "$tmp/run"
fi
exit "$rc"
