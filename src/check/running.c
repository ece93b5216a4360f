/* `postroom check` looks for itself at all that can be looked at from outside. What needs a parser
 * it leaves to the role that has one, and asks what that said. */
#include "check/running.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/memory.h"
#include "cli/client.h"
#include "cli/safe_text.h"

static bool is_taken(int family, const void *address, size_t size)
{
	FD_AUTO int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, address, (socklen_t)size) == 0;
}

static bool socket_answers(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path))
		return false;
	strcpy(address.sun_path, path);
	return is_taken(AF_UNIX, &address, sizeof(address));
}

/* An address of all interfaces leads to this host. */
static bool port_answers(const char *listen)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	char host[64];
	uint16_t port;

	if (!config_split_address(listen, host, sizeof(host), &port))
		return false;
	v4.sin_port = v6.sin6_port = htons(port);
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		return is_taken(AF_INET, &v4, sizeof(v4));
	return inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 && is_taken(AF_INET6, &v6, sizeof(v6));
}

bool service_runs(const struct config *config)
{
	if (config->http_socket[0] != '\0')
		return socket_answers(config->http_socket);
	return port_answers(config->http_listen);
}

static void add_warning(const json_t *warning, struct problem_list *problems)
{
	BUFFER_AUTO struct buffer text = {0};
	const char *code, *words, *fix = "";

	if (json_unpack((json_t *)warning, "{s:s, s:s, s?s}", "code", &code, "text", &words, "fix",
		&fix) != 0 ||
	    /* The others of its warnings check finds by itself. */
	    strcmp(code, "log_not_understood") != 0)
		return;
	safe_text_append(&text, slice_of(words));
	problem_add(problems, PROBLEM_PARTIAL, code, buffer_string(&text), fix);
}

/* Only where the service runs: a log that its reader does not understand is known to it alone. */
void check_running(const struct config *config, struct problem_list *problems)
{
	struct error err;
	struct client *client;
	json_t *queue, *warning;
	size_t i;

	if (config->http_socket[0] == '\0')
		return;
	client = client_create(&(struct client_target){.socket = config->http_socket}, &err);
	queue = client != NULL ? client_call(client, "GET", "/queue", NULL, &err) : NULL;
	json_array_foreach(json_object_get(queue, "warnings"), i, warning)
	    add_warning(warning, problems);
	json_decref(queue);
	client_destroy(&client);
}
