#!/bin/sh
# test_cli_mistakes.sh - what people get wrong with judges and served reward models: what can be known
# without asking anybody is said by meed check, with file and line, what was written and what would be
# right; what only the upstream knows stands in the result.
. "$(dirname "$0")/lib.sh"

n=0
# wrong WHAT TEXT: wrong.conf is refused, in these words and no others.
wrong()
{
	n=$((n + 1))
	meed check -c wrong.conf
	status_is 78 "$1: refused"
	claim "$1: $2" has err "$2"
	claim "$1: with file and line" has_re err '^wrong\.conf:[0-9]+: '
	claim "$1: said once" has err "meed check: 1 error, 0 warnings in 1 file"
}

# instance MODEL PARAMS: the file of one instance.
instance()
{
	kind=http
	[ "${1#judge}" = "$1" ] || kind=openai
	printf '%s\n' "endpoints = { e = { kind = \"$kind\"; url = \"http://127.0.0.1:1\"; }; };" \
		'instances = {' "  p = { model = \"$1\";" '    params = {' \
		"      $2" '    };' '  };' '};' >wrong.conf
}

# ---- judges

while IFS='|' read -r params text; do
	instance judge.pointwise "$params"
	wrong "judge, $params" "$text"
done <<'X'
contract = "rubrics"; rubrics = ( { text = "a"; }, { txt = "b"; } );|rubrics[1]: unknown key "txt": may be name, text, weight, veto, levels
contract = "rubrics"; rubrics = ( { name = "a"; } );|rubrics[0]: has no text: write "..." or { text = "..."; }
contract = "rubrics"; rubrics = ( { text = "a"; weight = -1.5; } );|rubrics[0]: weight = -1.5: must be above 0
contract = "rubrics"; rubrics = ( { text = "a"; veto = "yes"; } );|rubrics[0]: veto must be true or false
contract = "rubrics"; rubrics = ( { text = "a"; levels = "b"; } );|rubrics[0]: levels must be a list of texts
contract = "rubrics"; rubrics = ( { text = "a"; levels = [ "b" ]; } );|rubrics[0]: levels must be two or more
contract = "rubrics"; rubrics = ( { name = "a"; text = "a"; }, { name = "a"; text = "b"; } );|rubrics[1]: the name "a" is that of rubrics[0] as well
criteria = true; rubrics = ( "a" );|rubrics are written for each prompt with criteria = true
scale = { min = 10; max = 1; };|scale: max = 1 is not above min = 10
template = "{{promt}}{{#answers}}{{text}}{{/answers}}{{contract}}";|template: byte 1: unknown name "promt": may be scenario, description,
template = "{{text}}{{#answers}}{{text}}{{/answers}}{{contract}}";|byte 1: {{text}} is of items alone: write it within {{#
template = "{{answers}}{{contract}}";|byte 1: answers is a list: write {{#answers}} ... {{/answers}}
template = "{{#answers}}{{text}}{{contract}}";|template: {{#answers}} is not closed
system = "By {{rubrics}}.";|system is sent as it stands: {{rubrics}} is for template alone
panel = [ "e", "e" ];|panel[1]: "e" stands twice
examples = ( { prompt = "a"; answer = "b"; verdict = 7; } );|examples[0]: verdict must be a text, as the judge would write it: "7"
examples = ( { prompt = "a"; verdict = "7"; } );|examples[0]: has no answer (or answers)
X
instance judge.pointwise 'template = "{{# answers }}{{ text }}{{/ answers }}{{ id }}";'
meed check -c wrong.conf
status_is 0 "blanks in tags are fine"

# ---- served models

while IFS='|' read -r model params text; do
	instance "remote.$model" "$params"
	wrong "$model, $params" "$text"
done <<'X'
vllm_classify|template = "{{role}}: {{response}}";|{{role}} is of items alone: write it within {{#messages}} ... {{/messages}}
vllm_classify|template = "{{#messages}}{{role}}{{/messages}}";|template shows no response
vllm_classify|template = "server"; bos = true;|with template = "server" the server writes the BOS
vllm_classify|extra = { input = "x"; };|extra: "input" is in each request already
vllm_classify|extra = { model = "x"; };|extra: "model" is in each request already
tei_rerank|extra = { texts = [ "x" ]; };|extra: "texts" is in each request already
nemo_gym|fields = [ "level" ]; extra = { level = 3; };|extra: "level" is in each request already
vllm_classify|names = [ "good", "bad" ]; labels = [ "god" ];|labels: "god" is none of names, nor the place of one
vllm_classify|names = [ "good", "bad" ]; labels = [ "2" ];|labels: "2" is none of names, nor the place of one
vllm_classify|names = [ "good", "good" ]; labels = [ "0" ];|names: "good" stands twice
vllm_classify|weights = [ 0.0, 0.0 ];|weights are all 0: every score would be
X
instance remote.vllm_classify 'template = "{{ response }}"; names = [ "good", "bad" ]; labels = [ "-1", "good" ];
	extra = { truncate_prompt_tokens = 9; };'
meed check -c wrong.conf
status_is 0 "places from the end, blanks in tags and members of one's own are fine"

# ---- endpoints, and who names them

: >empty.pem
printf '%s\n' '-----BEGIN CERTIFICATE-----' x '-----END CERTIFICATE-----' >certificate.pem
while IFS='|' read -r endpoint text; do
	printf '%s\n' 'endpoints = {' '  e = { kind = "openai";' "    $endpoint };" '};' >wrong.conf
	wrong "$endpoint" "$text"
done <<'X'
model = "m";|endpoint "e" has no url: write url = "https://HOST/v1", the part before /chat/completions
url = "http://h/v1/chat/completions";|url of endpoint "e" ends with /chat/completions: leave that out
url = "http://h/v1/embeddings/";|url of endpoint "e" ends with /embeddings: leave that out
url = "http://h:80800/v1";|url of endpoint "e" has a port above 65535
url = "http://h:http/v1";|url of endpoint "e" has a port that is no number
url = "http://h:/v1";|url of endpoint "e" has no port behind the colon
url = "http:///v1";|url of endpoint "e" names no host
url = "http://[::1/v1";|url of endpoint "e" has a [ without its ]
url = "http://h"; proxy = "no proxy";|proxy of endpoint "e" is no URL: write "http://HOST:PORT", or "" for none
url = "https://h"; ca_file = "empty.pem";|ca_file of endpoint "e": empty.pem holds no "-----BEGIN CERTIFICATE-----"
url = "https://h"; ca_file = ".";|ca_file of endpoint "e": .: Is a directory
url = "https://h"; client_cert = "certificate.pem";|client_cert of endpoint "e": certificate.pem holds no "-----BEGIN PRIVATE KEY-----"
url = "https://h"; client_cert = "certificate.pem"; client_key = "certificate.pem";|client_key of endpoint "e": certificate.pem holds no
url = "http://h"; extra = { temperature = 0.5; };|extra of endpoint "e" holds "temperature", which comes from the instance's parameter or
url = "http://h"; extra = { model = "m"; };|extra of endpoint "e" holds "model", which comes from the endpoint's key model
url = "http://h"; http = "3";|unknown http "3" of endpoint "e": may be auto, 1.1, 2, 2-prior-knowledge
url = "http://h"; backoff_ms = 1000; backoff_max_ms = 10;|backoff_max_ms = 10 of endpoint "e" is below its backoff_ms = 1000
url = "http://h"; price_in = -1;|price_in of endpoint "e" = -1: must be from 0 to 1000000
X
for url in "http://[::1]:8000/v1" "https://user:word@host:443" "http://h/"; do
	printf '%s\n' "endpoints = { e = { kind = \"openai\"; url = \"$url\"; ca_file = \"certificate.pem\";" \
		'proxy = "socks5h://u:w@h:1080"; }; };' >wrong.conf
	meed check -c wrong.conf
	status_is 0 "$url is fine"
done

# two A B INSTANCE: endpoints a and b, and an instance.
two()
{
	printf '%s\n' 'endpoints = {' "  a = { $1 };" "  b = { $2 };" '};' 'instances = {' "  p = { $3 };" '};' >wrong.conf
}
a='kind = "openai"; url = "http://a/v1";'
h='kind = "http"; url = "http://h";'
g='kind = "group"; members ='
while IFS='|' read -r one other instance text; do
	eval "two \"$one\" \"$other\" '$instance'"
	wrong "$one $other $instance" "$text"
done <<'X'
$a|$a|model = "judge.pointwise"; params = { panel = [ "a", "bb" ]; };|parameter "panel[1]" = "bb": no such endpoint
$a|$h|model = "judge.pointwise"; params = { panel = [ "a", "b" ]; };|parameter "panel[1]" = "b": that endpoint is of kind http
$a|$h|model = "judge.pointwise"; endpoint = "b";|endpoint "b" of instance "p" is of kind http: model judge.pointwise needs one of kind openai
$h|$g ( { use = \"a\"; } );|model = "judge.pointwise"; endpoint = "b";|endpoint "b" of instance "p": its member "a" is of kind http
$h|$a|model = "embed.similarity"; endpoint = "a";|endpoint "a" of instance "p" is of kind http
$a|$g ( { use = \"a\"; }, { use = \"a\"; } );|model = "judge.pointwise"; endpoint = "a";|member "a" of endpoint "b" stands twice
$a|$g ( { use = \"a\"; weight = 0; } );|model = "judge.pointwise"; endpoint = "a";|weight of member "a" = 0: must be from 1
$a|$g [ \"a\" ];|model = "judge.pointwise"; endpoint = "a";|members of endpoint "b" is an array [ ]: must be a list ( )
$a|$g ();|model = "judge.pointwise"; endpoint = "a";|endpoint "b" has 0 members: must be 1 to 64
X
two "$a" "$a" 'model = "judge.pointwise";'
meed check -c wrong.conf
claim "several endpoints and none by default: warned of" \
	has err 'wrong.conf:6: "p" may ask an endpoint, but there are 2, and none is called default'
two "$a" "$a" 'model = "judge.pointwise"; params = { panel = [ "a", "b" ]; }'
meed check -c wrong.conf
claim "a panel names its own" has err 'all good'
printf '%s\n' "endpoints = { h = { $h }; };" 'instances = { p = { model = "judge.pointwise"; }; };' >wrong.conf
meed check -c wrong.conf
claim "an only endpoint that has no chat: warned of" has err 'endpoint "h" is or holds one of kind http'
instance judge.pointwise 'panel = [ "e" ];'
echo '{"prompt":"p","response":"r"}' >one.jsonl
meed score -q -c wrong.conf -m p --set 'panel=["f"]' one.jsonl
status_is 78 "--set names an endpoint that is not there"
claim "and says which" has err 'no such endpoint'

# replies of a script are read by check as a run reads them
echo '[{"match": "x", "txt": "y"}]' >replies.json
for file in nowhere.json replies.json; do
	printf '%s\n' 'endpoints = {' "  s = { kind = \"script\"; file = \"$file\"; };" '};' >wrong.conf
	wrong "a script of $file" "wrong.conf:2: endpoint \"s\": $file"
done

# the line of the parameter, not of the instance
printf '%s\n' 'instances = {' '  p = {' '    model = "judge.pointwise";' '    params = {' '      votes = 1;' \
	'      debate = true;' '    };' '  };' '};' >wrong.conf
meed check -c wrong.conf
claim "what a model refuses is told with its line" has_re err '^wrong.conf:6: instance "p": debate needs'

# ---- the cache

echo 'no database, by any reading of it' >text
while IFS='|' read -r cache text; do
	printf '%s\n' "llm = {" "  cache = \"$cache\";" "};" >wrong.conf
	wrong "cache = $cache" "$text"
done <<'X'
text|cannot be used as a cache: file is not a database
.|. is a folder: must be a file
nowhere/answers.db|cannot be made: nowhere/: No such file or directory
X
printf '%s\n' 'llm = {' '  budget_money = 1.0;' '};' "endpoints = { a = { $a }; };" >wrong.conf
meed check -c wrong.conf
claim "money without prices is told with its line" has err 'wrong.conf:2: llm.budget_money stops nothing'
printf '%s\n' 'llm = { cache = "new.db"; };' >wrong.conf
meed check -c wrong.conf
status_is 0 "a cache that is not there yet"
claim "is not made by a check" test ! -e new.db

# ---- what only an upstream knows

upstream_up

# ask ENDPOINTS MODEL MORE: what becomes of an answer with the text $does.
ask()
{
	printf '%s\n' "endpoints = { $1 };" "instances = { p = { model = \"$2\"; ${3-} }; };" >run.conf
	jq -nc --arg r "$does" '{prompt: "[[judge]]", response: $r}' >one.jsonl
	meed score -q -c run.conf -m p one.jsonl
}

does='[[points 10]]'
up="up = { kind = \"openai\"; url = \"http://127.0.0.1:$port/v1\"; };"
down='down = { kind = "openai"; url = "http://127.0.0.1:1/v1"; retries = 0; };
	down_too = { kind = "openai"; url = "http://127.0.0.1:1/v2"; retries = 0; };'
ask "$up $down default = { kind = \"group\"; members = ( { use = \"down\"; }, { use = \"down_too\"; priority = 1; },
	{ use = \"up\"; priority = 2; } ); };" judge.pointwise ""
claim "a group falls back from members that have no retries" json out '.output[0].answer.reward.score == 1'
ask "$down default = { kind = \"group\"; members = ( { use = \"down\"; }, { use = \"down_too\"; priority = 1; } ); };" \
	judge.pointwise ""
claim "and fails when all have failed" has out 'endpoint \"down_too\": '
claim "each once" json out '.output[0].answer.reward.details[0].cost.requests == 1'

served="e = { kind = \"http\"; url = \"http://127.0.0.1:$port/vllm\"; retries = 0; };"
while IFS='|' read -r body text; do
	does="[[raw $body[[end]]"
	ask "$served" remote.vllm_classify 'params = { template = "response"; };'
	claim "$body: $text" has out "$text"
	claim "$body: no score" lacks out '"score"'
done <<'X'
{"data":[{"index":0,"probs":[0.5]}],"error":"model not loaded"}|the answer is an error: model not loaded
{"data":[{"index":0,"probs":[0.5]}],"error":{"message":"CUDA out of memory"}}|the answer is an error: CUDA out of memory
{"object":"error","message":"no such model","code":404}|the answer is an error: no such model
X
does='[[raw {"data":[{"index":0,"probs":[0.5]}],"error":null}[[end]]'
ask "$served" remote.vllm_classify 'params = { template = "response"; };'
claim "an error that is null is none" json out '.output[0].answer.reward.score == 0.5'

judge="e = { kind = \"openai\"; url = \"http://127.0.0.1:$port/v1\"; retries = 0; };"
while IFS='|' read -r does text; do
	ask "$judge" judge.pointwise 'params = { description = "'"$does"'"; reasks = 0; };'
	claim "judge, $does: $text" has out "$text"
	claim "judge, $does: no score" lacks out '"score"'
done <<'X'
[[status 401 9]]|answered 401 (it has no key): as you asked
[[status 404 9]]|answered 404 to its url and /chat/completions: as you asked
[[status 400 9]]|answered 400: as you asked
[[html 9]]|the answer is not JSON: byte 1: unexpected \"<\"; it begins: <html>
[[empty 9]]|the answer is empty
[[answer ]]|the answer is empty, or ends within a thought
X
ask "e = { kind = \"openai\"; url = \"https://127.0.0.1:$port/v1\"; retries = 0; };" judge.pointwise
claim "TLS where there is none" has out 'does it speak TLS? Else its url begins with http://'
meed score -q -c run.conf -m p --replay nowhere one.jsonl
status_is 66 "a recording that is not there"
claim "is called so" has err 'cannot read the recording nowhere: No such file or directory'
meed score -q -c run.conf -m p --record nowhere/r one.jsonl
status_is 73 "a recording that cannot be made"
claim "is called so, too" has err 'cannot write the recording nowhere/r: No such file or directory'

claim "many mistakes were made" test "$n" -gt 50
upstream_down
finish
