/* Files with a token in them are looked at before they are read: what others may read is no secret,
 * and what others may write could send our commands elsewhere. */
#include "cli/context.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/memory.h"
#include "base/suggest.h"

#define TOKEN_FILE_MAX 4096

/* ---- Files ---- */

static const char *home(void)
{
	const char *path = getenv("HOME");
	const struct passwd *user = path == NULL ? getpwuid(geteuid()) : NULL;

	return path != NULL ? path : user != NULL ? user->pw_dir : "/";
}

void context_hosts_path(struct buffer *path)
{
	const char *config = getenv("XDG_CONFIG_HOME");

	/* The XDG base directories: a relative one is ignored. */
	if (config != NULL && config[0] == '/')
		buffer_printf(path, "%s/postroom/hosts.ini", config);
	else
		buffer_printf(path, "%s/.config/postroom/hosts.ini", home());
}

/* A path in the list of hosts: with ~/, absolute, or beside it. */
static void append_path(struct buffer *out, const char *path)
{
	BUFFER_AUTO struct buffer hosts = {0};
	const char *slash;

	if (strncmp(path, "~/", 2) == 0) {
		buffer_printf(out, "%s%s", home(), path + 1);
		return;
	}
	if (path[0] != '/') {
		context_hosts_path(&hosts);
		slash = strrchr(buffer_string(&hosts), '/');
		buffer_append(out, hosts.data, (size_t)(slash - hosts.data) + 1);
	}
	buffer_append_string(out, path);
}

static bool is_private(const struct stat *st)
{
	/* A pipe (a shell's <(...)) has nobody else at it. */
	return !S_ISREG(st->st_mode) || ((st->st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
					    (st->st_uid == geteuid() || st->st_uid == 0));
}

/* Whoever can change the list can send a token to a host of his own, wherever the token itself is.
 */
static bool is_ours(const struct stat *st)
{
	return !S_ISREG(st->st_mode) || ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
					    (st->st_uid == geteuid() || st->st_uid == 0));
}

static bool refuse_mode(const char *path, struct error *err)
{
	return error_set(err, "bad_token",
	    "%s has a token in it, and others may use it: chmod 600 %s (or chown it)", path, path);
}

/* An opened file is looked at, and not its name: that could lead to another one meanwhile. */
static bool read_secret(const char *path, struct buffer *out, struct error *err)
{
	FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(err, "io_error", errno, "%s", path);
	if (!is_private(&st))
		return refuse_mode(path, err);
	return fd_read_all(fd, TOKEN_FILE_MAX, out, err) || error_prefix(err, "%s", path);
}

bool context_load_hosts(struct hosts *hosts, struct error *err)
{
	BUFFER_AUTO struct buffer path = {0}, text = {0};
	FD_AUTO int fd = -1;
	struct stat st;

	hosts->count = 0;
	context_hosts_path(&path);
	fd = open(buffer_string(&path), O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set_errno(err, "io_error", errno, "%s", buffer_string(&path));
	if (!is_ours(&st))
		return error_set(err, "bad_hosts",
		    "%s can be written by others, and says where tokens go: chmod go-w %s (or "
		    "chown "
		    "it)",
		    buffer_string(&path), buffer_string(&path));
	if (!fd_read_all(fd, HOSTS_FILE_MAX, &text, err) ||
	    !hosts_parse(buffer_slice(&text), hosts, err))
		return error_prefix(err, "%s", buffer_string(&path));
	if (!hosts_have_tokens(hosts) || is_private(&st))
		return true;
	hosts_free(hosts);
	return refuse_mode(buffer_string(&path), err);
}

/* ---- Tokens ---- */

/* A line end in it would end the header, and what follows would be another one. */
static bool check_token(struct buffer *token, struct error *err)
{
	/* An editor puts a line end behind the token. */
	while (token->len > 0 && isspace((unsigned char)token->data[token->len - 1]))
		token->len--;
	for (size_t i = 0; i < token->len; i++)
		if (!isgraph((unsigned char)token->data[i]))
			return error_set(
			    err, "bad_token", "the token has characters that no token has");
	return true;
}

/* ---- Which one ---- */

static const char *from_environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool context_is_named(const struct context_wishes *wishes)
{
	return wishes->host != NULL || wishes->url != NULL || wishes->socket != NULL ||
	       from_environment("POSTROOM_HOST") != NULL ||
	       from_environment("POSTROOM_URL") != NULL ||
	       from_environment("POSTROOM_SOCKET") != NULL;
}

const char *context_named_socket(const struct context_wishes *wishes)
{
	return wishes->socket != NULL ? wishes->socket : from_environment("POSTROOM_SOCKET");
}

bool context_of_host(
    const struct host *host, const char *token_file, struct context *context, struct error *err)
{
	BUFFER_AUTO struct buffer path = {0};

	context->target = (struct client_target){.url = host->url, .socket = host->socket};
	if (host->url == NULL)
		return true;
	if (token_file != NULL)
		buffer_append_string(&path, token_file);
	else if (host->token_file != NULL)
		append_path(&path, host->token_file);
	if (path.len > 0 && !read_secret(buffer_string(&path), &context->token, err))
		return false;
	if (path.len == 0 && host->token != NULL)
		buffer_append_string(&context->token, host->token);
	if (!check_token(&context->token, err))
		return false;
	if (context->token.len == 0)
		return error_set(
		    err, "bad_token", "[%s] has no token: token_file = FILE", host->name);
	context->target.token = buffer_string(&context->token);
	if (host->ca_file == NULL)
		return true;
	append_path(&context->ca_file, host->ca_file);
	context->target.ca_file = buffer_string(&context->ca_file);
	return true;
}

static bool use_host(
    const char *name, const char *token_file, struct context *context, struct error *err)
{
	BUFFER_AUTO struct buffer path = {0}, names = {0};
	const struct host *host;
	char best[80];

	if (!context_load_hosts(&context->hosts, err))
		return false;
	host = hosts_find(&context->hosts, name);
	if (host != NULL)
		return context_of_host(host, token_file, context, err);
	for (size_t i = 0; i < context->hosts.count; i++)
		buffer_printf(&names, "%s%s", i > 0 ? " " : "", context->hosts.list[i].name);
	context_hosts_path(&path);
	if (suggest_among(slice_of(name), buffer_string(&names), best, sizeof(best)))
		return error_set(err, "no_host", "%s has no host %s; did you mean %s?",
		    buffer_string(&path), name, best);
	return error_set(err, "no_host", "%s has no host %s%s%s", buffer_string(&path), name,
	    names.len > 0 ? "; there are " : "", buffer_string(&names));
}

/* The token of a URL: from its file, or from the environment; never from the command line, which
 * everyone on the machine can read. */
static bool use_url(
    const char *url, const char *token_file, struct context *context, struct error *err)
{
	const char *environment = getenv("POSTROOM_TOKEN");

	if (token_file != NULL && !read_secret(token_file, &context->token, err))
		return false;
	if (token_file == NULL && environment != NULL)
		buffer_append_string(&context->token, environment);
	if (!check_token(&context->token, err))
		return false;
	if (context->token.len == 0)
		return error_set(
		    err, "bad_token", "%s needs a token: --token-file FILE or POSTROOM_TOKEN", url);
	context->target =
	    (struct client_target){.url = url, .token = buffer_string(&context->token)};
	return true;
}

static bool use_one(const char *host, const char *url, const char *socket, const char *token_file,
    struct context *context, struct error *err)
{
	if (host != NULL)
		return use_host(host, token_file, context, err);
	if (url != NULL)
		return use_url(url, token_file, context, err);
	context->target.socket = socket;
	return true;
}

bool context_find(const struct context_wishes *wishes, struct context *context, struct error *err)
{
	const char *host = wishes->host, *url = wishes->url, *socket = wishes->socket;

	/* What is typed wins over the environment as a whole. */
	if (host == NULL && url == NULL && socket == NULL) {
		host = from_environment("POSTROOM_HOST");
		url = from_environment("POSTROOM_URL");
		socket = from_environment("POSTROOM_SOCKET");
	}
	/* Which one was meant? The wrong one would be acted on. */
	if ((host != NULL) + (url != NULL) + (socket != NULL) > 1)
		return error_set(err, "bad_context",
		    "a host, a URL and a socket exclude each other: give one of them");
	if (host != NULL || url != NULL || socket != NULL)
		return use_one(host, url, socket, wishes->token_file, context, err);
	if (wishes->usual_socket[0] == '\0')
		return error_set(err, "bad_context",
		    "http.socket is empty in the configuration; use --socket, --url or --host");
	context->target.socket = wishes->usual_socket;
	return true;
}

void context_free(struct context *context)
{
	hosts_free(&context->hosts);
	buffer_free(&context->token);
	buffer_free(&context->ca_file);
}
