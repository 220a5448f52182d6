#!/bin/sh
# test_cli_upstream.sh - a judge of 2,000 samples over an upstream that misbehaves, one run for each way
# to do so: every sample ends with the right score or a named error, and limits hold.
#
# Of three samples one is asked without trouble, one has trouble that passes (where it may pass), and one
# has trouble that stays. What a sample's score must be stands in its answer as [[points N]].
#
# With MEED_TEST_WAY=libcurl fewer samples meet the same troubles by way of libcurl, which is what serves TLS,
# proxies and HTTP/2: an address with a dot segment is one that Meed leaves to it.
. "$(dirname "$0")/lib.sh"

case ${MEED_TEST_WAY-} in
libcurl) N=300 base=/./v1 ;;
*) N=2000 base=/v1 ;;
esac
[ -x "$builddir/tests/llm/upstream" ] || {
	echo "no program tests/llm/upstream: run make check"
	exit 99
}

# up ARGS...: an upstream of its own; $PORT. down: ends it; its statistics are then in the file stats.
up()
{
	rm -f hold port stats
	mkfifo hold port
	"$builddir/tests/llm/upstream" --stats stats "$@" <hold >port &
	pid=$!
	exec 9>hold
	read -r PORT <port
	export PORT
}

down()
{
	exec 9>&-
	wait "$pid"
}

# stat NAME: of the upstream's statistics. llm NAME: of the run's.
stat()	{ tr -d '{}"' <stats | tr ',' '\n' | sed -n "s/^$1://p"; }
llm()	{ sed 's/.*"llm":{//; s/[}"]//g' sum | tr ',' '\n' | sed -n "s/^$1://p"; }

# samples PASSING STAYING: the file of samples; the texts have a % in the place of the number.
samples()
{
	awk -v n=$N -v passing="$1" -v staying="$2" 'BEGIN {
		for (i = 0; i < n; i++) {
			t = i % 3 == 1 ? passing : i % 3 == 2 ? staying : ""
			printf "{\"id\":\"s%d\",\"prompt\":\"%s Question %d?\",\"response\":\"[[points %d]]\"}\n",
				i, t, i, i % 10 + 1
		}
	}' >in.jsonl
}

# conf MORE: the file of one endpoint, of which MORE says more.
conf()
{
	cat >u.conf <<END
endpoints = { up = { kind = "openai"; url = "http://127.0.0.1:\${PORT}$base"; model = "m"; concurrency = 300;
	timeout_ms = 20000; retries = 2; backoff_ms = 1; backoff_max_ms = 4; breaker_failures = 1000000;
	max_answer = 65536; ${1-} }; };
instances = { point = { model = "judge.pointwise"; params = { description = "[[judge]]"; reasks = 0; }; ${2-} }; };
END
}

# What became of each sample: "i right", "i CODE" or what should not be, in wrong.
outcomes()
{
	awk '{
		i = NR - 1
		if (!match($0, /"unique_id":"s[0-9]+"/) || substr($0, RSTART + 14, RLENGTH - 15) != i)
			print i, "is not where it should be"
		n = gsub(/"reward":/, "&")
		if (n != 1)
			print i, "has", n, "rewards"
		if (match($0, /"reward":\{"score":[0-9.e-]+/)) {
			x = substr($0, RSTART + 18, RLENGTH - 18)
			d = x - (i % 10) / 9
			print i, (d < 1e-9 && d > -1e-9 ? "right" : "scored " x)
		} else if (match($0, /"reward":\{"valid":false,"error":\{"code":"[a-z]+","message":"[^"]/)) {
			s = substr($0, RSTART + 41)
			print i, substr(s, 1, index(s, "\"") - 1)
		} else {
			print i, "has neither score nor error"
		}
	}' out.jsonl >outcome
}

count()	{ awk -v r="$1" -v k="$2" '$1 % 3 == r && $2 ~ "^(" k ")$" && NF == 2 { n++ } END { print n + 0 }' outcome; }
third()	{ echo $(((N + 2 - $1) / 3)); }

# run TITLE: scores in.jsonl; whatever happens, all samples are there, once, in order.
run()
{
	title=$1
	rm -f out.jsonl sum
	meed score -q -c u.conf -m point --window $N --summary-json sum -o out.jsonl in.jsonl
	outcomes
	claim "$title: every sample is there once, scored right or with a named error" \
		test "$(wc -l <outcome)" -eq $N -a \
		"$(awk 'NF == 2 && $2 ~ /^(right|upstream|timeout|limit|parse)$/' outcome | wc -l)" -eq $N
	claim "$title: without trouble the score is right" test "$(count 0 right)" -eq "$(third 0)"
}

# trouble TITLE PASSING STAYING CODE [MORE]: a run over all of it.
trouble()
{
	conf "${5-}"
	samples "$2" "$3"
	up
	run "$1"
	down
	claim "$1: what passes does no harm" test "$(count 1 right)" -eq "$(third 1)"
	claim "$1: what stays is an error" test "$(count 2 "$4")" -eq "$(third 2)"
	claim "$1: no more at a time than allowed" test "$(stat in_flight_max)" -le 300
	claim "$1: all of them were asked, and nobody knows of other requests" \
		test "$(stat bodies)" -eq $N -a "$(stat requests)" -le "$(llm attempts)"
}

# The temperature is that of the judge, 0, which stands in each request as such.
samples '' ''
conf
up
run "no trouble"
down
claim "no trouble: everyone is asked once" test "$(stat requests)" -eq $N
claim "the cost of all: 7 and 3 tokens each" \
	test "$(llm prompt_tokens)" -eq $((7 * N)) -a "$(llm completion_tokens)" -eq $((3 * N))
claim "and of each" test "$(grep -c '"cost":{"requests":1,"prompt_tokens":7,"completion_tokens":3}' out.jsonl)" -eq $N

trouble "delays"		'[[delay 20]]' '[[delay 40]] [[status 404 99]]' upstream
trouble "500 bursts"		'[[status 500 2]]' '[[status 500 99]]' upstream
trouble "429"			'[[status 429 2]]' '[[status 429 99]]' upstream
trouble "429, Retry-After"	'[[retry-after 429 0 2]]' '[[retry-after 429 0 99]]' upstream
trouble "resets"		'[[reset 2]]' '[[reset 99]]' upstream
trouble "connections closed"	'[[close 2]]' '[[close 99]]' upstream
trouble "truncated bodies"	'[[truncate 2]]' '[[truncate 99]]' upstream
trouble "wrong content types"	'[[plain]]' '[[html 99]]' upstream
trouble "invalid JSON"		'[[badjson 2]]' '[[badjson 99]]' upstream
trouble "invalid UTF-8"		'[[badutf8 2]]' '[[badutf8 99]]' upstream
trouble "empty bodies"		'[[empty 1]]' '[[empty 99]]' upstream
trouble "streams that break off" '[[brokenstream 2]]' '[[brokenstream 99]]' upstream 'stream = true;'
trouble "verdicts that say nothing" '[[stream]]' '[[answer I would rather not say.]]' parse
trouble "100 MB answers"	'' '[[huge 99]]' upstream

# Time-outs: on a busy machine other samples may meet them, too.
slow()
{
	conf 'timeout_ms = 3000; retries = 1; concurrency = 2000;'
	sed -i 's/timeout_ms = 20000; retries = 2;//; s/concurrency = 300;//' u.conf
	samples "[[$2 1]]" "[[$2 99]]"
	up
	rm -f out.jsonl sum
	meed score -q -c u.conf -m point --window $N --summary-json sum -o out.jsonl in.jsonl
	down
	outcomes
	claim "$1: every sample is there once, scored right or with a named error" \
		test "$(awk 'NF == 2 && $2 ~ /^(right|timeout|upstream)$/' outcome | wc -l)" -eq $N
	claim "$1: what stays ends as a time-out" test "$(count 2 'timeout')" -eq "$(third 2)"
	claim "$1: most others are scored" test $(($(count 0 right) + $(count 1 right))) -gt $((N / 3))
}
slow "slow drip" drip
slow "never answering" hang
[ $base = /v1 ] || finish

# Limits a minute. What does not get its turn in time has an error.
samples '' ''
conf 'rpm = 700;' 'timeout_ms = 3000;'
up
rm -f out.jsonl sum
meed score -q -c u.conf -m point --window $N --summary-json sum -o out.jsonl in.jsonl
down
outcomes
claim "700 requests a minute: the upstream saw no more" test "$(stat requests)" -le 700
claim "who got no turn has a time-out, all others their score" \
	test "$(awk 'NF == 2 && $2 == "right"' outcome | wc -l)" -eq "$(stat requests)" -a \
	"$(awk 'NF == 2 && $2 ~ /^(right|timeout)$/' outcome | wc -l)" -eq $N
conf 'tpm = 60000;' 'timeout_ms = 3000;'
samples '[[usage 90 10]]' '[[usage 190 10]]'
up
rm -f out.jsonl sum
meed score -q -c u.conf -m point --window $N --summary-json sum -o out.jsonl in.jsonl
down
outcomes
claim "60,000 tokens a minute: a tenth at once, and what comes back" \
	test "$(stat tokens)" -le $((6000 + $(stat span_ms) + 500))
claim "all others have a time-out" test "$(awk 'NF == 2 && $2 ~ /^(right|timeout)$/' outcome | wc -l)" -eq $N
claim "and some a score" test "$(awk 'NF == 2 && $2 == "right"' outcome | wc -l)" -gt 10

# A budget
conf 'price_in = 1000.0; price_out = 1000.0;'
echo 'llm = { budget_money = 4.995; };' >>u.conf
samples '' ''
up
rm -f out.jsonl sum
meed score -c u.conf -m point --window $N --summary-json sum -o out.jsonl in.jsonl
down
outcomes
claim "a budget of just below 5, at 0.01 each: 500 are asked" test "$(stat requests)" -eq 500
claim "the others have the error limit" test "$(awk '$2 == "limit"' outcome | wc -l)" -eq $((N - 500))
claim "the summary tells" test "$(llm over_budget)" -eq $((N - 500)) -a "$(llm money | cut -c1-5)" = "5" -o "$(llm money | cut -c1-5)" = 4.999
claim "and so does the closing line" has err "the budget is spent: $((N - 500)) not asked"

# What several outputs or compositions share is paid once: the costs in a file add up to the run's.
cat >cost.conf <<END
endpoints = { up = { kind = "openai"; url = "http://127.0.0.1:\${PORT}/v1"; model = "m"; price_in = 1000000.0; }; };
instances = {
	point = { model = "judge.pointwise"; params = { description = "[[judge]]"; }; };
	pair = { model = "judge.pairwise"; params = { description = "[[judge]]"; }; };
	list = { model = "judge.listwise"; params = { description = "[[judge]]"; }; };
};
compositions = {
	some = { combine = "mean"; members = ( { use = "point"; }, { use = "list"; } ); };
	all = { combine = "mean"; members = ( { use = "some"; }, { use = "list"; }, { use = "pair"; } ); };
};
END
awk 'BEGIN { for (i = 0; i < 40; i++) printf "{\"prompt\":\"Q%d\",\"responses\":" \
	"[\"a [[points 9]]\",\"b [[points 3]]\",\"c [[points 5]]\"]}\n", i }' >three.jsonl
# costs KEY: their sum over all results
costs()	{ grep -o "\"cost\":{[^}]*}" out.jsonl | sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" | awk '{ n += $1 } END { print n + 0 }'; }
up
for one in point:3 pair:6 list:1 all:10; do
	meed score -q -c cost.conf -m "${one%:*}" --cache "${one%:*}.db" --summary-json sum -o out.jsonl three.jsonl
	claim "$one requests a sample: costs add up" test "$status" -eq 0 -a \
		"$(costs requests)" -eq $((40 * ${one#*:})) -a "$(costs requests)" -eq "$(llm requests)" -a \
		"$(costs prompt_tokens)" -eq "$(llm prompt_tokens)" -a "$(costs money)" -eq "$(llm prompt_tokens)"
done
meed score -q -c cost.conf -m all --cache all.db --summary-json sum -o out.jsonl three.jsonl
claim "what is known costs nothing, and tells its tokens" test "$(costs cached)" -eq 400 -a \
	"$(costs money)" -eq 0 -a "$(costs prompt_tokens)" -eq 2800 -a "$(llm prompt_tokens)" -eq 0
down

finish
