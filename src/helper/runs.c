/* Runs the commands that the server asks for, and keeps their outcomes until the server has them. A
 * run token makes asking twice harmless: the second time the answer is what is known of the first
 * run. So no command runs twice because a server died in between. */
#include "helper/runs.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "helper/child.h"
#include "helper/command.h"
#include "helper/retry.h"

/* No value of helper_retry. */
#define NOT_YET 255

struct run {
	struct run *next; /* the newest first */
	struct runs *runs;
	uint64_t token;
	enum helper_verb verb;
	struct peer_ref peer;
	struct buffer streams[3]; /* kept output by stream number; [0] is unused */
	struct buffer statuses;	  /* RETRY: one byte for each ID, NOT_YET at first */
	struct helper_exit end;
	bool finished;
};

struct runs {
	struct helper *helper;
	struct run *first;
};

struct runs *runs_create(struct helper *helper)
{
	struct runs *runs = memory_zero(1, sizeof(*runs));

	runs->helper = helper;
	return runs;
}

static void destroy_run(struct run *run)
{
	for (int i = 1; i <= 2; i++)
		buffer_free(&run->streams[i]);
	buffer_free(&run->statuses);
	free(run);
}

void runs_destroy(struct runs **pointer)
{
	struct runs *runs = *pointer;

	if (runs == NULL)
		return;
	while (runs->first != NULL) {
		struct run *next = runs->first->next;

		destroy_run(runs->first);
		runs->first = next;
	}
	free(runs);
	*pointer = NULL;
}

unsigned runs_running(const struct runs *runs)
{
	unsigned count = 0;

	for (const struct run *r = runs->first; r != NULL; r = r->next)
		count += !r->finished;
	return count;
}

static struct run **find(struct runs *runs, uint64_t token)
{
	/* A list is enough: there are RUNS_KEPT outcomes and RUNS_AT_ONCE commands at most. */
	struct run **at = &runs->first;

	while (*at != NULL && (*at)->token != token)
		at = &(*at)->next;
	return at;
}

static void forget(struct run **at)
{
	struct run *run = *at;

	*at = run->next;
	destroy_run(run);
}

static size_t kept_bytes(const struct run *run)
{
	return run->streams[1].len + run->streams[2].len + run->statuses.len;
}

/* Keeps the newest finished outcomes that fit the bounds. */
static void trim(struct runs *runs)
{
	size_t bytes = 0, count = 0;

	for (struct run **at = &runs->first; *at != NULL;) {
		if ((*at)->finished) {
			bytes += kept_bytes(*at);
			count++;
		}
		if ((*at)->finished && (count > RUNS_KEPT || bytes > RUNS_KEPT_BYTES))
			forget(at);
		else
			at = &(*at)->next;
	}
}

/* ---- telling the peer ---- */

static void tell_output(struct run *run, uint8_t stream, struct slice bytes)
{
	struct peer *peer = peer_of(run->runs->helper, &run->peer);
	BUFFER_AUTO struct buffer frame = {0};

	/* Kept output can be longer than a frame; it goes out in the pieces that it might have come
	 * in. */
	while (peer != NULL && bytes.len > 0) {
		struct helper_output output = {stream, slice_first(bytes, HELPER_OUTPUT_CHUNK)};

		helper_output_encode(&frame, run->peer.request, &output);
		peer_send(peer, &frame, NULL, 0);
		bytes = slice_from(bytes, output.bytes.len);
	}
}

static void tell_statuses(struct run *run, size_t first, size_t count)
{
	struct peer *peer = peer_of(run->runs->helper, &run->peer);
	struct helper_retried retried = {
	    (uint32_t)first, slice_make(run->statuses.data + first, count)};
	BUFFER_AUTO struct buffer frame = {0};

	if (peer == NULL || count == 0)
		return;
	helper_retried_encode(&frame, run->peer.request, &retried);
	peer_send(peer, &frame, NULL, 0);
}

static void tell_exit(struct run *run)
{
	struct peer *peer = peer_of(run->runs->helper, &run->peer);
	BUFFER_AUTO struct buffer frame = {0};

	if (peer == NULL)
		return;
	helper_exit_encode(&frame, run->peer.request, &run->end);
	peer_send(peer, &frame, NULL, 0);
}

/* Everything so far, to whoever asks now; what follows goes there too. From its beginning, because
 * a new server has nothing of what the former one was told. */
static void tell_all(struct run *run, struct peer_ref peer)
{
	run->peer = peer;
	for (uint8_t stream = 1; stream <= 2; stream++)
		tell_output(run, stream, buffer_slice(&run->streams[stream]));
	for (size_t i = 0, begin; i < run->statuses.len; i++) {
		for (begin = i; i < run->statuses.len && (uint8_t)run->statuses.data[i] != NOT_YET;
		     i++)
			;
		tell_statuses(run, begin, i - begin);
	}
	if (run->finished)
		tell_exit(run);
}

/* ---- while it runs ---- */

static void on_output(void *context, uint8_t stream, struct slice bytes)
{
	struct run *run = context;

	/* Kept first and told afterwards: the peer may be gone, and the next one asks for it. */
	buffer_append_slice(&run->streams[stream], bytes);
	tell_output(run, stream, bytes);
}

/* The outcome is final from here on, also when a deadline or a signal made it. What was really done
 * is seen by a look at the queue. */
static void end_run(struct run *run, const struct helper_exit *end)
{
	run->end = *end;
	run->finished = true;
	if (end->deadline)
		log_warning("%s took too long and was ended", helper_verb_name(run->verb));
	if (end->signal == SIGSYS)
		log_error("%s was ended by its sandbox: it, or what it started, made a system call "
			  "that is not in the table; the kernel's log names it",
		    helper_verb_name(run->verb));
	tell_exit(run);
	trim(run->runs);
}

static void on_done(void *context, const struct helper_exit *end)
{
	end_run(context, end);
}

static void on_retried(void *context, size_t index, uint8_t status, bool last)
{
	struct run *run = context;

	run->statuses.data[index] = (char)status;
	tell_statuses(run, index, 1);
	if (last)
		end_run(run, &(struct helper_exit){.status = 0});
}

static bool start(struct run *run, const struct helper_run *request, struct error *err)
{
	static const struct child_events events = {on_output, on_done};
	const struct command *command = command_find(request->verb);
	struct helper *helper = run->runs->helper;
	COMMAND_WORDS_AUTO struct command_words words = {0};
	BUFFER_AUTO struct buffer input = {0};
	struct child_plan plan = {.output_fd = -1, .extra_fd = -1};

	if (!command_build(request, &helper->config, &words, &input, err))
		return false;
	if (command->input == COMMAND_IDS_FLUSH) {
		memset(buffer_reserve(&run->statuses, request->ids.count), NOT_YET,
		    request->ids.count);
		run->statuses.len = request->ids.count;
		retry_start(helper, &request->ids, command->deadline_ms, on_retried, run);
		return true;
	}
	plan.argv = words.items;
	plan.input = buffer_slice(&input);
	plan.deadline_ms = command->deadline_ms;
	plan.output_max = command->output_max;
	return child_start(helper->loop, &plan, &events, run, err) != NULL;
}

/* ---- requests ---- */

static void start_new(struct peer *peer, uint32_t request, const struct helper_run *wanted)
{
	struct runs *runs = peer->helper->runs;
	struct run *run;
	struct error err;

	/* Each is a process of root's: the server is not to start any number of them. */
	if (runs_running(runs) >= RUNS_AT_ONCE) {
		peer_refuse(peer, request, "busy", "other commands are under way");
		return;
	}
	run = memory_zero(1, sizeof(*run));
	*run =
	    (struct run){runs->first, runs, wanted->token, wanted->verb, peer_ref(peer, request)};
	runs->first = run;
	if (!start(run, wanted, &err)) {
		forget(&runs->first);
		peer_refuse_error(peer, request, &err);
	}
}

void runs_start(struct peer *peer, uint32_t request, const struct helper_run *wanted)
{
	struct run **known = find(peer->helper->runs, wanted->token);

	if (*known != NULL)
		tell_all(*known, peer_ref(peer, request));
	else
		start_new(peer, request, wanted);
}

void runs_recall(struct peer *peer, uint32_t request, uint64_t token)
{
	struct run **known = find(peer->helper->runs, token);

	if (*known == NULL)
		peer_refuse(peer, request, "unknown_token", "no command is known under this token");
	else
		tell_all(*known, peer_ref(peer, request));
}

void runs_taken(struct peer *peer, uint64_t token)
{
	struct run **known = find(peer->helper->runs, token);

	/* A run that still goes on is kept: its outcome is not there to be taken. */
	if (*known != NULL && (*known)->finished)
		forget(known);
}
