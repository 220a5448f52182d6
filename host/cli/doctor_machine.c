/* doctor_machine.c - meed doctor: libraries and the machine. */
#include "config.h"

#include "host/cli/doctor.h"

#include <curl/curl.h>
#include <gnu/libc-version.h>
#include <json-c/json.h>
#include <libconfig.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utf8proc.h>
#include <zlib.h>
#include <zstd.h>

void doctor_libraries(struct doctor *d)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);

	doctor_put(d, DOCTOR_OK, "meed", "%s, plugin ABI %d.%d", PACKAGE_VERSION, MEED_ABI_MAJOR,
		   MEED_ABI_MINOR);
	doctor_put(d, DOCTOR_OK, "libraries",
		   "glibc %s, json-c %s, libconfig %d.%d.%d, libcurl %s (%s), "
		   "zlib %s, zstd %s, utf8proc %s",
		   gnu_get_libc_version(), json_c_version(), LIBCONFIG_VER_MAJOR,
		   LIBCONFIG_VER_MINOR, LIBCONFIG_VER_REVISION, curl->version,
		   curl->ssl_version ? curl->ssl_version : "no TLS", zlibVersion(),
		   ZSTD_versionString(), utf8proc_version());
}

/* The container's share of the CPUs, in thousandths; 0: no limit. */
static uint64_t cpu_quota(void)
{
	char line[64], *space;
	uint64_t quota, period;
	FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
	bool ok = false;

	if (f) {
		ok = fgets(line, sizeof(line), f) != NULL;
		(void)fclose(f);
	}
	if (!ok || !(space = strchr(line, ' ')))
		return 0;
	*space = '\0';
	space[1 + strcspn(space + 1, "\n")] = '\0';
	if (!cli_u64(line, UINT32_MAX, &quota) || !cli_u64(space + 1, UINT32_MAX, &period) ||
	    period == 0)
		return 0;
	return quota * 1000 / period;
}

static void put_cpus(struct doctor *d)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t quota = cpu_quota();
	cpu_set_t set;
	int usable = (int)online;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		usable = CPU_COUNT(&set);
	if (quota > 0 && quota < (uint64_t)usable * 1000)
		doctor_put(d, DOCTOR_WARN, "CPUs",
			   "%d usable, but this container may use %.1f of them: "
			   "say --threads %llu",
			   usable, (double)quota / 1000.0,
			   (unsigned long long)((quota + 999) / 1000));
	else
		doctor_put(d, DOCTOR_OK, "CPUs", "%d usable of %ld: as many threads by default",
			   usable, online);
}

static void put_limits(struct doctor *d)
{
	struct rlimit files, space;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		if (files.rlim_cur != RLIM_INFINITY && files.rlim_cur < 1024)
			doctor_put(d, DOCTOR_WARN, "open files",
				   "at most %llu: many endpoints or inputs "
				   "need more; raise it with ulimit -n (up to %llu)",
				   (unsigned long long)files.rlim_cur,
				   (unsigned long long)files.rlim_max);
		else
			doctor_put(d, DOCTOR_OK, "open files", "at most %llu",
				   (unsigned long long)files.rlim_cur);
	}
	if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
		doctor_put(d, DOCTOR_WARN, "memory",
			   "this process may have %llu MiB; raise it with "
			   "ulimit -v if runs end with \"out of memory\"",
			   (unsigned long long)(space.rlim_cur >> 20));
}

static void put_locale(struct doctor *d)
{
	if (d->c->utf8)
		doctor_put(d, DOCTOR_OK, "locale", "UTF-8");
	else
		doctor_put(d, DOCTOR_WARN, "locale",
			   "not UTF-8: scores are the same, but histograms are "
			   "drawn in ASCII; LANG=C.UTF-8 would do");
}

void doctor_machine(struct doctor *d)
{
	put_cpus(d);
	put_limits(d);
	put_locale(d);
}
