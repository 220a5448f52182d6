/* folder.c - a box's folder, as the cage fills and reads it. What is in it may have been made by a
 * program that means harm: nothing is followed, nothing is believed. */
#include "config.h"

#include "host/exec/cage/cage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST 64			/* folders in folders */

/* Opens (and makes) the folder that path's last part is to lie in; the part is left in name.
 * -errno, or a descriptor that is the caller's to close unless it is dir itself. */
static int open_parent(int dir, const char *path, bool make, char name[NAME_MAX + 1])
{
	int at = dir, next;
	const char *slash;
	size_t n;

	for (int depth = 0;; path = slash + 1, depth++) {
		slash = strchr(path, '/');
		n = slash ? (size_t)(slash - path) : strlen(path);
		next = -EINVAL;
		if (n == 0 || n > NAME_MAX || depth > DEEPEST || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			break;
		memcpy(name, path, n);
		name[n] = '\0';
		if (!slash)
			return at;
		if (make && mkdirat(at, name, 0755) < 0 && errno != EEXIST) {
			next = -errno;
			break;
		}
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0) {
			next = -errno;
			break;
		}
		if (at != dir)
			(void)close(at);
		at = next;
	}
	if (at != dir)
		(void)close(at);
	return next;
}

static int write_all(int fd, meed_str s)
{
	ssize_t k;

	while (s.n > 0) {
		k = write(fd, s.p, s.n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -EIO;
		s.p += k;
		s.n -= (size_t)k;
	}
	return 0;
}

static int put(int dir, const char *path, meed_str data)
{
	char name[NAME_MAX + 1];
	int at = open_parent(dir, path, true, name), fd, r = 0;

	if (at < 0)
		return at;
	(void)unlinkat(at, name, 0);
	fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
	if (fd < 0) {
		r = -errno;
		goto out;
	}
	r = write_all(fd, data);
	(void)close(fd);
out:
	if (at != dir)
		(void)close(at);
	return r;
}

int32_t folder_put(int dir, const meed_file *files, size_t n, struct meed_err *err)
{
	int r;

	for (size_t i = 0; i < n; i++) {
		r = put(dir, files[i].path, files[i].data);
		if (r < 0)
			return meed_err_set(err, MEED_E_LIMIT, "cannot write the file %.255s: %s",
					    files[i].path, strerror(-r));
	}
	return MEED_OK;
}

/* ---- copying ---- */

static int copy_file(int from, int to, const char *name, const struct stat *st)
{
	int in, out, r = 0;
	off_t left = st->st_size;
	ssize_t k;

	in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return errno == EACCES ? 0 : -errno;
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (out < 0) {
		r = -errno;
		goto out;
	}
	while (left > 0) {
		k = sendfile(out, in, NULL, (size_t)left);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			r = -errno;
		if (k <= 0)
			break;
		left -= k;
	}
	(void)fchmod(out, st->st_mode & 0777);
	(void)close(out);
out:
	(void)close(in);
	return r;
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(from, name, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	return symlinkat(target, to, name) < 0 ? -errno : 0;
}

static DIR *read_folder(int fd)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);

	if (!d && copy >= 0)
		(void)close(copy);
	return d;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int copy_folder(int from, int to, int depth);

static int copy_sub(int from, int to, const char *name, int depth)
{
	int in, out, r;

	if (depth >= DEEPEST)
		return -ELOOP;
	in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return errno == EACCES ? 0 : -errno;
	r = mkdirat(to, name, 0755) < 0 ? -errno : 0;
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r == 0 && out < 0)
		r = -errno;
	if (r == 0)
		r = copy_folder(in, out, depth + 1);
	if (out >= 0)
		(void)close(out);
	(void)close(in);
	return r;
}

/* The recursion is bounded by DEEPEST. */
static int copy_folder(int from, int to, int depth)
{
	DIR *d = read_folder(from);
	struct dirent *e;
	struct stat st;
	int r = 0;

	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (is_dot(e->d_name))
			continue;
		if (fstatat(from, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			r = -errno;
		else if (S_ISREG(st.st_mode))
			r = copy_file(from, to, e->d_name, &st);
		else if (S_ISLNK(st.st_mode))
			r = copy_link(from, to, e->d_name);
		else if (S_ISDIR(st.st_mode))
			r = copy_sub(from, to, e->d_name, depth);
	}
	(void)closedir(d);
	return r;
}

int32_t folder_copy(int from, int to, struct meed_err *err)
{
	int r = copy_folder(from, to, 0);

	if (r < 0)
		return meed_err_set(err, MEED_E_LIMIT, "cannot copy the compiled folder: %s",
				    strerror(-r));
	return MEED_OK;
}

static void size_folder(int dir, uint64_t *bytes, uint64_t *inodes, int depth)
{
	DIR *d = read_folder(dir);
	struct dirent *e;
	struct stat st;
	int sub;

	while (d && (e = readdir(d)) != NULL) {
		if (is_dot(e->d_name) || fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		*inodes += 1;
		*bytes += (uint64_t)st.st_blocks * 512u + 4096u;
		if (!S_ISDIR(st.st_mode) || depth >= DEEPEST)
			continue;
		sub = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		size_folder(sub, bytes, inodes, depth + 1);
		(void)close(sub);
	}
	if (d)
		(void)closedir(d);
}

void folder_size(int dir, uint64_t *bytes, uint64_t *inodes)
{
	size_folder(dir, bytes, inodes, 0);
}

/* ---- bringing back ---- */

/* 1: it is there and in *ret; 0: it is not, or not to be had. */
static int fetch(struct meed_arena *a, int dir, const char *path, uint64_t *budget, meed_str *ret)
{
	char name[NAME_MAX + 1], *p = NULL;
	int at = open_parent(dir, path, false, name), fd = -1, r = 0;
	size_t n = 0, size;
	struct stat st;
	ssize_t k;

	if (at < 0)
		return 0;
	fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size > *budget)
		goto out;
	size = (size_t)st.st_size;
	p = meed_arena_raw(a, size + 1);
	if (!p) {
		r = MEED_E_NOMEM;
		goto out;
	}
	while (n < size && (k = read(fd, p + n, size - n)) > 0)
		n += (size_t)k;
	p[n] = '\0';
	*budget -= n;
	*ret = (meed_str){ p, n };
	r = 1;
out:
	if (fd >= 0)
		(void)close(fd);
	if (at != dir)
		(void)close(at);
	return r;
}

int32_t folder_fetch(struct meed_arena *a, int dir, const char *const *names, size_t n,
		     uint64_t *budget, const meed_file **ret, size_t *ret_n)
{
	meed_file *f = meed_arena_alloc(a, n * sizeof(*f));
	size_t k = 0;
	int r;

	if (!f)
		return MEED_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		r = fetch(a, dir, names[i], budget, &f[k].data);
		if (r < 0)
			return r;
		if (r > 0)
			f[k++].path = names[i];
	}
	*ret = f;
	*ret_n = k;
	return MEED_OK;
}

/* ---- removing, where no mount takes it along ---- */

static void empty_folder(int dir, int depth)
{
	DIR *d = read_folder(dir);
	struct dirent *e;
	int sub;

	while (d && (e = readdir(d)) != NULL) {
		if (is_dot(e->d_name) || unlinkat(dir, e->d_name, 0) == 0)
			continue;
		(void)fchmodat(dir, e->d_name, 0700, 0);
		sub = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0) {
			if (depth < DEEPEST * 16)
				empty_folder(sub, depth + 1);
			(void)close(sub);
		}
		(void)unlinkat(dir, e->d_name, AT_REMOVEDIR);
	}
	if (d)
		(void)closedir(d);
}

void folder_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		empty_folder(fd, 0);
		(void)close(fd);
	}
	(void)rmdir(path);
}
