#!/bin/sh
# test_cli_judges.sh - each judge of the gallery runs from end to end, on a recording of its requests.
. "$(dirname "$0")/lib.sh"

judges=$top_srcdir/tests/judge
gzip -dc "$judges/gallery.replay.gz" >replay

# scores ARGS...: the two scores of the sample, on a line
scores()
{
	meed score -q -c "$top_srcdir/conf.d" -c "$judges/judge.conf" --replay replay "$@" "$judges/samples.jsonl"
	status_is 0 "score $*"
	grep -o '"reward":{"score":[0-9.]*' out | sed 's/.*://' | LC_ALL=C awk '{ printf "%.9g ", $1 }' >got
}

meed check -c "$top_srcdir/conf.d"
status_is 0 "the configuration is good without any endpoint"
claim "and says so in one line" test "$(wc -l <err)" -eq 2
meed check -c "$top_srcdir/conf.d" -c "$judges/judge.conf"
status_is 0 "and with one"
claim "nothing to warn of" has err 'all good'

n=0
for name in $(sed -n 's/^  \([A-Za-z_]*\) = {$/\1/p' "$top_srcdir"/conf.d/gallery-*.conf); do
	n=$((n + 1))
	scores -m "$name"
	case $name in
	qwen_multimodal_ranking)	want="1 0 " ;;
	qwen_*)				want="0.9 0.3 " ;;
	*)				want="0.888888889 0.222222222 " ;;
	esac
	claim "$name prefers the good answer, by as much as its judge said" \
		test "$(cat got)" = "$want"
	meed info -c "$top_srcdir/conf.d" "$name"
	claim "meed info shows what $name looks out for" has out "failure_modes"
done
claim "there are 27 of them" test "$n" -eq 27

scores -m base_honesty_pointwise --set contract=violations
claim "the reference's scoring of one answer: 1 - violated / rubrics" test "$(cat got)" = "1 0.75 "
scores -m math_listwise_reward --set contract=best
claim "the reference's scoring of many: 1 for the best" test "$(cat got)" = "1 0 "

sed 's/3000 m/4000 m/' "$judges/samples.jsonl" >other.jsonl
meed score -q -c "$top_srcdir/conf.d" -c "$judges/judge.conf" --replay replay -m CARMO other.jsonl
claim "what was not recorded is an error, and no score" test "$status" -ne 0
claim "of that sample" lacks out '"score"'
finish
