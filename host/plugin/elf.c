/* elf.c - what has to be known of a shared object before the dynamic linker may touch it. */
#include "config.h"

#include "host/plugin/internal.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PHDRS_MAX = 1024,
	NOTES_MAX = 65536
};

static bool read_at(int fd, void *p, size_t n, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, p, n, (off_t)offset) == (ssize_t)n;
}

static void hex(const unsigned char *p, size_t n, char ret[64])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n && i < 31; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * i] = '\0';
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void find_build_id(const unsigned char *p, size_t n, char ret[64])
{
	size_t at = 0;

	while (n - at >= sizeof(ElfW(Nhdr))) {
		ElfW(Nhdr) h;
		size_t name, desc;

		memcpy(&h, p + at, sizeof(h));
		name = at + sizeof(h);
		if (h.n_namesz > n || h.n_descsz > n)
			break;
		desc = name + align4(h.n_namesz);
		if (desc > n || h.n_descsz > n - desc)
			break;
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == 4 &&
		    memcmp(p + name, "GNU", 4) == 0) {
			hex(p + desc, h.n_descsz, ret);
			break;
		}
		at = desc + align4(h.n_descsz);
		if (at > n)
			break;
	}
}

static void read_notes(int fd, const ElfW(Phdr) * ph, char ret[64])
{
	size_t n = ph->p_filesz < NOTES_MAX ? (size_t)ph->p_filesz : NOTES_MAX;
	unsigned char *p = malloc(n ? n : 1);

	if (p && read_at(fd, p, n, ph->p_offset))
		find_build_id(p, n, ret);
	free(p);
}

static int32_t check_segment(const ElfW(Phdr) * ph, size_t i, uint64_t size, struct meed_err *err)
{
	uint64_t end;

	if (ph->p_type != PT_LOAD)
		return 0;
	if (__builtin_add_overflow((uint64_t)ph->p_offset, (uint64_t)ph->p_filesz, &end) ||
	    end > size)
		return meed_err_set(err, MEED_E_PARAM,
				    "file too short: segment %zu needs bytes up to %llu, the file "
				    "has %llu (is it truncated?)",
				    i, (unsigned long long)end, (unsigned long long)size);
	return 0;
}

int32_t meed_elf_check(const char *path, char build_id[64], struct meed_err *err)
{
	ElfW(Phdr) *ph = NULL;
	ElfW(Ehdr) eh;
	struct stat st;
	int32_t r = 0;
	size_t i;
	int fd;

	build_id[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		r = meed_err_set(err, MEED_E_PARAM, "cannot open: %s", strerror(errno));
		goto out;
	}
	if (!read_at(fd, &eh, sizeof(eh), 0) || memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    eh.e_phentsize != sizeof(*ph) || eh.e_phnum == 0 || eh.e_phnum > PHDRS_MAX)
		goto out;
	ph = calloc(eh.e_phnum, sizeof(*ph));
	if (!ph) {
		r = meed_err_nomem(err);
		goto out;
	}
	if (!read_at(fd, ph, eh.e_phnum * sizeof(*ph), eh.e_phoff)) {
		r = meed_err_set(err, MEED_E_PARAM,
				 "file too short: its %u program headers are "
				 "not all there (is it truncated?)",
				 (unsigned)eh.e_phnum);
		goto out;
	}
	for (i = 0; i < eh.e_phnum && r == 0; i++) {
		r = check_segment(&ph[i], i, (uint64_t)st.st_size, err);
		if (r == 0 && ph[i].p_type == PT_NOTE && build_id[0] == '\0')
			read_notes(fd, &ph[i], build_id);
	}
out:
	free(ph);
	if (fd >= 0)
		close(fd);
	return r;
}
