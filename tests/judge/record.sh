#!/bin/sh
# record.sh BUILDDIR - makes gallery.replay.gz anew, after a change of the gallery or of the prompts.
set -eu
src=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
MEED_PLUGIN_PATH=$(echo "$build"/plugins/*/.libs | tr ' ' ':')
export MEED_PLUGIN_PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/in"
"$build/tests/llm/upstream" --port 8951 <"$work/in" >"$work/port" &
exec 3>"$work/in"
while [ ! -s "$work/port" ]; do :; done

score()
{
	"$build/meed" score -q -c "$src/conf.d" -c "$src/tests/judge/judge.conf" --record "$work/one" "$@" \
		"$src/tests/judge/samples.jsonl" >"$work/out"
	cat "$work/one" >>"$work/all"
	rm "$work/one"
}

for name in $(sed -n 's/^  \([A-Za-z_]*\) = {$/\1/p' "$src"/conf.d/gallery-*.conf); do
	score -m "$name"
done
score -m base_honesty_pointwise --set contract=violations
score -m math_listwise_reward --set contract=best
gzip -9n <"$work/all" >"$src/tests/judge/gallery.replay.gz"
exec 3>&-
wait
