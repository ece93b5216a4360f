/* Looks at the directory of commands by the rule that decides when one is to be started
 * (role/program.h). */
#include "check/commands.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fd.h"
#include "role/program.h"

static void check_one(
    const char *path, int directory, const char *name, struct problem_list *problems)
{
	FD_AUTO int program = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char text[600], fix[600];
	struct error err;

	if (program < 0 || program_check(directory, program, name, &err))
		return;
	snprintf(text, sizeof(text), "no alert can start a command: %s (%s)", err.text, path);
	snprintf(fix, sizeof(fix),
	    "chown root:root %s %s/%s && chmod go-w %s %s/%s; put a file there where it is a link",
	    path, path, name, path, path, name);
	problem_add(problems, PROBLEM_PARTIAL, "commands_unsafe", text, fix);
}

void check_commands(const struct config *config, struct problem_list *problems)
{
	DIR *directory = opendir(config->alerts_commands);
	const struct dirent *entry;

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			check_one(
			    config->alerts_commands, dirfd(directory), entry->d_name, problems);
	closedir(directory);
}
