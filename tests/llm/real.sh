#!/bin/sh
# real.sh - judges over a real server that speaks the OpenAI API: `transformers serve` with a tiny model of
# random weights, made here. Nothing is fetched. Not part of make check; from a build folder:
#
#	MEED_REAL_PYTHON=/path/to/python3 .../tests/llm/real.sh
#
# where that Python has torch and transformers[serving]. Skips (77) where it has not.
# A random model says nothing that could be read as a verdict: each sample must end with `parse`.
. "$(dirname "$0")/../cli/lib.sh"

python=${MEED_REAL_PYTHON:-python3}
"$python" -c 'import fastapi, tokenizers, torch, transformers.cli.serving' 2>skipped || {
	echo "$python has no transformers[serving]: skipped; MEED_REAL_PYTHON names one that has"
	exit 77
}
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 CUDA_VISIBLE_DEVICES=
"$python" "$here/tiny_model.py" model >made 2>&1 || {
	cat made
	exit 1
}
PORT=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PORT
"$python" -c 'from transformers.cli.transformers import main; main()' serve --host 127.0.0.1 --port "$PORT" \
	--device cpu >server.log 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
"$python" - "$PORT" <<'END' || exit 1
import socket, sys, time
for _ in range(600):
    try:
        sys.exit(socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close())
    except OSError:
        time.sleep(0.5)
sys.exit("the server does not listen")
END

cat >real.conf <<END
endpoints = {
	whole  = { kind = "openai"; url = "http://127.0.0.1:$PORT/v1"; model = "$work/model"; concurrency = 4;
		   timeout_ms = 600000; price_in = 1.0; price_out = 2.0; };
	events = { kind = "openai"; url = "http://127.0.0.1:$PORT/v1"; model = "$work/model"; concurrency = 4;
		   timeout_ms = 600000; stream = true; };
};
instances = {
	whole  = { model = "judge.pointwise"; endpoint = "whole"; timeout_ms = 900000;
		   params = { reasks = 1; max_tokens = 24; }; };
	events = { model = "judge.pairwise"; endpoint = "events"; timeout_ms = 900000;
		   params = { format = "verdict"; reasks = 0; max_tokens = 24; }; };
};
END
for i in 1 2 3 4 5 6 7 8; do
	echo "{\"prompt\":\"What is $i + $i?\",\"responses\":[\"$((i + i))\",\"no idea\"]}"
done >in.jsonl

# num NAME: of the run's statistics
num()	{ sed 's/.*"llm":{//; s/[}"]//g' sum | tr ',' '\n' | sed -n "s/^$1://p"; }

meed score -c real.conf -m whole --record rec --summary-json sum -o out.jsonl in.jsonl
status_is 65 "a judge that says nothing of use"
claim "each output has the error parse, and says so" test "$(grep -o '"code":"parse"' out.jsonl | wc -l)" -eq 32
claim "no score" lacks out.jsonl '"score":'
claim "each was asked twice, the second time with the complaint" test "$(num requests)" -eq 32
claim "the server counts tokens" test "$(num prompt_tokens)" -gt 10000 -a "$(num completion_tokens)" -gt 32
claim "which have their price" test "$(num money | sed 's/^0*\.0*//; s/\..*//')" -gt 0
cp out.jsonl first.jsonl
meed score -c real.conf -m whole --replay rec -o out.jsonl in.jsonl
claim "a replay ends in the same words" test \
	"$(sed 's/,"cost":{[^}]*}//g' first.jsonl | cksum)" = "$(sed 's/,"cost":{[^}]*}//g' out.jsonl | cksum)"

meed score -c real.conf -m events --summary-json sum -o out.jsonl in.jsonl
status_is 65 "the same as server-sent events, in pairs"
claim "each has an error of a judge's answer" test "$(grep -c '"code":"parse"' out.jsonl)" -eq 8
claim "asked in both orders" test "$(num requests)" -eq 16
claim "nothing went wrong on the way" test "$(num failed)" -eq 0
finish
