/* Users and groups by their files: two readers of lines with colons. */
#include "base/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS_FILE "/etc/passwd"
#define GROUPS_FILE "/etc/group"

static bool parse_number(struct slice text, uint32_t *number)
{
	uint64_t value;

	/* The largest is "no change" to the system calls. */
	if (!slice_to_u64(text, &value) || value >= UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

bool user_parse(struct slice line, struct user_ids *ids)
{
	struct slice name, password, uid, gid;

	return slice_split(&line, ':', &name) && slice_split(&line, ':', &password) &&
	       slice_split(&line, ':', &uid) && slice_split(&line, ':', &gid) &&
	       parse_number(uid, &ids->uid) && parse_number(gid, &ids->gid);
}

bool group_parse(struct slice line, uint32_t *gid)
{
	struct slice name, password, number;

	return slice_split(&line, ':', &name) && slice_split(&line, ':', &password) &&
	       slice_split(&line, ':', &number) && parse_number(number, gid);
}

/* The line of `name` in a file of such lines, without its end; NULL where there is none. free(). */
static char *find_line(const char *file, const char *name)
{
	/* The files themselves: getpwnam would load modules of the name service into a process of
	 * root. */
	FILE *in = fopen(file, "re");
	size_t size = 0, len = strlen(name);
	char *line = NULL;
	ssize_t got;
	bool found = false;

	while (!found && in != NULL && (got = getline(&line, &size, in)) > 0) {
		if (line[got - 1] == '\n')
			line[got - 1] = '\0';
		found = strncmp(line, name, len) == 0 && line[len] == ':';
	}
	if (in != NULL)
		fclose(in);
	if (!found) {
		free(line);
		line = NULL;
	}
	return line;
}

bool user_find(const char *name, struct user_ids *ids)
{
	char *line;
	bool ok;

	if (parse_number(slice_of(name), &ids->uid)) {
		ids->gid = ids->uid;
		return true;
	}
	line = find_line(USERS_FILE, name);
	ok = line != NULL && user_parse(slice_of(line), ids);
	free(line);
	return ok;
}

bool group_find(const char *name, uint32_t *gid)
{
	char *line;
	bool ok;

	if (parse_number(slice_of(name), gid))
		return true;
	line = find_line(GROUPS_FILE, name);
	ok = line != NULL && group_parse(slice_of(line), gid);
	free(line);
	return ok;
}
