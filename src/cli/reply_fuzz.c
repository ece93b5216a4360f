/* Commands, and a service that answers whatever it likes. Input: u8 which command, then answers,
 * each a byte for its status and a text, with a NUL between two. What reaches the terminal is text
 * in whole lines: no control character, nothing that is not UTF-8. */
#include <poll.h>
#include <stdio.h>

#include "base/must_fuzz.h"
#include "base/utf8.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"
#include "cli/safe_text.h"

static const struct {
	const char *name, *operands[3];
	uint64_t options;
} runs[] = {
    {"list", {NULL}, 0},
    {"list", {"from:x"}, OPTION_BIT(OPTION_JSON)},
    {"list", {NULL}, OPTION_BIT(OPTION_JUST_COUNT)},
    {"list", {"4bJkB00001zBCD"}, 0},
    {"show", {"4bJkB00001zBCD"}, 0},
    {"show", {"4bJkB00001zBCD"}, OPTION_BIT(OPTION_JSON)},
    {"groups", {NULL}, OPTION_BIT(OPTION_BY)},
    {"groups", {"from:x"}, OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_JSON)},
    {"retry", {"from:x"}, OPTION_BIT(OPTION_YES)},
    {"hold", {"4bJkB00001zBCD"}, OPTION_BIT(OPTION_YES)},
    {"delete", {"from:x"}, OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_NO_WAIT)},
    {"release", {"from:x"}, OPTION_BIT(OPTION_DRY_RUN)},
    {"bounce", {"from:x"}, OPTION_BIT(OPTION_YES) | OPTION_BIT(OPTION_JSON)},
    {"flush", {NULL}, OPTION_BIT(OPTION_YES)},
    {"jobs", {NULL}, 0},
    {"jobs", {"7"}, 0},
    {"jobs", {"7"}, OPTION_BIT(OPTION_OUTCOME)},
    {"jobs", {"7"}, OPTION_BIT(OPTION_JSON)},
    {"jobs", {"undo", "7"}, OPTION_BIT(OPTION_YES)},
    {"jobs", {"cancel", "7"}, 0},
    {"settings", {NULL}, 0},
    {"settings", {"changes"}, 0},
    {"settings", {"restore", "7"}, OPTION_BIT(OPTION_YES)},
    {"settings", {"minimal_backoff_time=5m"}, OPTION_BIT(OPTION_YES)},
    {"settings", {"minimal_backoff_time=5m"}, OPTION_BIT(OPTION_DRY_RUN)},
    {"history", {NULL}, 0},
    {"history", {NULL}, OPTION_BIT(OPTION_JSON)},
    {"history", {NULL}, OPTION_BIT(OPTION_BY)},
    {"history", {NULL}, OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_JSON)},
    {"user", {"list"}, 0},
    {"token", {"list"}, 0},
    {"token", {"create"}, OPTION_BIT(OPTION_ROLE)},
    {"show", {"4bJkB00001zBCD"}, OPTION_BIT(OPTION_HEADERS)},
    {"list", {NULL}, OPTION_BIT(OPTION_CSV)},
    {"jobs", {"7"}, OPTION_BIT(OPTION_CSV)},
    {"incidents", {NULL}, 0},
    {"incidents", {"7"}, 0},
    {"pauses", {NULL}, 0},
    {"pause", {"domain", "x"}, OPTION_BIT(OPTION_UNTIL) | OPTION_BIT(OPTION_DRY_RUN)},
    {"pause", {"setup"}, OPTION_BIT(OPTION_DRY_RUN)},
    {"resume", {"7"}, OPTION_BIT(OPTION_YES)},
    {"alerts", {NULL}, 0},
    {"alerts", {"channels"}, 0},
    {"alerts", {"test", "x"}, 0},
    {"status", {NULL}, 0},
    {"trace", {"x"}, 0},
    {"probe", {"x"}, 0},
    {"version", {NULL}, 0},
};

/* ---- In the place of client.c: the answers of the input, one after the other ---- */

struct client {
	struct slice rest;
	int64_t column;
};

static struct client service;

struct client *client_create(const struct client_target *target, struct error *err)
{
	return &service;
}

void client_destroy(struct client **client)
{
	*client = NULL;
}

void client_limit(struct client *client, unsigned milliseconds)
{
}

void client_query(struct buffer *path, const char *name, const char *value)
{
}

int64_t client_fault_column(const struct client *client)
{
	return client->column;
}

json_t *client_call(
    struct client *client, const char *method, const char *path, json_t *body, struct error *err)
{
	static const long statuses[] = {200, 201, 202, 204, 400, 404, 500};
	struct slice reply;

	json_decref(body);
	client->column = 0;
	if (!slice_split(&client->rest, '\0', &reply) || reply.len == 0) {
		error_set(err, "unreachable", "nobody answers");
		return NULL;
	}
	return reply_read("service", statuses[(unsigned char)reply.data[0] % 7],
	    slice_from(reply, 1), &client->column, err);
}

bool client_fetch(struct client *client, const char *path,
    bool (*take)(void *context, struct slice bytes), void *context, struct error *err)
{
	struct slice reply;

	if (!slice_split(&client->rest, '\0', &reply) || reply.len == 0)
		return error_set(err, "unreachable", "nobody answers");
	return take(context, reply) || error_set(err, "ended", "nobody takes any more");
}

/* Nothing waits here. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	return 0;
}

/* ---- */

static void check_output(const char *text, size_t len)
{
	struct slice rest = slice_make(text, len);

	while (rest.len > 0) {
		uint32_t c;
		size_t used = utf8_decode(rest, &c);

		must(used > 0);
		/* Lines of CSV end with both. */
		must(c == '\n' || safe_text_allowed(c) ||
		     (c == '\r' && rest.len > 1 && rest.data[1] == '\n'));
		rest = slice_from(rest, used);
	}
}

static const char *value_of(unsigned option)
{
	switch (option) {
	case OPTION_BY:
		return "domain";
	case OPTION_OUTCOME:
		return "gone";
	case OPTION_ROLE:
		return "viewer";
	case OPTION_UNTIL:
		return "1h";
	default:
		return "";
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *real_out = stdout, *real_error = stderr;
	struct command_run run = {.command = NULL};
	char *operands[3] = {NULL}, *out = NULL, *errors = NULL;
	size_t which, out_len, errors_len;
	int status;

	if (size == 0)
		return 0;
	which = data[0] % (sizeof(runs) / sizeof(runs[0]));
	service = (struct client){.rest = slice_make(data + 1, size - 1)};
	run.command = command_find(runs[which].name);
	must(run.command != NULL);
	run.operands = operands;
	for (; runs[which].operands[run.operand_count] != NULL; run.operand_count++)
		operands[run.operand_count] = (char *)runs[which].operands[run.operand_count];
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if (runs[which].options & OPTION_BIT(i))
			run.values[i] = value_of(i);
	run.values[OPTION_SOCKET] =
	    "/nowhere"; /* else root asks the database where nobody answers */
	run.config = config_create();
	stdout = open_memstream(&out, &out_len);
	stderr = open_memstream(&errors, &errors_len);
	status = run.command->run(&run);
	fclose(stdout);
	fclose(stderr);
	stdout = real_out;
	stderr = real_error;
	command_disconnect(&run);
	config_destroy(&run.config);
	must(status >= COMMAND_DONE && status <= COMMAND_REFUSED);
	check_output(out, out_len);
	check_output(errors, errors_len);
	free(out);
	free(errors);
	return 0;
}
