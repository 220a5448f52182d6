/* fuzz_conf.c - any bytes as a configuration file: loading, checking, compiling, printing.
 *
 * Inputs that name plugins are passed over: they would load whatever lies on this machine.
 * libconfig 1.5 itself leaks the name or string that a syntax error interrupts; tests/lsan.supp
 * and this target's -detect_leaks=0 leave that to it. What it cannot bear (deep nesting, NUL,
 * huge files) does not reach it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/graph/graph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compile_all(const struct meed_conf *c)
{
	const struct meed_entry *v;
	size_t n = meed_conf_entries(c, &v);
	struct meed_diags d = { 0 };
	size_t i;

	meed_conf_check_all(c, &d);
	for (i = 0; i < n && i < 50; i++) {
		struct meed_plan *p = NULL;
		struct meed_buf b = { 0 };

		if (meed_plan_new(c, v[i].name, NULL, 0, &d, &p) == MEED_OK) {
			meed_plan_print(p, MEED_GRAPH_TEXT, &b);
			meed_plan_print(p, MEED_GRAPH_DOT, &b);
		}
		meed_buf_release(&b);
		meed_plan_free(p);
	}
	meed_diags_release(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char plugins[] = "plugins";
	struct meed_diags d = { 0 };
	struct meed_conf *c = NULL;
	const char *path_arg;
	char path[64];
	int32_t r;
	int fd;

	if (size && memmem(data, size, plugins, sizeof(plugins) - 1))
		return 0;
	(void)unsetenv("MEED_PLUGIN_PATH");
	fd = memfd_create("conf", MFD_CLOEXEC);
	if (fd < 0 || (size && write(fd, data, size) != (ssize_t)size))
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	path_arg = path;
	r = meed_conf_load(&path_arg, 1, NULL, 0, NULL, &d, &c);
	if ((r == MEED_OK) != (c != NULL) || (r == MEED_OK) != (d.n_errors == 0))
		abort();
	if (c)
		compile_all(c);
	meed_conf_free(c);
	meed_diags_release(&d);
	(void)close(fd);
	return 0;
}
