/* upstream.c - an OpenAI-compatible server for tests, on the loopback alone, that misbehaves on
 * demand.
 *
 *	upstream [--delay-ms N] [--port N] [--stats FILE]
 *
 * prints its port on a line and serves until its standard input ends; then it writes to FILE what
 * GET /stats answers. What is in [[...]] in a
 * request's body says how that request is answered; several may stand behind each other:
 *
 *	[[delay MS]]		wait first
 *	[[status CODE TIMES]]	that status the first TIMES times that this body comes
 *	[[retry-after CODE SECONDS TIMES]] the same with the header
 *	[[retry-date CODE SECONDS TIMES]] the same, the header being a date
 *	[[limits SECONDS]]	answers, and says that no request is left for so long
 *(x-ratelimit-*)
 *	[[reset TIMES]] [[close TIMES]]	no answer: the connection is reset, or closed
 *	[[truncate TIMES]]	half of the body, then close
 *	[[drip TIMES]]		a byte now and then, for ever
 *	[[hang TIMES]]		nothing, for ever
 *	[[html TIMES]] [[badjson TIMES]] [[badutf8 TIMES]] [[empty TIMES]] instead of the body
 *	[[huge TIMES]]		100 MB of it
 *	[[plain]]		the right body as text/plain
 *	[[usage IN OUT]]	so many tokens; else 7 and 3
 *	[[noformat]]		status 400 as long as the body has response_format
 *	[[stream]]		server-sent events
 *	[[brokenstream TIMES]]	such a stream without its end
 *	[[answer TEXT]]		the content of the answer; else "ok"
 *	[[judge]]		a verdict in the form that the request asks for (judge.c)
 *
 * GET /stats answers with {"requests", "bodies", "in_flight_max", "minute_max", "second_max",
 *"tokens", "tokens_minute_max", "early", "span_ms"}: how many came, how many different ones, were
 *being answered at a time, and came in the busiest minute and second; tokens in all and those of
 *the busiest minute's requests; how many came before the time to which a header had put them off;
 *and the time from the first to the last. A request in the form for proxies is answered like any
 *other; there are no tunnels. POST /v1/embeddings answers in its shape, /vllm/classify and its like
 *in those of reward servers (rewards.c). */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/llm/judge.h"
#include "tests/llm/rewards.h"

enum {
	FIRST = 4096,
	SEEN = 1 << 21,
	TIMES_MAX = 1 << 20,
	TURN = 32 /* events, and timers, that are worked off before the others have a look-in */
};

struct conn {
	struct conn *next;		/* of those that are closed */
	int fd;
	char *in;
	size_t n_in, cap_in;
	char *out;
	size_t n_out, at_out, cap_out;
	uint64_t due;			/* answer then; 0: not waiting */
	size_t heap_at;
	bool close_after, dripping, writing, busy, closed;
	size_t nth; /* request: its place in g.times */
	uint64_t huge_left;
};

static struct {
	int epoll;
	struct conn **heap;
	size_t n_heap, cap_heap;
	struct {
		uint64_t hash;	/* of a body; 0: free */
		uint32_t times; /* that it came */
	} * seen;
	uint64_t requests, in_flight, in_flight_max;
	uint64_t *times, n_times, minute_max, second_max, minute_at, second_at;
	uint32_t *tokens; /* of the requests in times */
	uint64_t bodies, early, not_before;
	const char *stats_file;
	uint64_t delay_ms;
	bool ordered; /* the body that is looked at has some [[...]] */
	struct conn *dead;
} g;

static uint64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void *must(void *p)
{
	if (!p) {
		perror("upstream");
		exit(1);
	}
	return p;
}

/* ---- timers ---- */

static void place(size_t i, struct conn *c)
{
	g.heap[i] = c;
	c->heap_at = i + 1;
}

static void sift(size_t i)
{
	struct conn *c = g.heap[i];

	while (i && c->due < g.heap[(i - 1) / 2]->due) {
		place(i, g.heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t k = 2 * i + 1;

		if (k + 1 < g.n_heap && g.heap[k + 1]->due < g.heap[k]->due)
			k++;
		if (k >= g.n_heap || g.heap[k]->due >= c->due)
			break;
		place(i, g.heap[k]);
		i = k;
	}
	place(i, c);
}

static void timer_off(struct conn *c)
{
	size_t i;
	struct conn *last;

	if (!c->heap_at)
		return;
	i = c->heap_at - 1;
	c->heap_at = 0;
	last = g.heap[--g.n_heap];
	if (last == c)
		return;
	place(i, last);
	sift(i);
}

static void timer_on(struct conn *c, uint64_t due)
{
	timer_off(c);
	c->due = due;
	if (g.n_heap == g.cap_heap) {
		g.cap_heap = g.cap_heap ? 2 * g.cap_heap : 1024;
		g.heap = must(realloc(g.heap, g.cap_heap * sizeof(*g.heap)));
	}
	place(g.n_heap++, c);
	sift(g.n_heap - 1);
}

/* ---- connections ---- */

static void answered(struct conn *c)
{
	if (c->busy)
		g.in_flight--;
	c->busy = false;
}

static void conn_close(struct conn *c, bool reset)
{
	struct linger l = { 1, 0 };

	if (c->closed)
		return;
	if (reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	timer_off(c);
	answered(c);
	(void)close(c->fd);
	c->closed = true;
	c->next = g.dead;
	g.dead = c;
}

static void put(struct conn *c, const void *p, size_t n)
{
	if (c->n_out + n > c->cap_out) {
		c->cap_out = 2 * (c->n_out + n);
		c->out = must(realloc(c->out, c->cap_out));
	}
	memcpy(c->out + c->n_out, p, n);
	c->n_out += n;
}

static void watch(struct conn *c, bool writing)
{
	struct epoll_event ev = { .events = EPOLLIN | (writing ? EPOLLOUT : 0u), .data.ptr = c };

	if (c->writing != writing)
		(void)epoll_ctl(g.epoll, EPOLL_CTL_MOD, c->fd, &ev);
	c->writing = writing;
}

static void flush(struct conn *c)
{
	static const char filler[65536] = { ' ' };

	while (!c->closed) {
		ssize_t n;

		if (c->at_out < c->n_out) {
			n = send(c->fd, c->out + c->at_out, c->n_out - c->at_out, MSG_NOSIGNAL);
			c->at_out += n > 0 ? (size_t)n : 0;
		} else if (c->huge_left) {
			n = send(c->fd, filler,
				 c->huge_left < sizeof(filler) ? c->huge_left : sizeof(filler),
				 MSG_NOSIGNAL);
			c->huge_left -= n > 0 ? (uint64_t)n : 0;
		} else {
			break;
		}
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			watch(c, true);
			return;
		}
		if (n < 0)
			conn_close(c, false);
	}
	if (c->closed)
		return;
	c->n_out = c->at_out = 0;
	watch(c, false);
	if (c->dripping)
		return;
	answered(c);
	if (c->close_after)
		conn_close(c, false);
}

/* ---- what is asked for ---- */

/* The words of [[name ...]] in a body: true if there; up to three numbers. */
static bool asked(const char *body, const char *name, long v[3], const char **ret_rest)
{
	char key[40];
	const char *p;
	char *end;

	if (!g.ordered)
		return false;
	(void)snprintf(key, sizeof(key), "[[%s", name);
	for (p = body; (p = strstr(p, key)); p++) {
		p += strlen(key);
		if (*p == ' ' || *p == ']')
			break;
	}
	if (!p)
		return false;
	if (ret_rest)
		*ret_rest = p;
	for (int i = 0; i < 3; i++) {
		v[i] = strtol(p, &end, 10);
		if (end == p)
			v[i] = -1;
		p = end;
	}
	return true;
}

/* How often that body came, this time included. */
static uint32_t count_body(const char *p, size_t n)
{
	uint64_t h = 1469598103934665603u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 1099511628211u;
	h += h == 0;
	for (i = h % SEEN; g.seen[i].hash && g.seen[i].hash != h; i = (i + 1) % SEEN)
		;
	if (!g.seen[i].hash && ++g.bodies > SEEN / 2) {
		(void)fprintf(stderr, "upstream: more different bodies than it can count\n");
		exit(1);
	}
	g.seen[i].hash = h;
	return ++g.seen[i].times;
}

static void count_request(struct conn *c)
{
	uint64_t now = now_ms();

	g.requests++;
	g.early += now < g.not_before;
	c->nth = g.n_times;
	if (++g.in_flight > g.in_flight_max)
		g.in_flight_max = g.in_flight;
	if (g.n_times == TIMES_MAX)
		return;
	g.times[g.n_times++] = now;
	while (g.times[g.minute_at] + 60000 <= now)
		g.minute_at++;
	while (g.times[g.second_at] + 1000 <= now)
		g.second_at++;
	if (g.n_times - g.minute_at > g.minute_max)
		g.minute_max = g.n_times - g.minute_at;
	if (g.n_times - g.second_at > g.second_max)
		g.second_max = g.n_times - g.second_at;
}

/* ---- answers ---- */

static void reply(struct conn *c, int status, const char *type, const char *more, const char *body,
		  size_t n, size_t claimed)
{
	char head[512];
	int k = snprintf(head, sizeof(head),
			 "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", status,
			 type, claimed, more);

	put(c, head, (size_t)k);
	put(c, body, n);
}

static void error_body(struct conn *c, int status, const char *more, const char *text)
{
	char body[300];
	int n = snprintf(body, sizeof(body), "{\"error\":{\"message\":\"%s\",\"code\":%d}}", text, status);

	reply(c, status, "application/json", more, body, (size_t)n, (size_t)n);
}

static void content_of(const char *body, char *out, size_t size)
{
	long v[3];
	const char *p;
	size_t n = 0;

	(void)snprintf(out, size, "ok");
	if (!asked(body, "answer", v, &p) || *p != ' ') {
		if (asked(body, "judge", v, NULL))
			(void)judge_answer(body, out, size);
		return;
	}
	for (p++; *p && strncmp(p, "]]", 2) != 0 && n + 1 < size; p++)
		out[n++] = *p;
	out[n] = '\0';
}

struct usage {
	long in, out;
};

static struct usage usage_of(struct conn *c, const char *body)
{
	struct usage u = { 7, 3 };
	long v[3];

	if (asked(body, "usage", v, NULL))
		u = (struct usage){ v[0], v[1] };
	if (c->nth < TIMES_MAX)
		g.tokens[c->nth] += (uint32_t)(u.in + u.out);
	return u;
}

static void stream(struct conn *c, const char *content, bool broken, struct usage u)
{
	char body[10000];
	int n = snprintf(body, sizeof(body),
			 "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
			 "\"content\":\"\"}}]}\n\n"
			 "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n",
			 content);

	if (!broken)
		n += snprintf(
			body + n, sizeof(body) - (size_t)n,
			"data: "
			"{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}"
			"\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":%ld,"
			"\"completion_tokens\":%ld}}\n\ndata: [DONE]\n\n",
			u.in, u.out);
	reply(c, 200, "text/event-stream", "", body, (size_t)n, (size_t)n);
}

static void chat(struct conn *c, const char *content, const char *type, const char *more,
		 struct usage u)
{
	char body[10000];
	int n = snprintf(body, sizeof(body),
			 "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
			 "\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},"
			 "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":%ld,"
			 "\"completion_tokens\":%ld,\"total_tokens\":%ld}}",
			 content, u.in, u.out, u.in + u.out);

	reply(c, 200, type, more, body, (size_t)n, (size_t)n);
}

static size_t count_texts(const char *body)
{
	const char *p = strstr(body, "\"input\":[");
	size_t n = 0;

	for (p = p ? p + 9 : body; *p && *p != ']'; p++)
		if (*p == '"') {
			n++;
			for (p++; *p && *p != '"'; p++)
				p += *p == '\\' && p[1];
		}
	return n;
}

static void embeddings(struct conn *c, const char *body)
{
	size_t n = count_texts(body), size = 200 + n * 80, k = 0;
	char *b = must(malloc(size));

	k += (size_t)snprintf(b + k, size - k, "{\"object\":\"list\",\"data\":[");
	for (size_t i = 0; i < n; i++)
		k += (size_t)snprintf(b + k, size - k, "%s{\"index\":%zu,\"embedding\":[%zu,0.5,-1]}",
				      i ? "," : "", i, i);
	k += (size_t)snprintf(b + k, size - k, "],\"usage\":{\"prompt_tokens\":%zu}}", n);
	reply(c, 200, "application/json", "", b, k, k);
	free(b);
}

/* The tokens of the busiest minute's requests; and all. */
static uint64_t count_tokens(uint64_t *ret_all)
{
	uint64_t sum = 0, most = 0, from = 0;

	*ret_all = 0;
	for (uint64_t i = 0; i < g.n_times; i++) {
		sum += g.tokens[i];
		*ret_all += g.tokens[i];
		while (g.times[from] + 60000 <= g.times[i])
			sum -= g.tokens[from++];
		most = sum > most ? sum : most;
	}
	return most;
}

static int stats_text(char *p, size_t size)
{
	uint64_t all, minute = count_tokens(&all);
	unsigned long long v[] = {
		g.requests,   g.bodies,	    g.in_flight_max,
		g.minute_max, g.second_max, all,
		minute,	      g.early,	    g.n_times ? g.times[g.n_times - 1] - g.times[0] : 0
	};

	return snprintf(
		p, size,
		"{\"requests\":%llu,\"bodies\":%llu,\"in_flight_max\":%llu,\"minute_max\":%llu,"
		"\"second_max\":%llu,\"tokens\":%llu,\"tokens_minute_max\":%llu,\"early\":%llu,"
		"\"span_ms\":%llu}",
		v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]);
}

static void stats(struct conn *c)
{
	char body[500];
	int n = stats_text(body, sizeof(body));

	reply(c, 200, "application/json", "", body, (size_t)n, (size_t)n);
}

/* An answer of a reward server; false if the path names none. */
static bool rewards(struct conn *c, const char *body)
{
	static const char chat_path[] = "POST /v1/chat/completions ";
	char path[80] = "", head[2048];
	char *end = strstr(c->in, "\r\n\r\n"), *answer;
	int status;

	if (strncmp(c->in, chat_path, sizeof(chat_path) - 1) == 0)
		return false;
	(void)snprintf(head, sizeof(head), "%.*s", (int)(end - c->in), c->in);
	if (sscanf(head, "POST %79s", path) != 1)
		return false;
	answer = rewards_answer(path, head, body, &status);
	if (!answer)
		return false;
	reply(c, status, "application/json", "", answer, strlen(answer), strlen(answer));
	free(answer);
	return true;
}

static void finish(void)
{
	char text[500];
	FILE *f = g.stats_file ? fopen(g.stats_file, "w") : NULL;

	if (f) {
		(void)stats_text(text, sizeof(text));
		(void)fprintf(f, "%s\n", text);
		(void)fclose(f);
	}
	exit(0);
}

/* No request is welcome for so many seconds. */
static void put_off(long seconds)
{
	g.not_before = now_ms() + (uint64_t)seconds * 1000;
}

/* A date counts in whole seconds: the client may come when that second begins. */
static void date_head(char *p, size_t n, long seconds)
{
	struct timespec now;
	struct tm tm;
	time_t at;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	at = now.tv_sec + seconds;
	g.not_before = now_ms() + (uint64_t)(seconds * 1000 - now.tv_nsec / 1000000) - 1;
	(void)strftime(p, n, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&at, &tm));
}

/* What goes wrong instead of an answer; true if something did. */
static bool misbehave(struct conn *c, const char *body, uint32_t nth)
{
	static const char broken[] = "{\"choices\":[{\"index\":0,\"mess";
	static const char utf8[] = "{\"choices\":[{\"message\":{\"content\":\"\xff\xfe\"}}]}";
	static const char html[] = "<html><body>Gateway</body></html>";
	char head[80];
	long v[3];

	if (asked(body, "status", v, NULL) && (long)nth <= v[1]) {
		error_body(c, (int)v[0], "", "as you asked");
	} else if (asked(body, "retry-after", v, NULL) && (long)nth <= v[2]) {
		put_off(v[1]);
		(void)snprintf(head, sizeof(head), "Retry-After: %ld\r\n", v[1]);
		error_body(c, (int)v[0], head, "slow down");
	} else if (asked(body, "retry-date", v, NULL) && (long)nth <= v[2]) {
		date_head(head, sizeof(head), v[1]);
		error_body(c, (int)v[0], head, "slow down");
	} else if (asked(body, "reset", v, NULL) && (long)nth <= v[0]) {
		conn_close(c, true);
	} else if (asked(body, "close", v, NULL) && (long)nth <= v[0]) {
		conn_close(c, false);
	} else if (asked(body, "truncate", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "application/json", "", broken, strlen(broken), 2 * strlen(broken));
		c->close_after = true;
	} else if (asked(body, "drip", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "application/json", "", "{", 1, 1000000);
		c->dripping = true;
		timer_on(c, now_ms() + 50);
	} else if (asked(body, "hang", v, NULL) && (long)nth <= v[0]) {
		c->dripping = true;
	} else if (asked(body, "html", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "text/html", "", html, strlen(html), strlen(html));
	} else if (asked(body, "badjson", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "application/json", "", broken, strlen(broken), strlen(broken));
	} else if (asked(body, "badutf8", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "application/json", "", utf8, strlen(utf8), strlen(utf8));
	} else if (asked(body, "empty", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "application/json", "", "", 0, 0);
	} else if (asked(body, "huge", v, NULL) && (long)nth <= v[0]) {
		reply(c, 200, "application/json", "", "", 0, 100000000);
		c->huge_left = 100000000;
	} else if (asked(body, "noformat", v, NULL) && strstr(body, "response_format")) {
		error_body(c, 400, "", "response_format is not supported");
	} else if (asked(body, "brokenstream", v, NULL) && (long)nth <= v[0]) {
		stream(c, "half", true, (struct usage){ 0, 0 });
	} else {
		return false;
	}
	return true;
}

static void good(struct conn *c, const char *body, const char *content)
{
	char more[200] = "";
	long v[3];

	if (asked(body, "limits", v, NULL)) {
		put_off(v[0]);
		(void)snprintf(
			more, sizeof(more),
			"x-ratelimit-limit-requests: 60\r\nx-ratelimit-remaining-requests: 0\r\n"
			"x-ratelimit-reset-requests: %lds\r\n",
			v[0]);
	}
	chat(c, content, asked(body, "plain", v, NULL) ? "text/plain" : "application/json", more,
	     usage_of(c, body));
}

/* The answer to the request at the head of c->in, of which head_n bytes are its head. */
static void answer(struct conn *c)
{
	char *head_end = strstr(c->in, "\r\n\r\n");
	char *body = head_end + 4, saved, content[8192];
	size_t head_n = (size_t)(body - c->in), n = 0;
	const char *length = strcasestr(c->in, "content-length:");
	long v[3];

	if (length && length < head_end)
		n = strtoul(length + 15, NULL, 10);
	saved = body[n];
	body[n] = '\0';
	g.ordered = strstr(body, "[[") != NULL;
	if (strncmp(c->in, "GET /stats", 10) == 0) {
		stats(c);
	} else if (!misbehave(c, body, count_body(body, n))) {
		content_of(body, content, sizeof(content));
		if (rewards(c, body))
			;
		else if (strstr(c->in, "/embeddings"))
			embeddings(c, body);
		else if (asked(body, "stream", v, NULL) || strstr(body, "\"stream\":true"))
			stream(c, content, false, usage_of(c, body));
		else
			good(c, body, content);
	}
	if (c->closed)
		return;
	body[n] = saved;
	c->n_in -= head_n + n;
	memmove(c->in, body + n, c->n_in + 1);
	flush(c);
}

/* Is a whole request there? Then it is answered, now or after its delay. */
static void serve(struct conn *c)
{
	char *end = c->n_in ? strstr(c->in, "\r\n\r\n") : NULL;
	const char *length;
	uint64_t wait = g.delay_ms;
	size_t n = 0;
	long v[3];
	char saved;

	if (!end || c->busy)
		return;
	length = strcasestr(c->in, "content-length:");
	if (length && length < end)
		n = strtoul(length + 15, NULL, 10);
	if (c->n_in < (size_t)(end + 4 - c->in) + n)
		return;
	if (strncmp(c->in, "GET /stats", 10) == 0) {
		answer(c);
		return;
	}
	if (strncmp(c->in, "CONNECT ", 8) == 0) {
		error_body(c, 405, "", "no tunnels");
		c->close_after = true;
		flush(c);
		return;
	}
	c->busy = true;
	count_request(c);
	saved = end[4 + n];
	end[4 + n] = '\0';
	g.ordered = strstr(end + 4, "[[") != NULL;
	if (asked(end + 4, "delay", v, NULL))
		wait = (uint64_t)v[0];
	end[4 + n] = saved;
	if (wait)
		timer_on(c, now_ms() + wait);
	else
		answer(c);
}

static void take(struct conn *c)
{
	size_t want;
	ssize_t n;

	do {
		if (c->n_in + FIRST > c->cap_in) {
			c->cap_in = 2 * (c->n_in + FIRST);
			c->in = must(realloc(c->in, c->cap_in));
		}
		want = c->cap_in - c->n_in - 1;
		n = recv(c->fd, c->in + c->n_in, want, 0);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n <= 0) {
			conn_close(c, false);
			return;
		}
		c->n_in += (size_t)n;
		c->in[c->n_in] = '\0';
	} while ((size_t)n == want);
	if (c->n_in && c->in[0] == 0x16) {
		/* the beginning of TLS: as a plain server answers it */
		error_body(c, 400, "", "plain HTTP only");
		c->close_after = true;
		flush(c);
		return;
	}
	serve(c);
}

/* A few at a time: requests that wait to be read meanwhile would begin their delay too late. */
static void timers(void)
{
	uint64_t now = now_ms();

	for (int i = 0; i < TURN && g.n_heap && g.heap[0]->due <= now; i++) {
		struct conn *c = g.heap[0];

		timer_off(c);
		if (c->dripping) {
			put(c, " ", 1);
			flush(c);
			if (!c->closed)
				timer_on(c, now_ms() + 50);
		} else {
			answer(c);
		}
	}
}

static void take_new(int listener)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct conn *c;
	int fd, one = 1;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		c = must(calloc(1, sizeof(*c)));
		c->fd = fd;
		ev.data.ptr = c;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		(void)epoll_ctl(g.epoll, EPOLL_CTL_ADD, fd, &ev);
	}
}

static int listen_on(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 8192) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
		perror("upstream: listen");
		exit(1);
	}
	(void)printf("%d\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	return fd;
}

static void free_dead(void)
{
	while (g.dead) {
		struct conn *c = g.dead;

		g.dead = c->next;
		free(c->in);
		free(c->out);
		free(c);
	}
}

int main(int argc, char **argv)
{
	struct epoll_event ev[TURN], in = { .events = EPOLLIN };
	struct rlimit files;
	int port = 0, listener;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--port") == 0)
			port = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--stats") == 0)
			g.stats_file = argv[i + 1];
		else if (strcmp(argv[i], "--delay-ms") == 0)
			g.delay_ms = strtoul(argv[i + 1], NULL, 10);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	g.seen = must(calloc(SEEN, sizeof(*g.seen)));
	g.times = must(calloc(TIMES_MAX, sizeof(*g.times)));
	g.tokens = must(calloc(TIMES_MAX, sizeof(*g.tokens)));
	g.epoll = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_on(port);
	in.data.ptr = &listener;
	(void)epoll_ctl(g.epoll, EPOLL_CTL_ADD, listener, &in);
	in.data.ptr = NULL;
	/* A file as standard input cannot be watched: then a signal ends this. */
	(void)epoll_ctl(g.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &in);
	for (;;) {
		uint64_t now = now_ms();
		int ms = -1, n;

		if (g.n_heap)
			ms = g.heap[0]->due > now ? (int)(g.heap[0]->due - now) : 0;
		n = epoll_wait(g.epoll, ev, TURN, ms);
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;

			if (!c) {
				char b[64];

				if (read(STDIN_FILENO, b, sizeof(b)) <= 0)
					finish();
			} else if (ev[i].data.ptr == &listener) {
				take_new(listener);
			} else if (!c->closed) {
				if (ev[i].events & EPOLLOUT)
					flush(c);
				if (!c->closed && ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
					take(c);
			}
		}
		timers();
		free_dead();
	}
}
