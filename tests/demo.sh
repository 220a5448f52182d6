#!/bin/sh
# The demo: scores the shipped GSM8K solutions with a weighted composition, and with the mathematics
# where it is built. Prints the summaries, and compares the verdicts with the data's own.
#	tests/demo.sh BUILD_DIR
set -eu
src=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-.}" && pwd)
out=$(mktemp)
trap 'rm -f "$out"' EXIT

MEED_PLUGIN_PATH=$(echo "$build"/plugins/*/.libs | tr ' ' ':')
MEED_MATH_HELPER=$build/plugins/math/meed-math
export MEED_PLUGIN_PATH MEED_MATH_HELPER

# score NAME
score()
{
	echo "meed score -m $1 --map prompt=/question,response=/solution,reference=/answer \\"
	echo "    --summary tests/data/gsm8k_solutions.jsonl.gz -o scored.jsonl"
	echo
	"$build/meed" score --summary -o "$out" -c "$src/conf.d" -m "$1" \
		--map prompt=/question,response=/solution,reference=/answer \
		"$src/tests/data/gsm8k_solutions.jsonl.gz"
	echo
}

# agree NAME: its verdicts in $out against the rows' is_correct; all must be the same
agree()
{
	awk -v name="$1" '
	/"is_correct":(true|false)/ {
		n++
		data = /"is_correct":true/
		if (!match($0, "\"name\":\"" name "\",\"score\":[01],"))
			next
		ours = substr($0, RSTART + RLENGTH - 2, 1) + 0
		agree += data == ours
		right += ours
	}
	END {
		printf "%s finds %d of %d solutions right; it agrees with the data (is_correct) on %d of %d\n",
			name, right, n, agree, n
		exit !(n > 0 && agree == n)
	}' "$out"
}

score gsm8k_demo
agree final_number
[ -e "$build/plugins/math/.libs/math.so" ] || {
	echo "The plugin math is not in this build: its libraries are missing, or --disable-math was said."
	exit 0
}
echo
score math_verify_reward
agree math_verify_reward
