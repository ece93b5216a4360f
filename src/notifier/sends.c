/* The list of sends that are under way, and the table of the ways of sending. */
#include "notifier/sends.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "notifier/commands.h"
#include "notifier/http_send.h"
#include "notifier/mail_send.h"
#include "transfer/transfer.h"

struct send {
	struct send *next;
	struct sends *sends;
	uint32_t request;
	enum notifier_way way;
	int64_t began_ms;
	struct transfer *transfer; /* NULL for a command, which the starter knows by its number */
};

struct sends {
	const struct notifier_parts *parts;
	struct transfers *transfers;
	struct commands *commands;
	struct send *first;
	unsigned count;
};

/* ---- the list ---- */

static struct send *add(struct sends *sends, uint32_t request, enum notifier_way way)
{
	struct send *send = memory_zero(1, sizeof(*send));

	*send = (struct send){sends->first, sends, request, way, clock_monotonic_ms(), NULL};
	sends->first = send;
	sends->count++;
	return send;
}

static void drop(struct send *send)
{
	struct send **at = &send->sends->first;

	while (*at != send)
		at = &(*at)->next;
	*at = send->next;
	send->sends->count--;
	transfer_destroy(&send->transfer);
	free(send);
}

/* Nobody waits for it. */
static void cancel(struct send *send)
{
	if (send->way == NOTIFIER_COMMAND)
		commands_cancel(send->sends->commands, send->request);
	drop(send);
}

static void answer(struct sends *sends, uint32_t request, const struct notifier_sent *sent)
{
	BUFFER_AUTO struct buffer frame = {0};

	notifier_sent_encode(&frame, request, sent);
	sends->parts->answer(sends->parts->context, &frame);
}

static void end(struct send *send, struct notifier_sent sent)
{
	sent.took_ms = (uint32_t)(clock_monotonic_ms() - send->began_ms);
	answer(send->sends, send->request, &sent);
	drop(send);
}

static struct send *find(const struct sends *sends, uint32_t request)
{
	struct send *send = sends->first;

	while (send != NULL && send->request != request)
		send = send->next;
	return send;
}

/* ---- the ways ---- */

static void on_transfer(void *context, const struct transfer_end *ended)
{
	struct send *send = context;
	struct outcome outcome = {0};

	if (send->way == NOTIFIER_MAIL)
		mail_send_judge(send->transfer, ended, &outcome);
	else
		http_send_judge(send->transfer, ended, &outcome);
	end(send, outcome.sent);
}

static void begin_http(struct send *send, const struct notifier_send *what)
{
	send->transfer = http_send_create(send->sends->transfers, what, on_transfer, send);
	transfer_start(send->transfer);
}

static void begin_mail(struct send *send, const struct notifier_send *what)
{
	const char *own_name = role_config_fact(send->sends->parts->config, "myhostname");

	send->transfer =
	    mail_send_create(send->sends->transfers, what, own_name, on_transfer, send);
	transfer_start(send->transfer);
}

/* One that was cancelled meanwhile is nobody's. */
static void on_command(void *context, uint32_t request, const struct notifier_sent *sent)
{
	struct send *send = find(context, request);

	if (send != NULL && send->way == NOTIFIER_COMMAND)
		end(send, *sent);
}

static void on_starter_gone(void *context)
{
	const struct sends *sends = context;

	log_error("the starter of commands is gone");
	/* The server hears that nothing is known of what was under way. */
	sends->parts->fail(sends->parts->context);
}

static void begin_command(struct send *send, const struct notifier_send *what)
{
	commands_begin(send->sends->commands, send->request, what);
}

static void (*const ways[])(struct send *send, const struct notifier_send *what) = {
    [NOTIFIER_HTTP] = begin_http,
    [NOTIFIER_COMMAND] = begin_command,
    [NOTIFIER_MAIL] = begin_mail,
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void refuse(
    struct sends *sends, uint32_t request, enum notifier_result result, const char *text)
{
	struct outcome outcome = {0};

	outcome_set(&outcome, result, "%s", text);
	answer(sends, request, &outcome.sent);
}

void sends_begin(struct sends *sends, const struct frame *frame)
{
	struct notifier_send what;

	if (!notifier_send_decode(frame, &what) || what.way >= WAYS) {
		refuse(sends, frame->request, NOTIFIER_REFUSED,
		    "It is not sent: the notifier does not understand what it is asked.");
		return;
	}
	if (sends->count == SENDS_MAX) {
		refuse(sends, frame->request, NOTIFIER_TRY_AGAIN,
		    "It is not sent now: too many others are under way.");
		return;
	}
	ways[what.way](add(sends, frame->request, what.way), &what);
}

void sends_cancel(struct sends *sends, uint32_t request)
{
	struct send *send = find(sends, request);

	if (send != NULL)
		cancel(send);
}

void sends_drop(struct sends *sends)
{
	while (sends->first != NULL)
		cancel(sends->first);
}

struct sends *sends_create(const struct notifier_parts *parts, int starter)
{
	struct sends *sends = memory_zero(1, sizeof(*sends));

	sends->parts = parts;
	sends->transfers = transfers_create(parts->loop);
	sends->commands = commands_create(
	    parts->loop, starter, &(struct commands_events){sends, on_command, on_starter_gone});
	return sends;
}

void sends_destroy(struct sends **pointer)
{
	struct sends *sends = *pointer;

	if (sends == NULL)
		return;
	sends_drop(sends);
	transfers_destroy(&sends->transfers);
	commands_destroy(&sends->commands);
	free(sends);
	*pointer = NULL;
}
