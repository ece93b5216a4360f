/* The executables of the service and how they find each other. */
#include "role/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

static const char *const names[] = {
    [PROGRAM_SUPERVISOR] = "postroom-supervisor",
    [PROGRAM_HELPER] = "postroom-helper",
    [PROGRAM_READER] = "postroom-reader",
    [PROGRAM_SERVER] = "postroom-server",
    [PROGRAM_VIEWER] = "postroom-viewer",
    [PROGRAM_NOTIFIER] = "postroom-notifier",
    [PROGRAM_IDENTITY] = "postroom-identity",
};

/* From the directory of the own executable, in this order. */
static const char *const places[] = {".", "../libexec/postroom"};

enum program program_of(enum control_role role)
{
	switch (role) {
	case CONTROL_ROLE_HELPER:
		return PROGRAM_HELPER;
	case CONTROL_ROLE_READER:
	case CONTROL_ROLE_LOGREADER:
		return PROGRAM_READER;
	case CONTROL_ROLE_SERVER:
		return PROGRAM_SERVER;
	case CONTROL_ROLE_NOTIFIER:
		return PROGRAM_NOTIFIER;
	case CONTROL_ROLE_IDENTITY:
		return PROGRAM_IDENTITY;
	case CONTROL_ROLE_VIEWER:
		break;
	}
	return PROGRAM_VIEWER;
}

const char *program_name(enum program program)
{
	return names[program];
}

/* The directory of the own executable, also when that was replaced meanwhile. */
static int open_own_directory(struct error *err)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;
	int fd;

	path[len < 0 ? 0 : len] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL) {
		error_set_errno(err, "not_found", errno, "the executable of this process");
		return -1;
	}
	*slash = '\0';
	fd = open(slash == path ? "/" : path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		error_set_errno(err, "not_found", errno, "%s", path);
	return fd;
}

/* Whether what is there may be run: nobody can have put it there who could not have put the
 * executable there that runs now. A developer's build may be writable for his own group. */
static bool is_ours(int fd, const struct stat *own)
{
	struct stat st;
	mode_t forbidden;

	if (fstat(fd, &st) != 0)
		return false;
	forbidden = st.st_uid == 0 ? S_IWGRP | S_IWOTH : S_IWOTH;
	return (st.st_uid == 0 || st.st_uid == own->st_uid) && (st.st_mode & forbidden) == 0;
}

bool program_check(int directory, int program, const char *name, struct error *err)
{
	struct stat own, st;

	if (fstat(program, &st) != 0 || !S_ISREG(st.st_mode))
		return error_set(err, "unsafe", "%s is no plain file: it is not run", name);
	return (stat("/proc/self/exe", &own) == 0 && is_ours(program, &own) &&
		   is_ours(directory, &own)) ||
	       error_set(err, "unsafe",
		   "%s, or its directory, can be written by others than root: it is not run", name);
}

static int open_in(int directory, const char *name, struct error *err)
{
	/* A descriptor that only exec can use: what was checked is what will run, whoever changes
	 * the path. */
	FD_AUTO int fd = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int found;

	if (fd < 0) {
		error_set_errno(err, "not_found", errno, "%s", name);
		return -1;
	}
	/* Who is not root runs his own build as he likes. */
	if (geteuid() == 0 && !program_check(directory, fd, name, err))
		return -1;
	found = fd;
	fd = -1;
	return found;
}

int program_open(enum program program, struct error *err)
{
	FD_AUTO int own = open_own_directory(err);
	int found = -1;

	for (size_t i = 0; own >= 0 && found < 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		FD_AUTO int directory = openat(own, places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (directory >= 0)
			found = open_in(directory, names[program], err);
		/* A program that is there and unsafe is an error, and no reason to look elsewhere.
		 */
		if (found < 0 && directory >= 0 && strcmp(err->code, "not_found") != 0)
			break;
	}
	return found;
}
