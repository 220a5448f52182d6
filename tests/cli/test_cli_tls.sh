#!/bin/sh
# test_cli_tls.sh - endpoints over TLS, over HTTP/2 and behind proxies: who is believed and who is not; limits
# hold when requests share a connection. nghttpx speaks TLS and HTTP/2 in front of the test server; the
# certificates are made here.
. "$(dirname "$0")/lib.sh"

[ -x "$builddir/tests/llm/upstream" ] || {
	echo "no program tests/llm/upstream: run make check"
	exit 99
}
PATH=$PATH:/usr/sbin
for tool in openssl nghttpx; do
	command -v $tool >which 2>&1 || {
		echo "no $tool: skipped (Debian packages openssl, nghttp2-proxy)"
		exit 77
	}
done
unset http_proxy https_proxy no_proxy HTTPS_PROXY NO_PROXY ALL_PROXY all_proxy

# ---- certificates ----

# ca NAME: an authority. cert NAME CA DAYS ALTNAME: a certificate that it signs.
ca()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" \
		-days 2 -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE >openssl.log 2>&1
}
cert()
{
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" \
		-subj "/CN=$1" >openssl.log 2>&1
	echo "subjectAltName=$4" >"$1.ext"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "$5" -days "$3" \
		-extfile "$1.ext" -out "$1.pem" >openssl.log 2>&1
}
ca authority
ca stranger
cert good authority 2 IP:127.0.0.1 11
cert elsewhere authority 2 DNS:elsewhere.example 12
cert unknown stranger 2 IP:127.0.0.1 13
cert client authority 2 DNS:client.example 14
# Of a past time: openssl x509 takes no dates before version 3.2, openssl ca does.
cert old authority 2 IP:127.0.0.1 15
mkdir -p oldca
: >oldca/index
echo 15 >oldca/serial
cat >oldca/conf <<'END'
[ca]
default_ca = d
[d]
dir = oldca
database = oldca/index
serial = oldca/serial
new_certs_dir = oldca
default_md = sha256
policy = p
[p]
commonName = supplied
END
openssl ca -batch -config oldca/conf -cert authority.pem -keyfile authority.key -in old.csr -extfile old.ext \
	-startdate 20200101000000Z -enddate 20210101000000Z -out old.pem -notext >openssl.log 2>&1

# ---- servers ----

# A free port: nothing is told what nghttpx took for 0.
free_port()
{
	rm -f hold2 port2
	mkfifo hold2 port2
	"$builddir/tests/llm/upstream" <hold2 >port2 &
	probe=$!
	exec 8>hold2
	read -r free <port2
	exec 8>&-
	wait $probe
	echo "$free"
}

up()
{
	rm -f hold port stats
	mkfifo hold port
	"$builddir/tests/llm/upstream" --stats stats "$@" <hold >port &
	pid=$!
	exec 9>hold
	read -r PORT <port
}

down()
{
	exec 9>&-
	wait "$pid"
}

# front CERT ARGS...: TLS on $TLS in front of the upstream.
front()
{
	name=$1
	shift
	TLS=$(free_port)
	nghttpx --single-process --workers=1 -f"127.0.0.1,$TLS" -b"127.0.0.1,$PORT" --backend-connections-per-host=10000 \
		--frontend-http2-max-concurrent-streams=1000 --accesslog-file=access --errorlog-file=front.log \
		--accesslog-format='$alpn $status $remote_port' "$@" "$name.key" "$name.pem" >front.out 2>&1 &
	front=$!
	export TLS
	# It answers as soon as it listens.
	n=0
	until meed_probe || [ $n -ge 200 ]; do
		n=$((n + 1))
	done
}
meed_probe()	{ openssl s_client -connect "127.0.0.1:$TLS" </dev/null 2>&1 | grep -q '^CONNECTED'; }

back()
{
	kill "$front"
	wait "$front" 2>/dev/null
}

stat()	{ tr -d '{}"' <stats | tr ',' '\n' | sed -n "s/^$1://p"; }

awk 'BEGIN { for (i = 0; i < 300; i++)
	printf "{\"prompt\":\"Question %d?\",\"response\":\"[[points %d]]\"}\n", i, i % 10 + 1 }' >in.jsonl
head -n 3 in.jsonl >few.jsonl

# score FILE KEYS: with an endpoint that has these keys.
score()
{
	cat >u.conf <<END
endpoints = { up = { kind = "openai"; model = "m"; retries = 0; timeout_ms = 20000; $2 }; };
instances = { point = { model = "judge.pointwise"; params = { description = "[[judge]]"; reasks = 0; }; }; };
END
	meed score -c u.conf -m point -o out.jsonl "$1"
}
scored()	{ grep -c '"reward":{"score":' out.jsonl; }
refused()
{
	claim "$1: no score" test "$(scored)" -eq 0 -a "$(grep -c '"code":"upstream"' out.jsonl)" -eq 3
	claim "$1: says why" grep -q -i "$2" err
}

# ---- who is believed ----

up
front good
url="url = \"https://127.0.0.1:$TLS/v1\";"
score few.jsonl "$url ca_file = \"authority.pem\";"
claim "a certificate of an authority that is named" test "$(scored)" -eq 3
score few.jsonl "$url"
refused "an authority that nobody knows" 'certificate'
score few.jsonl "$url ca_file = \"stranger.pem\";"
refused "another authority" 'certificate'
score few.jsonl "$url insecure = true;"
claim "insecure believes all" test "$(scored)" -eq 3
claim "and is not silent about it" has err 'u.conf:1: endpoint "up" is insecure'
score few.jsonl "$url ca_file = \"none.pem\";"
claim "a ca_file that is not there is an error of the configuration" test "$status" -eq 78
claim "which names it" has err 'none.pem: No such file'
score few.jsonl "url = \"http://127.0.0.1:$TLS/v1\";"
claim "plain HTTP to a port for TLS: no score" test "$(scored)" -eq 0
back
for one in elsewhere:'subject' unknown:'certificate' old:'expired'; do
	front "${one%%:*}"
	score few.jsonl "url = \"https://127.0.0.1:$TLS/v1\"; ca_file = \"authority.pem\";"
	refused "the certificate ${one%%:*}" "${one#*:}"
	back
done
front good --verify-client --verify-client-cacert=authority.pem
url="url = \"https://127.0.0.1:$TLS/v1\"; ca_file = \"authority.pem\";"
score few.jsonl "$url"
claim "who wants a client's certificate and gets none: no score" test "$(scored)" -eq 0
score few.jsonl "$url client_cert = \"client.pem\"; client_key = \"client.key\";"
claim "and gets one" test "$(scored)" -eq 3
score few.jsonl "$url client_key = \"client.key\";"
claim "a key without a certificate is an error of the configuration" test "$status" -eq 78
back
down

# ---- HTTP/2 ----

for http in auto 1.1; do
	up --delay-ms 5
	rm -f access
	front good
	score in.jsonl "url = \"https://127.0.0.1:$TLS/v1\"; ca_file = \"authority.pem\"; concurrency = 20; http = \"$http\";"
	back
	down
	claim "http = \"$http\": all are scored" test "$(scored)" -eq 300
	claim "http = \"$http\": no more than 20 at a time" test "$(stat in_flight_max)" -le 20
	want=http/1.1
	if [ $http = auto ]; then
		want=h2
	fi
	claim "http = \"$http\": $want it was" test "$(grep -c "^$want 200" access)" -eq 300
	conns=$(cut -d' ' -f3 access | sort -u | wc -l)
	case $http in
	auto)	claim "they share a connection" test "$conns" -eq 1 ;;
	*)	claim "each at a time has its own connection" test "$conns" -gt 1 -a "$conns" -le 20 ;;
	esac
done

# ---- proxies ----

# The test server takes requests for other hosts as a proxy does.
up
far='url = "http://far.example:81/v1";'
score few.jsonl "$far proxy = \"http://127.0.0.1:$PORT\";"
claim "through the endpoint's proxy" test "$(scored)" -eq 3
http_proxy=http://127.0.0.1:$PORT score few.jsonl "$far"
claim "through http_proxy" test "$(scored)" -eq 3
http_proxy=http://127.0.0.1:1 score few.jsonl "url = \"http://127.0.0.1:$PORT/v1\"; no_proxy = \"127.0.0.1\";"
claim "past http_proxy, to a host that no_proxy names" test "$(scored)" -eq 3
http_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 score few.jsonl "url = \"http://127.0.0.1:$PORT/v1\";"
claim "the same by the environment" test "$(scored)" -eq 3
http_proxy=http://127.0.0.1:1 score few.jsonl "url = \"http://127.0.0.1:$PORT/v1\"; proxy = \"\";"
claim "proxy = \"\" is none" test "$(scored)" -eq 3
http_proxy=http://127.0.0.1:1 score few.jsonl "url = \"http://127.0.0.1:$PORT/v1\";"
claim "a proxy that is down: no score" test "$(scored)" -eq 0
score few.jsonl "url = \"https://far.example/v1\"; proxy = \"http://127.0.0.1:$PORT\";"
refused "a proxy that makes no tunnels" 'CONNECT'
down

finish
