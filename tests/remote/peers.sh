#!/bin/sh
# peers.sh BUILDDIR - the plugin remote against real servers, for maintainers.
#
# What is not installed is passed over; 77 if nothing is. Python is $PYTHON, or python3:
#	eval-protocol	the package eval_protocol (pip install eval-protocol)
#	templates	the packages trl and jinja2: the published chat templates
#	open-instruct	$OPEN_INSTRUCT, a checkout, with fastapi, uvicorn and what it imports
#	OpenRLHF	$OPENRLHF_URL, a running openrlhf.cli.serve_rm (/get_reward)
#	vLLM, TEI	$VLLM_URL and $VLLM_MODEL, $TEI_URL: running servers of a model with one score
set -eu
src=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
python=${PYTHON:-python3}
MEED_PLUGIN_PATH=$(echo "$build"/plugins/*/.libs | tr ' ' ':')
export MEED_PLUGIN_PATH
work=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
ran=0
bad=0

# is WHAT GOT WANT
is()
{
	if [ "$2" = "$3" ]; then
		echo "ok - $1: $2"
	else
		echo "not ok - $1: $2, not $3"
		bad=1
	fi
}

# port: one that is free now
port()
{
	"$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# up URL: waits until it answers, 60 s at most
up()
{
	"$python" - "$1" <<'EOP'
import sys, time, urllib.error, urllib.request
for _ in range(600):
    try:
        urllib.request.urlopen(sys.argv[1], timeout=5)
        break
    except urllib.error.HTTPError:
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("no answer from " + sys.argv[1])
EOP
}

# conf URL MODEL KEYS PARAMS
conf()
{
	cat >one.conf <<EOC
endpoints = { e = { kind = "http"; url = "$1"; key = "secret"; retries = 0; }; };
instances = { r = { model = "$2"; endpoint = "e"; $3 params = { $4 }; }; };
EOC
}

# scores ROWS: scores or error messages, on a line
scores()
{
	printf '%s\n' "$1" >rows.jsonl
	"$build/meed" score -q -c one.conf -m r rows.jsonl 2>/dev/null |
		jq -r '.output[].answer.reward | .score // .error.message' | paste -sd'|'
}

if "$python" -c 'import eval_protocol.generic_server, uvicorn' 2>/dev/null; then
	ran=1
	p=$(port)
	PYTHONPATH=$src/tests/remote RK_ENDPOINT_API_KEY=secret \
		"$python" -m eval_protocol.generic_server reward.reward --port "$p" >server.log 2>&1 &
	pids="$pids $!"
	up "http://127.0.0.1:$p/health"
	conf "http://127.0.0.1:$p" remote.eval_protocol "" "kwargs = { strict = true; };"
	is "eval-protocol, right and wrong" \
		"$(scores '{"prompt":"2+2?","responses":["4","five"],"reference":"4"}')" "1|0"
	is "eval-protocol, its reason and metric" "$(jq -c '.output[0].answer.reward.details[0] |
		[.reason, .details[0].name, .details[0].score]' <<-EOJ
		$("$build/meed" score -q -c one.conf -m r rows.jsonl)
		EOJ
		)" '["compared strictly","length",0.1]'
	is "eval-protocol, not valid" "$(scores '{"prompt":"p","response":"unsure"}')" \
		'POST /evaluate: the evaluator says that its score is not valid: cannot tell (endpoint "e")'
	is "eval-protocol, an exception" "$(scores '{"prompt":"p","response":"break"}')" \
		'POST /evaluate: endpoint "e" answered 500: Internal server error during evaluation: broken on demand'
	conf "http://127.0.0.1:$p" remote.eval_protocol "mode = \"stepwise\"; steps = \"last\";" \
		"per_step = \"outputs\";"
	is "eval-protocol, steps" "$(scores '{"input":[{"role":"user","content":"q"}],"output":[{"answer":{"role":"assistant","content":"a"},"steps":[{"role":"assistant","content":"s"},{"role":"assistant","content":"t"}]}]}')" "0.5"
	conf "http://127.0.0.1:$p" remote.eval_protocol "" "path = \"/evaluates\";"
	is "eval-protocol, no such route" "$(scores '{"prompt":"p","response":"a"}')" \
		'POST /evaluates: endpoint "e" answered 404: Not Found'
	conf "http://127.0.0.1:$p" remote.slime "" "path = \"/evaluate\";"
	is "FastAPI's complaint about a body" "$(scores '{"prompt":"p","response":"a"}')" \
		'POST /evaluate: endpoint "e" answered 422: body.messages: Field required'
	sed 's/ key = "secret";//' one.conf >keyless.conf && mv keyless.conf one.conf
	is "eval-protocol, without its key" "$(scores '{"prompt":"p","response":"a"}')" \
		'POST /evaluate: endpoint "e" answered 401 (it has no key): API key required but not provided.'
fi

templates=$("$python" -c 'import importlib.util, jinja2, os
s = importlib.util.find_spec("trl")
print(os.path.join(s.submodule_search_locations[0], "chat_templates"))' 2>/dev/null) || templates=
if [ -d "$templates" ] && [ -x "$build/tests/llm/upstream" ]; then
	ran=1
	cat >talks.jsonl <<'EOR'
{"prompt":[{"role":"user","content":"Hi"}],"response":"Hello there."}
{"prompt":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"response":"Hello."}
{"prompt":[{"role":"system","content":"Be brief."},{"role":"user","content":" Hi \n"},{"role":"assistant","content":"<think>\nwell\n</think>\n\nHello."},{"role":"user","content":"1+1?"}],"response":"<think>\nsum\n</think>\n\n2"}
{"prompt":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello."},{"role":"user","content":"1+1?"}],"response":"  2 \n"}
{"prompt":[{"role":"user","content":"Grüße"}],"response":"<think></think>\n\nJa."}
EOR
	mkfifo stop started
	"$build/tests/llm/upstream" <stop >started &
	exec 3>stop
	read -r p <started
	args=
	for name in qwen qwen3 llama3 llama3.1 gemma; do
		conf "http://127.0.0.1:$p/sglang" remote.sglang_classify "" "template = \"$name\"; bos = true;"
		"$build/meed" score -q -c one.conf -m r --record "$name.rec" talks.jsonl >/dev/null
		args="$args $name=$name.rec"
	done
	exec 3>&-
	# shellcheck disable=SC2086
	"$python" "$src/tests/remote/templates.py" "$templates" $args <talks.jsonl || bad=1
fi

if [ -d "${OPEN_INSTRUCT:-}" ]; then
	ran=1
	p=$(port)
	(cd "$OPEN_INSTRUCT" && exec "$python" -m uvicorn open_instruct.code_utils.api:app --port "$p") \
		>server.log 2>&1 &
	pids="$pids $!"
	up "http://127.0.0.1:$p/health"
	conf "http://127.0.0.1:$p" remote.open_instruct "" ""
	is "open-instruct, two tests of three" "$(scores '{"prompt":"p","response":"So:\n```python\ndef add(a, b):\n    return a + b\n```\n","metadata":{"tests":["assert add(1, 2) == 3","assert add(1, 1) == 3","assert add(0, 0) == 0"]}}' | cut -c1-6)" "0.6666"
fi

if [ -n "${OPENRLHF_URL:-}" ]; then
	ran=1
	conf "$OPENRLHF_URL" remote.openrlhf "mode = \"listwise\";" ""
	scores '{"prompt":"2+2?","responses":["4","five"]}'
fi
if [ -n "${VLLM_URL:-}" ]; then
	ran=1
	conf "$VLLM_URL" remote.vllm_classify "" "model = \"$VLLM_MODEL\"; activation = \"none\";"
	scores '{"prompt":"2+2?","responses":["4","five"]}'
fi
if [ -n "${TEI_URL:-}" ]; then
	ran=1
	conf "$TEI_URL" remote.tei_rerank "mode = \"listwise\";" ""
	scores '{"prompt":"2+2?","responses":["4","five"]}'
fi

[ "$ran" -eq 1 ] || {
	echo "no peer is installed"
	exit 77
}
exit $bad
