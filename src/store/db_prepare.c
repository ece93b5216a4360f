/* The folder of the database, made where it is missing; and root becomes the user whom it
 * belongs to. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/users.h"
#include "store/db.h"

/* The folder of `path` ("." where it names none). */
static bool folder_of(const char *path, char *out, size_t size, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (len >= size)
		return error_set(err, "store_unavailable", "%s: the path is too long", path);
	if (slash == NULL || len == 0)
		snprintf(out, size, "%s", slash == NULL ? "." : "/");
	else {
		memcpy(out, path, len);
		out[len] = '\0';
	}
	return true;
}

static bool make_folder(const char *folder, const struct user_ids *user, struct error *err)
{
	if (mkdir(folder, 0700) != 0) {
		/* Whoever made it chose its owner; that of a link's target must never be changed.
		 */
		if (errno == EEXIST)
			return true;
		return error_set_errno(err, "store_unavailable", errno, "%s", folder);
	}
	if (lchown(folder, user->uid, user->gid) != 0)
		return error_set_errno(err, "store_unavailable", errno, "%s", folder);
	return true;
}

static bool find_user(const char *name, struct user_ids *ids)
{
	const struct passwd *pw;

	if (user_find(name, ids))
		return true;
	pw = getpwnam(name);
	if (pw != NULL)
		*ids = (struct user_ids){pw->pw_uid, pw->pw_gid};
	return pw != NULL;
}

bool db_prepare(const char *path, const char *name, struct error *err)
{
	char folder[1024];
	struct user_ids user;

	/* Somebody else has to have the rights already. */
	if (geteuid() != 0)
		return true;
	if (!find_user(name, &user))
		return error_set(
		    err, "no_such_user", "the user %s (run.user) does not exist", name);
	if (!folder_of(path, folder, sizeof(folder), err) || !make_folder(folder, &user, err))
		return false;
	/* The service was told to run as root; then nothing is to be given up. */
	if (user.uid == 0)
		return true;
	/* In this order: without root neither groups nor group can be changed any more. */
	if (setgroups(0, NULL) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0)
		return error_set_errno(err, "no_rights", errno, "becoming the user %s", name);
	/* A setuid that quietly kept root would defeat all of this. */
	if (setuid(0) == 0)
		return error_set(err, "no_rights", "root could not be given up");
	return true;
}
