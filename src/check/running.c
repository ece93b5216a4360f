/* `postroom check` looks for itself at all that can be looked at from outside. What needs a parser
 * it leaves to the role that has one, and asks what that said. */
#include "check/running.h"

#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/memory.h"
#include "cli/client.h"
#include "cli/safe_text.h"

bool service_runs(const struct config *config)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	FD_AUTO int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (config->http_socket[0] == '\0' ||
	    strlen(config->http_socket) >= sizeof(address.sun_path))
		return false;
	strcpy(address.sun_path, config->http_socket);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
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
	client = client_create(config->http_socket, NULL, NULL, &err);
	queue = client != NULL ? client_call(client, "GET", "/queue", NULL, &err) : NULL;
	json_array_foreach(json_object_get(queue, "warnings"), i, warning)
	    add_warning(warning, problems);
	json_decref(queue);
	client_destroy(&client);
}
