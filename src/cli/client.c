/* One request at a time with libcurl: where it goes, its headers, and what of the answer is
 * kept. */
#include "cli/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/slice.h"
#include "cli/reply.h"

/* A service that gives nothing at all for this long is not going to. */
#define SILENCE_SECONDS 120L
#define CONNECT_SECONDS 10L

struct client {
	CURL *curl;
	struct curl_slist *headers;
	char *base;  /* before /api/v1 */
	char *where; /* for messages */
	char problem[CURL_ERROR_SIZE];
	int64_t fault_column; /* see client_fault_column */
};

static size_t collect(char *data, size_t size, size_t count, void *context)
{
	struct buffer *reply = context;

	/* size is always 1; a short count ends the transfer. */
	if (count > CLIENT_REPLY_MAX - reply->len)
		return 0;
	buffer_append(reply, data, count);
	return size * count;
}

/* On failure curl leaves the list as it was: the old pointer must not be lost. */
static bool add_header(struct client *client, const char *line)
{
	struct curl_slist *longer = curl_slist_append(client->headers, line);

	if (longer == NULL)
		return false;
	client->headers = longer;
	return true;
}

/* curl knows many other schemes, such as file:, that have no business here. */
static bool check_url(const char *url, struct error *err)
{
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return error_set(err, "bad_url", "%s: expected http://... or https://...", url);
	return true;
}

static bool set_target(struct client *client, const struct client_target *target)
{
	BUFFER_AUTO struct buffer header = {0};
	struct slice base = slice_of(target->url != NULL ? target->url : "http://localhost");

	while (base.len > 0 && base.data[base.len - 1] == '/')
		base.len--;
	for (size_t i = 0; target->headers != NULL && target->headers[i] != NULL; i++)
		if (!add_header(client, target->headers[i]))
			return false;
	client->base = memory_strndup(base.data, base.len);
	client->where = memory_strdup(target->url != NULL ? target->url : target->socket);
	if (target->url == NULL)
		/* A proxy from the environment has no part in a socket on this machine. The header
		 * says that this user means his own rights (http/router.h). */
		return add_header(client, "Keep-Alive: postroom") &&
		       curl_easy_setopt(client->curl, CURLOPT_UNIX_SOCKET_PATH, target->socket) ==
			   CURLE_OK &&
		       curl_easy_setopt(client->curl, CURLOPT_PROXY, "") == CURLE_OK;
	/* In place of the system's, of which curl would else still look into the directory. */
	if (target->ca_file != NULL &&
	    (curl_easy_setopt(client->curl, CURLOPT_CAINFO, target->ca_file) != CURLE_OK ||
		curl_easy_setopt(client->curl, CURLOPT_CAPATH, NULL) != CURLE_OK))
		return false;
	if (target->token == NULL)
		return true;
	buffer_printf(&header, "Authorization: Bearer %s", target->token);
	return add_header(client, buffer_string(&header));
}

struct client *client_create(const struct client_target *target, struct error *err)
{
	struct client *client;

	if (target->url != NULL && !check_url(target->url, err))
		return NULL;
	client = memory_zero(1, sizeof(*client));
	client->curl = curl_easy_init();
	if (client->curl == NULL || !set_target(client, target) ||
	    !add_header(client, "Content-Type: application/json") ||
	    !add_header(client, "X-Postroom: 1") || !add_header(client, "Expect:")) {
		client_destroy(&client);
		error_set(err, "io_error", "cannot prepare requests to %s",
		    target->url != NULL ? target->url : target->socket);
		return NULL;
	}
	curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers);
	curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->problem);
	curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	/* A limit on silence and not on the whole time: a large answer may take long. */
	curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, SILENCE_SECONDS);
	/* As in check_url: nothing else is spoken, whatever the address says. */
	curl_easy_setopt(client->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	/* curl would else use SIGALRM for its timeouts. */
	curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
	return client;
}

void client_destroy(struct client **pointer)
{
	struct client *client = *pointer;

	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	curl_slist_free_all(client->headers);
	free(client->base);
	free(client->where);
	free(client);
	*pointer = NULL;
}

/* Everything but what RFC 3986 calls unreserved is written as %XX: filters have blanks, quotes and
 * signs. */
void client_query(struct buffer *path, const char *name, const char *value)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	if (value == NULL)
		return;
	buffer_append_char(path, slice_find_char(buffer_slice(path), '?') < 0 ? '?' : '&');
	buffer_printf(path, "%s=", name);
	for (; *value != '\0'; value++) {
		if (strchr(plain, *value) != NULL)
			buffer_append_char(path, *value);
		else
			buffer_printf(path, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

/* Said with where and why: "connection refused" alone helps nobody who has two services. */
static bool unreachable(const struct client *client, CURLcode result, struct error *err)
{
	const char *hint = result == CURLE_COULDNT_CONNECT
			       ? " (is `postroom serve` running, and may you use it?)"
			       : "";
	const char *text =
	    client->problem[0] != '\0' ? client->problem : curl_easy_strerror(result);
	long number = 0;

	/* curl speaks of a host and a port, of which a socket has none. */
	if (result == CURLE_COULDNT_CONNECT && client->where[0] == '/') {
		curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &number);
		text = number != 0 ? strerror((int)number) : "cannot connect";
	}
	return error_set(err, "unreachable", "%s: %s%s", client->where, text, hint);
}

void client_limit(struct client *client, unsigned milliseconds)
{
	curl_easy_setopt(client->curl, CURLOPT_TIMEOUT_MS, (long)milliseconds);
}

int64_t client_fault_column(const struct client *client)
{
	return client->fault_column;
}

/* What every request has in common. `path` is below /api/v1. */
static void prepare(struct client *client, const char *method, const char *path, struct buffer *url)
{
	buffer_printf(url, "%s/api/v1%s", client->base, path);
	curl_easy_setopt(client->curl, CURLOPT_URL, buffer_string(url));
	/* One handle for all requests: what the one before has set must not stay. */
	curl_easy_setopt(client->curl, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, method);
	/* What the request before said must not explain this one. */
	client->problem[0] = '\0';
	client->fault_column = 0;
}

json_t *client_call(
    struct client *client, const char *method, const char *path, json_t *body, struct error *err)
{
	BUFFER_AUTO struct buffer reply = {0};
	BUFFER_AUTO struct buffer url = {0};
	/* The body is the caller's no more, whatever happens. */
	MEMORY_AUTO char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
	CURLcode result;
	long status = 0;

	json_decref(body);
	prepare(client, method, path, &url);
	/* Setting a body makes it a POST; the name of the method comes after. */
	if (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
		curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, text != NULL ? text : "{}");
		curl_easy_setopt(client->curl, CURLOPT_CUSTOMREQUEST, method);
	}
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &reply);
	result = curl_easy_perform(client->curl);
	if (result != CURLE_OK) {
		unreachable(client, result, err);
		return NULL;
	}
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	return reply_read(client->where, status, buffer_slice(&reply), &client->fault_column, err);
}

/* ---- What is no JSON ---- */

/* A problem is a few lines. */
#define PROBLEM_MAX ((size_t)64 << 10)

struct fetching {
	struct client *client;
	bool (*take)(void *context, struct slice bytes);
	void *context;
	bool ended; /* by `take` */
	struct buffer problem;
};

/* The status is known before the first byte of what it is about. */
static size_t pass_on(char *data, size_t size, size_t count, void *context)
{
	struct fetching *fetching = context;
	long status = 0;

	curl_easy_getinfo(fetching->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		if (count > PROBLEM_MAX - fetching->problem.len)
			return 0;
		buffer_append(&fetching->problem, data, count);
		return size * count;
	}
	fetching->ended = !fetching->take(fetching->context, slice_make(data, count));
	return fetching->ended ? 0 : size * count;
}

bool client_fetch(struct client *client, const char *path,
    bool (*take)(void *context, struct slice bytes), void *context, struct error *err)
{
	BUFFER_AUTO struct buffer url = {0};
	struct fetching fetching = {client, take, context, false, {0}};
	CURLcode result;
	long status = 0;

	prepare(client, "GET", path, &url);
	curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, pass_on);
	curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &fetching);
	result = curl_easy_perform(client->curl);
	curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (fetching.ended)
		error_set(err, "ended", "nobody takes any more");
	else if (result != CURLE_OK)
		unreachable(client, result, err);
	else if (status != 200)
		json_decref(reply_read(client->where, status, buffer_slice(&fetching.problem),
		    &client->fault_column, err));
	buffer_free(&fetching.problem);
	return result == CURLE_OK && status == 200;
}
