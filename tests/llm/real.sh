#!/bin/sh
# real.sh - judges over real servers that speak the OpenAI API, `transformers serve` and llama.cpp's, with tiny
# models of random weights, made here. Nothing is fetched. Not part of make check; from a build folder:
#
#	MEED_REAL_PYTHON=/path/to/python3 MEED_REAL_LLAMA=/path/to/llama-server .../tests/llm/real.sh
#
# where that Python has torch and transformers[serving], for llama.cpp gguf. What is not there is named as
# skipped; 77 if nothing is.
# A random model says nothing that could be read as a verdict: each sample must end with `parse`.
. "$(dirname "$0")/../cli/lib.sh"

python=${MEED_REAL_PYTHON:-python3}
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 CUDA_VISIBLE_DEVICES=
server=
trap 'stop; rm -rf "$work"' EXIT

# start COMMAND...: that server, with --host and --port; comes back when it is ready
start()
{
	PORT=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	"$@" --host 127.0.0.1 --port "$PORT" >server.log 2>&1 &
	server=$!
	"$python" - "$PORT" <<-'END'
		import sys, time, urllib.error, urllib.request
		for _ in range(600):
		    try:
		        sys.exit(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/health").close())
		    except urllib.error.HTTPError as e:
		        if e.code != 503:
		            sys.exit()
		    except OSError:
		        pass
		    time.sleep(0.5)
		sys.exit("the server is not ready")
	END
}

stop()
{
	[ -z "$server" ] || { kill "$server"; wait "$server"; } 2>/dev/null
	server=
}

for i in 1 2 3 4 5 6 7 8; do
	echo "{\"prompt\":\"What is $i + $i?\",\"responses\":[\"$((i + i))\",\"no idea\"]}"
done >in.jsonl

# num NAME: of the run's statistics
num()	{ sed 's/.*"llm":{//; s/[}"]//g' sum | tr ',' '\n' | sed -n "s/^$1://p"; }

# checks TITLE MODEL: what holds for judges at the server that was started
checks()
{
	cat >real.conf <<-END
	endpoints = {
		whole  = { kind = "openai"; url = "http://127.0.0.1:$PORT/v1"; model = "$2"; concurrency = 4;
			   timeout_ms = 600000; price_in = 1.0; price_out = 2.0; };
		events = { kind = "openai"; url = "http://127.0.0.1:$PORT/v1"; model = "$2"; concurrency = 4;
			   timeout_ms = 600000; stream = true; };
	};
	instances = {
		whole  = { model = "judge.pointwise"; endpoint = "whole"; timeout_ms = 900000;
			   params = { reasks = 1; max_tokens = 24; }; };
		events = { model = "judge.pairwise"; endpoint = "events"; timeout_ms = 900000;
			   params = { format = "verdict"; reasks = 0; max_tokens = 24; }; };
	};
	END

	meed score -c real.conf -m whole --record rec --summary-json sum -o out.jsonl in.jsonl
	status_is 65 "$1: a judge that says nothing of use"
	claim "$1: each output has the error parse, and says so" test "$(grep -o '"code":"parse"' out.jsonl | wc -l)" -eq 32
	claim "$1: no score" lacks out.jsonl '"score":'
	claim "$1: each was asked twice, the second time with the complaint" test "$(num requests)" -eq 32
	claim "$1: the server counts tokens" test "$(num prompt_tokens)" -gt 10000 -a "$(num completion_tokens)" -gt 32
	claim "$1: which have their price" test "$(num money | sed 's/^0*\.0*//; s/\..*//')" -gt 0
	cp out.jsonl first.jsonl
	meed score -c real.conf -m whole --replay rec -o out.jsonl in.jsonl
	claim "$1: a replay ends in the same words" test \
		"$(sed 's/,"cost":{[^}]*}//g' first.jsonl | cksum)" = "$(sed 's/,"cost":{[^}]*}//g' out.jsonl | cksum)"

	meed score -c real.conf -m events --summary-json sum -o out.jsonl in.jsonl
	status_is 65 "$1: the same as server-sent events, in pairs"
	claim "$1: each has an error of a judge's answer" test "$(grep -c '"code":"parse"' out.jsonl)" -eq 8
	claim "$1: asked in both orders" test "$(num requests)" -eq 16
	claim "$1: nothing went wrong on the way" test "$(num failed)" -eq 0
}

ran=0
if "$python" -c 'import fastapi, tokenizers, torch, transformers.cli.serving' 2>skipped; then
	ran=1
	claim "a model for transformers" "$python" "$here/tiny_model.py" model
	start "$python" -c 'from transformers.cli.transformers import main; main()' serve --device cpu
	checks "transformers serve" "$work/model"
	stop
else
	echo "# $python has no transformers[serving]: skipped; MEED_REAL_PYTHON names one that has"
fi
if [ -x "${MEED_REAL_LLAMA:-}" ] && "$python" -c 'import gguf' 2>skipped; then
	ran=1
	claim "a model for llama.cpp" "$python" "$here/tiny_gguf.py" model.gguf
	start "$MEED_REAL_LLAMA" --model model.gguf --ctx-size 65536 --parallel 4
	checks "llama.cpp" model
	claim "llama.cpp: all answers keep to the schema that was sent" \
		test "$(grep -c '"content\\":\\"{ *\\\\\\"id\\\\\\" *:' rec)" -eq 32
	stop
else
	echo "# no MEED_REAL_LLAMA, or $python has no gguf: skipped"
fi
[ $ran -eq 1 ] || exit 77
finish
