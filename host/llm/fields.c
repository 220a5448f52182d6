/* fields.c - what the header fields of an answer say: when to come back, what is left of a limit,
 * what the body is. */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "host/llm/http1.h"
#include "host/llm/net.h"

enum { FIELD_MAX = 64 };

/* A field's value, cut to FIELD_MAX; false if there is none. head NULL: libcurl has them. */
static bool field(const struct attempt *a, const meed_str *head, const char *name,
		  char value[FIELD_MAX])
{
	struct curl_header *h;
	meed_str v;

	if (head) {
		if (!http1_field(*head, name, &v))
			return false;
	} else {
		if (curl_easy_header(a->easy, name, 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
			return false;
		v = meed_str_of(h->value);
	}
	(void)snprintf(value, FIELD_MAX, "%.*s", (int)(v.n < FIELD_MAX ? v.n : FIELD_MAX), v.p);
	return true;
}

/* "12", "1.5s", "250ms", "6m0s", "1h2m": a length of time in ns; false if it is none. */
static bool read_span(const char *s, double unit, uint64_t *ret)
{
	double total = 0.0, x;
	size_t n = strlen(s), used;
	bool any = false;

	while (n) {
		used = meed_strtod(s, n, &x);
		if (!used || x < 0.0)
			return false;
		s += used;
		n -= used;
		any = true;
		if (n >= 2 && s[0] == 'm' && s[1] == 's') {
			total += x * 1e6;
			used = 2;
		} else if (n && (*s == 'h' || *s == 'm' || *s == 's')) {
			total += x * (*s == 'h' ? 3600e9 : *s == 'm' ? 60e9 : 1e9);
			used = 1;
		} else if (n == 0) {
			total += x * unit;
			used = 0;
		} else {
			return false;
		}
		s += used;
		n -= used;
	}
	*ret = total < 86400e9 ? (uint64_t)total : (uint64_t)86400e9;
	return any;
}

static void on_retry_after(struct attempt *a, const char *v, double unit)
{
	uint64_t span, now = meed_now_ns();
	time_t t;

	if (read_span(v, unit, &span)) {
		a->retry_after_ns = now + span;
		return;
	}
	t = curl_getdate(v, NULL);
	if (t > 0) {
		time_t wall = time(NULL);

		a->retry_after_ns = now + (t > wall ? (uint64_t)(t - wall) * 1000000000 : 0);
	}
}

/* What is left of a limit, and when it comes back. */
static void on_limits(struct attempt *a, const meed_str *head)
{
	static const char *const kinds[][2] = {
		{ "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests" },
		{ "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens" }
	};
	char v[FIELD_MAX];
	uint64_t span;

	for (size_t i = 0; i < 2; i++) {
		if (!field(a, head, kinds[i][0], v) || strcmp(v, "0") != 0)
			continue;
		if (field(a, head, kinds[i][1], v) && read_span(v, 1e9, &span) &&
		    meed_now_ns() + span > a->reset_ns)
			a->reset_ns = meed_now_ns() + span;
	}
}

void fields_read(struct attempt *a, const meed_str *head, long http_status)
{
	char v[FIELD_MAX];

	if (field(a, head, "retry-after-ms", v))
		on_retry_after(a, v, 1e6);
	else if (field(a, head, "retry-after", v))
		on_retry_after(a, v, 1e9);
	if (http_status == 200 || http_status == 429)
		on_limits(a, head);
	a->event_stream = field(a, head, "content-type", v) &&
			  strncasecmp(v, "text/event-stream", 17) == 0;
}
