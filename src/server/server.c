/* The loop, from the control channel to the end. All else is made when the first configuration
 * comes (assembly.c). */
#include "server/server.h"

#include <signal.h>

#include "base/log.h"
#include "server/internal.h"

int server_main(int control_fd)
{
	struct server server = {0};

	/* Ctrl-C goes to the whole group; the supervisor says when to stop. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	log_open_journal();
	if (uv_loop_init(&server.loop) != 0) {
		log_error("there is no event loop");
		return 1;
	}
	server.control = link_create(
	    &server.loop, &(struct link_events){&server, server_control, server_control_down});
	link_attach(server.control, control_fd);
	uv_run(&server.loop, UV_RUN_DEFAULT);

	server_dismantle(&server);
	link_destroy(&server.control);
	/* What was closed frees itself in its callbacks. */
	uv_run(&server.loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&server.loop) != 0)
		log_debug("the event loop still had handles");
	role_config_free(&server.config);
	return server.exit_status;
}
