#!/bin/sh
# servers.sh [NAME...] - requests over real HTTP servers, for maintainers; not part of make check. From a build folder:
#
#	PYTHON=/path/to/python3 .../tests/llm/servers.sh
#
# Each row at the end is a server with the judge of servers/ in it, whose verdict is told by the answer that it is asked
# about: a score says whose verdict came. Every sample must end with its own score and be asked about once, without any
# retry; where the server falls over, with retries. NAME: those rows alone whose names begin so. What is not installed
# is named and passed over. Python's servers are packages of $PYTHON (or python3): aiohttp granian gunicorn hypercorn
# starlette tornado uvicorn[standard] waitress werkzeug; node, go, nginx, haproxy, caddy and lighttpd are looked for on
# the PATH. It takes some minutes.
. "$(dirname "$0")/../cli/lib.sh"
python=${PYTHON:-python3}
PATH=$PATH:/usr/sbin
PYTHONPATH=$here/servers
PYTHONDONTWRITEBYTECODE=1
ASKED=$work/asked
export PYTHONPATH PYTHONDONTWRITEBYTECODE ASKED
only=${1:+$(printf "%s|" "$@")}
ran=0
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT
apps="$python $here/servers/apps.py"

# ports N: so many that are free
ports()
{
	"$python" -c 'import socket, sys
s = [socket.socket() for _ in range(int(sys.argv[1]))]
for x in s:
    x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])' "$1"
}

# up PORT: waits until somebody listens
up()
{
	"$python" - "$1" <<'END'
import socket, sys, time
for i in range(600):
    try:
        sys.exit(socket.create_connection((("127.0.0.1", "::1")[i % 2], int(sys.argv[1]))).close())
    except OSError:
        time.sleep(0.05)
sys.exit("nobody listens at port " + sys.argv[1])
END
}

# have NEED...: programs; py:NAME: modules. Sets missing.
have()
{
	for missing; do
		case $missing in
		py:*)	"$python" -c "import ${missing#py:}" 2>/dev/null || return 1;;
		*)	command -v "$missing" >/dev/null || return 1;;
		esac
	done
}

# wanted NAME: is it among those to try?
wanted()
{
	[ -n "$only" ] || return 0
	rest=$only
	while [ -n "$rest" ]; do
		case $1 in "${rest%%|*}"*) return 0;; esac
		rest=${rest#*|}
	done
	return 1
}

# The samples: points N of 2000. Large ones are of 5 MB, and so are their answers. Bursts have a slow one now and then, for
# which the others wait, their connections at rest: the run's window is not wider than the concurrency.
"$python" - <<'END'
import json
def put(name, n, more):
    with open(name, "w") as f:
        for i in range(1, n + 1):
            f.write(json.dumps({"prompt": "p", "response": "[[points %d]]%s" % (i, more(i))}) + "\n")
put("many", 2000, lambda i: "")
put("bursts", 2000, lambda i: "[[wait 1000]]" if i % 200 == 0 else "")
put("large", 40, lambda i: "[[pad 5000000]]" + "x" * 5000000)
END

# try NAME NEEDS HOST SAMPLES KEYS COMMAND...: the samples by the server that COMMAND starts at $port
try()
{
	name=$1 needs=$2 host=$3 samples=$4 keys=$5
	shift 5
	wanted "$name" || return 0
	# shellcheck disable=SC2086
	have $needs || {
		echo "skipped - $name: there is no ${missing#py:}"
		return 0
	}
	ran=1
	case $host in *:*) url="http://[$host]:$port/v1";; *) url="http://$host:$port/v1";; esac
	cat >conf <<-END
		endpoints = { e = { kind = "openai"; url = "$url"; model = "m"; proxy = ""; ${keys:-$once} }; };
		run = { window = 300; };
		instances = { j = { model = "judge.pointwise"; params = { format = "text"; reasks = 0; scale = { min = 0; max = 2000; }; }; }; };
	END
	: >asked
	"$@" >server.log 2>&1 &
	pids="$pids $!"
	up "$port" || cat server.log
	meed score -q -c conf -m j --summary-json sum -o out.jsonl "$samples"
	jq -r '.output[0].answer.reward | if .score then .score * 2000 | round else .error.message end' out.jsonl >got
	seq "$(wc -l <"$samples")" >want
	claim "$name: $(grep -c . got) answers, each its own" cmp got want
	if ! grep -q 'retries = [1-9]' conf; then
		claim "$name: each asked about once" test "$(sort -n asked | cksum)" = "$(cksum <want)"
	fi
	kill $!
	wait $! 2>/dev/null
}

# Proxies stand before Node at $back. What they are told: few requests a connection, short rests, gzip for who takes it.
proxies()
{
	cat >nginx.conf <<-END
		daemon off; pid nginx.pid; user $(id -un) $(id -gn); error_log stderr; worker_processes 2;
		events { worker_connections 2000; }
		http {
			access_log off; client_max_body_size 0; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
			uwsgi_temp_path t4; scgi_temp_path t5; gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1;
			keepalive_requests 20; keepalive_timeout 1s;
			upstream back { server 127.0.0.1:$back; keepalive 32; }
			server {
				listen 127.0.0.1:$port backlog=1024;
				location / { proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; }
			}
		}
	END
	sed 's/gzip on;/proxy_buffering off; chunked_transfer_encoding off;/' nginx.conf >unbuffered.conf
	cat >haproxy.cfg <<-END
		defaults
			mode http
			timeout connect 5s
			timeout client 60s
			timeout server 60s
			timeout http-keep-alive 1s
		listen judge
			bind 127.0.0.1:$port backlog 1024
			server back 127.0.0.1:$back
	END
	printf '{ "admin": { "disabled": true }, "apps": { "http": { "servers": { "judge": { "listen": ["127.0.0.1:%s"],
		"automatic_https": { "disable": true }, "routes": [ { "handle": [
		{ "handler": "encode", "encodings": { "gzip": {} } },
		{ "handler": "reverse_proxy", "upstreams": [ { "dial": "127.0.0.1:%s" } ] } ] } ] } } } } }' \
		"$port" "$back" >caddy.json
	cat >lighttpd.conf <<-END
		server.document-root = "$work"
		server.bind = "127.0.0.1"
		server.port = $port
		server.modules = ( "mod_proxy" )
		server.max-keep-alive-requests = 7
		proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => $back ) ) )
	END
}

read -r port back <<END
$(ports 2)
END
proxies
have node && {
	node "$here/servers/server.js" 127.0.0.1 "$back" >back.log 2>&1 &
	pids="$pids $!"
	up "$back"
}
have go && GO111MODULE=off go build -o judge "$here/servers/server.go"

once='concurrency = 300; retries = 0;'
fewer='concurrency = 64; retries = 0;'		# waitress takes 100 connections at most
some='concurrency = 8; retries = 0;'
again='concurrency = 300; retries = 20;'
twice='concurrency = 300; retries = 1;'		# those on their way when the first packed answer comes are asked again
packed="$once headers = { Accept-Encoding = \"gzip\"; };"
stream="$once stream = true;"
v4=127.0.0.1
# shellcheck disable=SC2086
{
#   name                              needs          host      samples keys        command
try "http.server 1.0"                 ""             $v4       many    ""          $apps http10 $port
try "http.server 1.0 large"           ""             $v4       large   "$some"     $apps http10 $port
try "http.server 1.1"                 ""             $v4       many    ""          $apps http11 $port
try "http.server 1.1 close"           ""             $v4       many    ""          env CLOSE=1 $apps http11 $port
try "http.server 1.1 close unsaid"    ""             $v4       many    ""          env CLOSE=unsaid $apps http11 $port
try "http.server 1.1 close ends it"   ""             $v4       many    ""          env CLOSE=end $apps http11 $port
try "http.server 1.1 chunks"          ""             $v4       many    ""          env CHUNK=1 $apps http11 $port
try "http.server 1.1 large"           ""             $v4       large   "$some"     $apps http11 $port
try "http.server 1.1 restarts"        ""             $v4       many    "$again"    env DIE_AFTER=700 $apps http11 $port
try "aiohttp"                         py:aiohttp     $v4       many    ""          $apps aiohttp $port
try "aiohttp rests 1 s"               py:aiohttp     $v4       bursts  ""          env IDLE=1 $apps aiohttp $port
try "aiohttp gzip unasked"            py:aiohttp     $v4       many    "$twice"    env GZIP=1 $apps aiohttp $port
try "aiohttp close"                   py:aiohttp     $v4       many    ""          env CLOSE=1 $apps aiohttp $port
try "aiohttp large"                   py:aiohttp     $v4       large   "$some"     $apps aiohttp $port
try "aiohttp restarts"                py:aiohttp     $v4       many    "$again"    env DIE_AFTER=700 $apps aiohttp $port
try "tornado"                         py:tornado     $v4       many    ""          $apps tornado $port
try "tornado rests 1 s"               py:tornado     $v4       bursts  ""          env IDLE=1 $apps tornado $port
try "tornado close"                   py:tornado     $v4       many    ""          env CLOSE=1 $apps tornado $port
try "tornado large"                   py:tornado     $v4       large   "$some"     $apps tornado $port
try "werkzeug"                        py:werkzeug    $v4       many    ""          $apps werkzeug $port
try "werkzeug large"                  py:werkzeug    $v4       large   "$some"     $apps werkzeug $port
w="-m waitress --listen $v4:$port"
try "waitress"                        py:waitress    $v4       many    "$fewer"    $python $w apps:wsgi
try "waitress large"                  py:waitress    $v4       large   "$some"     $python $w apps:wsgi
g="-m gunicorn -w 2 -b $v4:$port"
try "gunicorn sync"                   py:gunicorn    $v4       many    ""          $python $g apps:wsgi
try "gunicorn gthread"                py:gunicorn    $v4       many    ""          $python $g -k gthread --threads 8 apps:wsgi
try "gunicorn gthread large"          py:gunicorn    $v4       large   "$some"     $python $g -k gthread --threads 8 apps:wsgi
u="-m uvicorn --port $port --log-level warning --lifespan off"
try "uvicorn h11"                     py:uvicorn     $v4       many    ""          $python $u --http h11 apps:asgi
try "uvicorn httptools"               py:httptools   $v4       many    ""          $python $u --http httptools apps:asgi
try "uvicorn h11 rests 0 s"           py:uvicorn     $v4       bursts  ""          $python $u --http h11 --timeout-keep-alive 0 apps:asgi
try "uvicorn httptools rests 0 s"     py:httptools   $v4       bursts  ""          $python $u --http httptools --timeout-keep-alive 0 apps:asgi
try "uvicorn close"                   py:httptools   $v4       many    ""          env CLOSE=1 $python $u apps:asgi
try "uvicorn large"                   py:httptools   $v4       large   "$some"     $python $u apps:asgi
try "uvicorn Starlette events"        py:starlette   $v4       many    "$stream"   $python $u apps:events
try "uvicorn h11 Starlette events"    py:starlette   $v4       many    "$stream"   $python $u --http h11 apps:events
h="-m hypercorn -b $v4:$port"
try "hypercorn"                       py:hypercorn   $v4       many    ""          $python $h apps:asgi
try "hypercorn rests 1 s"             py:hypercorn   $v4       bursts  ""          $python $h --keep-alive 1 apps:asgi
try "hypercorn large"                 py:hypercorn   $v4       large   "$some"     $python $h apps:asgi
try "hypercorn Starlette events"      py:hypercorn   $v4       many    "$stream"   $python $h apps:events
try "granian"                         py:granian     $v4       many    ""          $python -m granian --port $port --interface asgi apps:asgi
try "granian large"                   py:granian     $v4       large   "$some"     $python -m granian --port $port --interface asgi apps:asgi
js="node $here/servers/server.js"
try "node"                            node           $v4       many    ""          $js $v4 $port
try "node rests 1 s"                  node           $v4       bursts  ""          env IDLE=1 $js $v4 $port
try "node rests 2 ms"                 node           $v4       many    ""          env IDLE=0.002 $js $v4 $port
try "node close"                      node           $v4       many    ""          env CLOSE=1 $js $v4 $port
try "node large"                      node           $v4       large   "$some"     $js $v4 $port
try "node ::1"                        node           ::1       many    ""          $js ::1 $port
try "node localhost is ::1"           node           localhost many    ""          $js ::1 $port
try "node localhost is 127.0.0.1"     node           localhost many    ""          $js $v4 $port
try "node localhost is both"          node           localhost many    ""          $js :: $port
try "go"                              go             $v4       many    ""          ./judge $port
try "go rests 1 s"                    go             $v4       bursts  ""          env IDLE=1 ./judge $port
try "go rests 2 ms"                   go             $v4       many    ""          env IDLE=0.002 ./judge $port
try "go close"                        go             $v4       many    ""          env CLOSE=1 ./judge $port
try "go large"                        go             $v4       large   "$some"     ./judge $port
try "nginx"                           "nginx node"   $v4       bursts  ""          nginx -p . -c nginx.conf
try "nginx gzip by libcurl"           "nginx node"   $v4       many    "$packed"   nginx -p . -c nginx.conf
try "nginx as it comes, to the end"   "nginx node"   $v4       many    ""          nginx -p . -c unbuffered.conf
try "nginx large"                     "nginx node"   $v4       large   "$some"     nginx -p . -c nginx.conf
try "haproxy"                         "haproxy node" $v4       bursts  ""          haproxy -f haproxy.cfg
try "haproxy large"                   "haproxy node" $v4       large   "$some"     haproxy -f haproxy.cfg
try "caddy"                           "caddy node"   $v4       many    ""          caddy run --config caddy.json
try "caddy large"                     "caddy node"   $v4       large   "$some"     caddy run --config caddy.json
try "lighttpd"                        "lighttpd node" $v4       bursts  ""          lighttpd -D -f lighttpd.conf
try "lighttpd large"                  "lighttpd node" $v4       large   "$some"     lighttpd -D -f lighttpd.conf
}

[ "$ran" -eq 1 ] || {
	echo "no server is installed"
	exit 77
}
finish
