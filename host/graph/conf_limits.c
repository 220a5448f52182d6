/* conf_limits.c - limits with units: memory = "512M", wall = "2.5s" */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "host/graph/conf.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

struct unit {
	const char *name;
	double factor;
};

/* times in milliseconds, sizes in bytes */
static const struct unit times[] = { { "ms", 1 }, { "s", 1e3 }, { "m", 60e3 }, { "h", 3600e3 } };
static const struct unit sizes[] = {
	{ "", 1 }, { "K", 1024 }, { "M", 1048576 }, { "G", 1073741824 }, { "T", 1099511627776 }
};

enum kind {
	KIND_COUNT,
	KIND_TIME,
	KIND_SIZE
};

static const struct limit {
	const char *key;
	enum kind kind;
	double min, max;
	const char *range;
} limits[CONF_N_LIMITS] = {
	{ "processes", KIND_COUNT, 1, 1e6, "1 to 1000000" },
	{ "wall", KIND_TIME, 1, 86400e3, "1ms to 24h" },
	{ "cpu", KIND_TIME, 1, 86400e3, "1ms to 24h" },
	{ "memory", KIND_SIZE, 1048576, 1125899906842624, "1M to 1024T" },
	{ "disk", KIND_SIZE, 4096, 1125899906842624, "4K to 1024T" },
	{ "output", KIND_SIZE, 1, 134217728, "1 to 128M" },
};

uint64_t conf_limit_get(const struct meed_exec_limits *l, size_t i)
{
	const uint64_t v[CONF_N_LIMITS] = { l->processes, l->wall_ms, l->cpu_ms,
					    l->memory,	  l->disk,    l->output };

	return v[i];
}

static void limit_set(struct meed_exec_limits *l, size_t i, uint64_t x)
{
	switch (i) {
	case 0:
		l->processes = (uint32_t)x;
		break;
	case 1:
		l->wall_ms = (uint32_t)x;
		break;
	case 2:
		l->cpu_ms = (uint32_t)x;
		break;
	case 3:
		l->memory = x;
		break;
	case 4:
		l->disk = x;
		break;
	default:
		l->output = x;
		break;
	}
}

const char *conf_limit_text(size_t i, uint64_t x, char *buf, size_t n)
{
	const struct unit *u = limits[i].kind == KIND_TIME ? times : sizes;
	size_t k = limits[i].kind == KIND_TIME ? 2 : COUNT(sizes);

	if (limits[i].kind == KIND_COUNT)
		k = 1;
	while (k > 1 && fmod((double)x, u[k - 1].factor) != 0)
		k--;
	(void)snprintf(buf, n, "%.0f%s", (double)x / u[k - 1].factor, u[k - 1].name);
	return buf;
}

static const struct unit *find_unit(const struct unit *v, size_t n, const char *s)
{
	size_t len = strlen(s);

	/* 64MiB and 64MB are 64M */
	if (v == sizes && len && s[len - 1] == 'B')
		len -= len > 1 && s[len - 2] == 'i' ? 2 : 1;
	for (size_t i = 0; i < n; i++)
		if (strlen(v[i].name) == len && strncmp(v[i].name, s, len) == 0)
			return &v[i];
	return NULL;
}

static bool limit_parse(size_t i, const char *text, uint64_t *ret)
{
	const struct limit *l = &limits[i];
	size_t n = strlen(text), used;
	const struct unit *u = NULL;
	double x;

	used = meed_strtod(text, n, &x);
	if (!used)
		return false;
	if (l->kind == KIND_TIME)
		u = find_unit(times, COUNT(times), text[used] ? text + used : "s");
	else
		u = find_unit(sizes, l->kind == KIND_SIZE ? COUNT(sizes) : 1, text + used);
	if (!u)
		return false;
	x = rint(x * u->factor);
	if (!(x >= l->min && x <= l->max))
		return false;
	*ret = (uint64_t)x;
	return true;
}

static const char *limit_wants(size_t i, char *buf, size_t n)
{
	static const char *const how[] = {
		"a whole number",
		"seconds, or a string such as \"10s\", \"500ms\", \"2m\"",
		"bytes, or a string such as \"64K\", \"512M\", \"2G\"",
	};

	(void)snprintf(buf, n, "%s, from %s", how[limits[i].kind], limits[i].range);
	return buf;
}

static bool read_one(struct conf_reader *r, const config_setting_t *s, size_t i, const char *what,
		     uint64_t *ret)
{
	struct conf_str text = { 0 };
	char number[CONF_NUM], wants[128];

	if (config_setting_type(s) == CONFIG_TYPE_STRING) {
		if (!conf_get_str(r, s, what, &text))
			return false;
	} else {
		double x;

		if (!conf_get_num(r, s, what, &x))
			return false;
		text.p = text.raw = conf_num(x, number);
	}
	if (limit_parse(i, text.p, ret))
		return true;
	conf_error(r->c, r->diags, conf_at(r, s), "%s = %s%s%s: must be %s", what,
		   text.raw == number ? "" : "\"", text.raw, text.raw == number ? "" : "\"",
		   limit_wants(i, wants, sizeof(wants)));
	return false;
}

void conf_read_limits(struct conf_reader *r, const config_setting_t *s, const char *what,
		      struct meed_exec_limits *ret, struct conf_place *places)
{
	const char *keys[CONF_N_LIMITS];
	uint64_t x = 0;

	if (!conf_is(r, s, what, CONFIG_TYPE_GROUP))
		return;
	for (size_t i = 0; i < CONF_N_LIMITS; i++)
		keys[i] = limits[i].key;
	(void)conf_keys(r, s, what, keys, CONF_N_LIMITS);
	for (size_t i = 0; i < CONF_N_LIMITS; i++) {
		const config_setting_t *k = config_setting_get_member(s, keys[i]);
		char name[256];

		if (!k)
			continue;
		(void)snprintf(name, sizeof(name), "%s of %.200s", keys[i], what);
		if (!read_one(r, k, i, name, &x))
			continue;
		limit_set(ret, i, x);
		if (places)
			places[i] = conf_at(r, k);
	}
}

const char *conf_limit_name(size_t i)
{
	return limits[i].key;
}

bool meed_exec_limit_set(struct meed_exec_limits *l, const char *key, const char *text,
			 char ret_wants[128])
{
	uint64_t x;
	size_t i = 0;

	while (i < CONF_N_LIMITS && strcmp(limits[i].key, key) != 0)
		i++;
	ret_wants[0] = '\0';
	if (i == CONF_N_LIMITS)
		return false;
	if (!limit_parse(i, text, &x)) {
		(void)limit_wants(i, ret_wants, 128);
		return false;
	}
	limit_set(l, i, x);
	return true;
}
