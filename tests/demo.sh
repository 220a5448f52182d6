#!/bin/sh
# The demo: scores the shipped GSM8K solutions with a weighted composition, prints the summary, and
# compares the main member's verdicts with the data's own.
#	tests/demo.sh BUILD_DIR
set -eu
src=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-.}" && pwd)
data=$src/tests/data/gsm8k_solutions.jsonl.gz
out=$(mktemp)
trap 'rm -f "$out"' EXIT

MEED_PLUGIN_PATH=$(echo "$build"/plugins/*/.libs | tr ' ' ':')
export MEED_PLUGIN_PATH
set -- -c "$src/conf.d" -m gsm8k_demo \
	--map prompt=/question,response=/solution,reference=/answer "$data"

echo "meed score -m gsm8k_demo --map prompt=/question,response=/solution,reference=/answer \\"
echo "    --summary tests/data/gsm8k_solutions.jsonl.gz -o scored.jsonl"
echo
"$build/meed" score --summary -o "$out" "$@"
echo
awk '
/"is_correct":(true|false)/ {
	n++
	data = /"is_correct":true/
	if (!match($0, /"name":"final_number","score":[01],/))
		next
	ours = substr($0, RSTART + RLENGTH - 2, 1) + 0
	agree += data == ours
	right += ours
}
END {
	printf "final_number finds %d of %d solutions right; it agrees with the data (is_correct) on %d of %d\n",
		right, n, agree, n
	exit !(n > 0 && agree == n)
}' "$out"
