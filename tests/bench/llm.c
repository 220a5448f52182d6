/* llm.c - requests in flight: the rate against the ideal, what one costs, and what the floor adds to
 * a bare libcurl call. The upstream is tests/llm/upstream on this machine, which shares its cores. */
#include "config.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/llm/llm.h"
#include "tests/bench/bench.h"

/* WAVES: how often each request in flight is followed by another. The rate is taken while that many
 * are in flight: from the end of the first wave, which all begin at once, to that of the last but
 * one, whose ends no others follow. */
enum { ROUNDS = 3, WAVES = 22, ONE_BY_ONE = 400 };

struct steady {
	size_t ended, from, to;		/* requests */
	uint64_t from_ns, to_ns;
};

static struct steady steady_of(size_t width)
{
	return (struct steady){ .from = width, .to = (WAVES - 1) * width };
}

static void steady_end(struct steady *s)
{
	s->ended++;
	if (s->ended == s->from)
		s->from_ns = meed_now_ns();
	if (s->ended == s->to)
		s->to_ns = meed_now_ns();
}

static double steady_rate(const struct steady *s)
{
	return (double)(s->to - s->from) / ((double)(s->to_ns - s->from_ns) / 1e9);
}

struct upstream {
	pid_t pid;
	int in;
	char url[64];
};

static int start(struct upstream *u, const char *delay_ms)
{
	const char *dir = getenv("MEED_BENCH_BUILD");
	char path[1024], port[16] = "";
	int to[2], from[2];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/tests/llm/upstream", dir ? dir : ".");
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		return -1;
	u->pid = fork();
	if (u->pid == 0) {
		(void)dup2(to[0], 0);
		(void)dup2(from[1], 1);
		(void)close(to[1]);
		(void)close(from[0]);
		(void)execl(path, path, "--delay-ms", delay_ms, (char *)NULL);
		_exit(127);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	u->in = to[1];
	n = read(from[0], port, sizeof(port) - 1);
	(void)close(from[0]);
	(void)snprintf(u->url, sizeof(u->url), "http://127.0.0.1:%d/v1", atoi(port));
	return n > 0 ? 0 : -1;
}

static void stop(struct upstream *u)
{
	(void)close(u->in);
	(void)waitpid(u->pid, NULL, 0);
}

/* ---- what the server and this machine can do ---- */

struct bare {
	int fd;
	size_t got, want; /* of the answer; want 0: its head is not whole yet */
	char in[1024];
};

static int connect_to(const char *url)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	a.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -1;
	return fd;
}

static void bare_send(struct bare *b, size_t n)
{
	char body[200], all[500];
	int k = snprintf(
		body, sizeof(body),
		"{\"messages\":[{\"role\":\"user\",\"content\":\"request %zu of a benchmark\"}],"
		"\"temperature\":0}",
		n);
	int m = snprintf(all, sizeof(all),
			 "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
			 "application/json\r\nContent-Length: %d\r\n\r\n%s",
			 k, body);

	b->got = b->want = 0;
	(void)!send(b->fd, all, (size_t)m, MSG_NOSIGNAL);
}

/* Is its answer whole? */
static bool bare_take(struct bare *b)
{
	ssize_t n = recv(b->fd, b->in + b->got, sizeof(b->in) - 1 - b->got, MSG_DONTWAIT);
	char *end, *length;

	b->got += n > 0 ? (size_t)n : 0;
	b->in[b->got] = '\0';
	end = strstr(b->in, "\r\n\r\n");
	length = strstr(b->in, "Content-Length:");
	if (!b->want && end && length)
		b->want = (size_t)(end + 4 - b->in) + strtoul(length + 15, NULL, 10);
	return b->want && b->got >= b->want;
}

/* The rate of a client that does nothing but send and receive, on one thread as well. */
static double ceiling(const char *url, size_t width, size_t total)
{
	struct bare *v = calloc(width, sizeof(*v));
	struct epoll_event ev[256];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	char root[64];
	struct steady s = steady_of(width);
	size_t sent = 0;

	(void)snprintf(root, sizeof(root), "%.*s", (int)(strlen(url) - 3), url);
	for (size_t i = 0; v && i < width; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &v[i] };

		v[i].fd = connect_to(root);
		(void)epoll_ctl(ep, EPOLL_CTL_ADD, v[i].fd, &e);
	}
	for (size_t i = 0; v && i < width; i++)
		bare_send(&v[i], sent++);
	while (v && s.ended < total) {
		int n = epoll_wait(ep, ev, 256, 5000);

		if (n <= 0)
			break;
		for (int i = 0; i < n; i++) {
			if (!bare_take(ev[i].data.ptr))
				continue;
			steady_end(&s);
			if (sent < total)
				bare_send(ev[i].data.ptr, sent++);
		}
	}
	for (size_t i = 0; v && i < width; i++)
		(void)close(v[i].fd);
	(void)close(ep);
	free(v);
	return steady_rate(&s);
}

/* ---- many at a time ---- */

struct load {
	struct meed_transport *t;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	size_t left_to_send, left_to_end, failed, sent;
	struct steady steady;
};

struct job {
	struct meed_request r;
	struct load *l;
	meed_msg msg;
	char text[80];
	uint64_t start_ns, ns;
};

static void send_job(struct job *j, size_t n)
{
	int k = snprintf(j->text, sizeof(j->text), "request %zu of a benchmark", n);

	j->msg = (meed_msg){ MEED_STR("user"), { j->text, (size_t)k }, NULL };
	j->start_ns = meed_now_ns();
	j->l->t->submit(j->l->t, &j->r);
}

static void job_done(struct meed_request *r)
{
	struct job *j = (struct job *)r;
	struct load *l = j->l;
	size_t n = 0;

	j->ns = meed_now_ns() - j->start_ns;
	(void)pthread_mutex_lock(&l->lock);
	l->failed += r->reply.status != MEED_OK;
	l->left_to_end--;
	steady_end(&l->steady);
	if (l->left_to_send) {
		l->left_to_send--;
		n = ++l->sent;
	}
	if (!l->left_to_end)
		(void)pthread_cond_signal(&l->cond);
	(void)pthread_mutex_unlock(&l->lock);
	json_object_put(r->owned);
	r->owned = NULL;
	if (n)
		send_job(j, n);
}

static void job_init(struct job *j, struct load *l)
{
	j->l = l;
	j->r.kind = MEED_REQ_CHAT;
	j->r.endpoint = MEED_STR("");
	j->r.chat = (meed_chat){ .struct_size = sizeof(meed_chat),
				 .msgs = &j->msg,
				 .n_msgs = 1,
				 .temperature = 0.0 };
	j->r.reply.struct_size = sizeof(j->r.reply);
	j->r.done = job_done;
}

static struct meed_transport *open_url(struct meed_endpoint *e, struct meed_llm_conf *c, char *url,
				       uint32_t concurrency)
{
	static const struct meed_log quiet = { .fd = -1 };
	struct meed_transport *t = NULL;
	struct meed_err err = { 0 };

	*e = (struct meed_endpoint){ .name = (char *)(uintptr_t) "a",
				     .kind = (char *)(uintptr_t) "openai",
				     .where = (char *)(uintptr_t) "bench",
				     .url = url,
				     .concurrency = concurrency };
	*c = (struct meed_llm_conf){ .endpoints = e, .n_endpoints = 1, .cache = c->cache };
	if (meed_llm_new(c, &quiet, &err, &t) < 0)
		(void)fprintf(stderr, "bench: %s\n", err.text);
	return t;
}

static double cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_load(struct load *l, struct job *v, size_t width, size_t total)
{
	l->left_to_end = total;
	l->left_to_send = total - width;
	l->sent = width;
	l->failed = 0;
	for (size_t i = 0; i < width; i++)
		send_job(&v[i], i + 1);
	(void)pthread_mutex_lock(&l->lock);
	while (l->left_to_end)
		(void)pthread_cond_wait(&l->cond, &l->lock);
	(void)pthread_mutex_unlock(&l->lock);
}

/* by_libcurl: all of each request, which a path with a dot in it is enough for. */
static void many(FILE *out, const struct upstream *u, size_t width, bool by_libcurl)
{
	char url[80];
	struct load l = { .left_to_send = 0 };
	struct job *v = calloc(width, sizeof(*v));
	struct meed_endpoint e;
	struct meed_llm_conf c = { .cache = NULL };
	double rates[ROUNDS], cpus[ROUNDS], bares[ROUNDS], ideal = (double)width / 0.2;
	size_t total = WAVES * width, before, failed = 0;

	if (!v)
		return;
	(void)snprintf(url, sizeof(url), "%.*s%s/v1", (int)(strlen(u->url) - 3), u->url,
		       by_libcurl ? "/." : "");
	(void)pthread_mutex_init(&l.lock, NULL);
	(void)pthread_cond_init(&l.cond, NULL);
	for (size_t i = 0; i < width; i++)
		job_init(&v[i], &l);
	before = mallinfo2().uordblks;
	l.t = open_url(&e, &c, url, (uint32_t)width);
	if (!l.t)
		goto out;
	run_load(&l, v, width, width); /* connections */
	for (int i = 0; i < ROUNDS; i++) {
		double cpu = cpu_s();

		l.steady = steady_of(width);
		run_load(&l, v, width, total);
		rates[i] = steady_rate(&l.steady);
		cpus[i] = (cpu_s() - cpu) / (double)total * 1e6;
		failed += l.failed;
		bares[i] = ceiling(u->url, width, total);
	}
	(void)fprintf(
		out,
		"llm, %zu in flight%s, upstream 200 ms: %.0f requests/s, %.1f %% of the ideal (bare "
		"sockets: %.1f %%); %.0f us of CPU each; %.1f KiB of heap each; %zu failed\n",
		width, by_libcurl ? " by libcurl" : "", bench_median(rates, ROUNDS), 100.0 * bench_median(rates, ROUNDS) / ideal,
		100.0 * bench_median(bares, ROUNDS) / ideal, bench_median(cpus, ROUNDS),
		(double)(mallinfo2().uordblks - before) / (double)width / 1024.0, failed);
	l.t->free(l.t);
out:
	free(v);
}

/* ---- one at a time ---- */

static size_t drop(char *p, size_t size, size_t n, void *data)
{
	(void)p;
	(void)data;
	return size * n;
}

static double bare(const char *url, const char *body)
{
	static double v[ONE_BY_ONE];
	struct curl_slist *h = curl_slist_append(NULL, "Content-Type: application/json");
	CURL *e = curl_easy_init();
	char full[128];

	(void)snprintf(full, sizeof(full), "%s/chat/completions", url);
	(void)curl_easy_setopt(e, CURLOPT_URL, full);
	(void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, h);
	(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, drop);
	(void)curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L);
	for (int i = 0; i < ONE_BY_ONE; i++) {
		uint64_t t0 = meed_now_ns();

		(void)curl_easy_perform(e);
		v[i] = (double)(meed_now_ns() - t0) / 1e3;
	}
	curl_easy_cleanup(e);
	curl_slist_free_all(h);
	return bench_median(v, ONE_BY_ONE);
}

static double through(struct upstream *u, struct meed_llm_conf *c, bool same)
{
	static double v[ONE_BY_ONE];
	struct load l = { .left_to_send = 0 };
	struct job j = { .l = &l };
	struct meed_endpoint e;

	(void)pthread_mutex_init(&l.lock, NULL);
	(void)pthread_cond_init(&l.cond, NULL);
	job_init(&j, &l);
	l.t = open_url(&e, c, u->url, 4);
	for (size_t i = 0; l.t && i < ONE_BY_ONE; i++) {
		l.left_to_end = 1;
		send_job(&j, same ? 1 : i);
		(void)pthread_mutex_lock(&l.lock);
		while (l.left_to_end)
			(void)pthread_cond_wait(&l.cond, &l.lock);
		(void)pthread_mutex_unlock(&l.lock);
		v[i] = (double)j.ns / 1e3;
	}
	if (l.t)
		l.t->free(l.t);
	return bench_median(v, ONE_BY_ONE);
}

static void single(FILE *out, struct upstream *u)
{
	static const char body[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"request 1 of a "
				   "benchmark\"}],\"temperature\":0}";
	char cache[] = "/tmp/meed-bench-XXXXXX";
	struct meed_llm_conf c = { .cache = NULL };
	double plain = bare(u->url, body), ours = through(u, &c, false), hit;
	int fd = mkstemp(cache);

	c.cache = cache;
	hit = through(u, &c, true);
	(void)close(fd);
	(void)unlink(cache);
	(void)fprintf(out,
		      "llm, one in flight: %.0f us, a bare libcurl call %.0f us, added %.0f us; from the "
		      "cache %.0f us\n",
		      ours, plain, ours - plain, hit);
}

int main(int argc, char **argv)
{
	FILE *out = argc > 1 ? fopen(argv[1], "a") : stdout;
	struct upstream slow, quick;

	(void)signal(SIGPIPE, SIG_IGN);
	if (!out || start(&slow, "200") < 0 || start(&quick, "0") < 0) {
		(void)fprintf(stderr, "bench: the upstream could not be started\n");
		return 1;
	}
	single(out, &quick);
	many(out, &slow, 1000, false);
	many(out, &slow, 5000, false);
	many(out, &slow, 5000, true);
	stop(&slow);
	stop(&quick);
	return out != stdout && fclose(out) != 0 ? 1 : 0;
}
