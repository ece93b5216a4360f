/* The executables of the service and how they find each other: beside the own one (a build
 * directory, libexec), or in ../libexec/postroom beside it (what is installed in bin or sbin). The
 * working directory and the environment have no say in it. */
#ifndef ROLE_PROGRAM_H
#define ROLE_PROGRAM_H

#include "base/error.h"
#include "wire/control_proto.h"

/* One for each level of trust. */
enum program {
	PROGRAM_SUPERVISOR,
	PROGRAM_HELPER,
	PROGRAM_READER, /* the log reader's too */
	PROGRAM_SERVER,
	PROGRAM_VIEWER,
	PROGRAM_NOTIFIER,
	PROGRAM_IDENTITY,
};

enum program program_of(enum control_role role);

/* "postroom-helper", ...: the name of the file. */
const char *program_name(enum program program);

/* A descriptor (O_PATH, close-on-exec) of that executable, for role_become; -1 with not_found or
 * unsafe. Root takes only a file and a directory that belong to root, or to whoever owns the
 * executable that runs already, and that nobody else can write. Who starts roles opens it once, at
 * its own start: an upgrade in between would put another version there. */
int program_open(enum program program, struct error *err);

/* Whether a program that is no part of the service (`name`, for people) may be run: by the same
 * rule, whoever asks. Both are descriptors that may be O_PATH. False with unsafe. */
bool program_check(int directory, int program, const char *name, struct error *err);

#endif
