/* What a request is made of, as its handler may ask for it, and the way that it goes. Nothing here
 * answers, parses or sends. */
#include "http/request_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/state_machine.h"

/* ---- the way of a request ---- */

static const char *const names[HTTP_STAGES] = {[HTTP_STAGE_CHECKING] = "checking",
    [HTTP_STAGE_BODY] = "body",
    [HTTP_STAGE_HANDLING] = "handling",
    [HTTP_STAGE_STREAMING] = "streaming"};

/* A request may be answered, and is gone, in any of them. */
static const uint32_t next[HTTP_STAGES] = {
    [HTTP_STAGE_CHECKING] = STATE_MACHINE_BIT(HTTP_STAGE_BODY),
    [HTTP_STAGE_BODY] = STATE_MACHINE_BIT(HTTP_STAGE_HANDLING),
    [HTTP_STAGE_HANDLING] = STATE_MACHINE_BIT(HTTP_STAGE_STREAMING),
};

static const struct state_machine machine = {"request", HTTP_STAGES, names, next};

bool request_stage_allows(enum http_stage from, enum http_stage to)
{
	return state_machine_allows(&machine, from, to);
}

void request_move(struct http_request *rq, enum http_stage stage)
{
	rq->stage = (enum http_stage)state_machine_move(&machine, rq->stage, stage);
}

/* ---- what it is made of ---- */

void request_free(struct http_request **request)
{
	struct http_request *rq = *request;

	if (rq == NULL)
		return;
	buffer_free(&rq->head_bytes);
	target_free(&rq->target);
	buffer_free(&rq->body);
	buffer_free(&rq->headers);
	free(rq->scope);
	buffer_free(&rq->audit_filter);
	json_decref(rq->json);
	free(rq);
	*request = NULL;
}

enum http_method http_method(const struct http_request *rq)
{
	return rq->method;
}

bool http_head_only(const struct http_request *rq)
{
	return rq->head_only;
}

const struct caller *http_caller(const struct http_request *rq)
{
	return &rq->caller;
}

void http_set_caller(struct http_request *rq, const struct caller *caller)
{
	/* A copy of its own: the account may end while this request is under way. */
	char *scope = caller->scope != NULL ? memory_strdup(caller->scope) : NULL;

	free(rq->scope);
	rq->caller = *caller;
	rq->caller.scope = rq->scope = scope;
}

void http_set_audit_text(struct http_request *rq, const char *format, ...)
{
	char text[sizeof(rq->audit_text)]; /* what is there may be among the arguments */
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memcpy(rq->audit_text, text, sizeof(text));
}

const char *http_audit_text(const struct http_request *rq)
{
	return rq->audit_text;
}

void http_set_audit_job(struct http_request *rq, int64_t job, int64_t messages, const char *filter)
{
	rq->audit_job = job;
	rq->audit_count = messages;
	/* It may be what stands there. */
	if (filter != NULL && filter != rq->audit_filter.data) {
		buffer_clear(&rq->audit_filter);
		buffer_append_string(&rq->audit_filter, filter);
	}
}

void http_keep_record(struct http_request *rq, bool keeps)
{
	rq->record_kept = keeps;
}

const char *http_reference(const struct http_request *rq)
{
	/* Made when it is first asked for, which changes nothing about the request. */
	char *reference = ((struct http_request *)rq)->reference;
	unsigned char bytes[8];

	if (reference[0] != '\0')
		return reference;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		abort();
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(reference + 2 * i, 3, "%02x", bytes[i]);
	return reference;
}

const char *http_peer(const struct http_request *rq)
{
	return rq->peer;
}

struct http_socket_peer http_socket_peer(const struct http_request *rq)
{
	/* Behind a proxy there may be anybody, whoever the proxy is. */
	return rq->by_proxy ? (struct http_socket_peer){0} : rq->socket_peer;
}

bool http_is_by_proxy(const struct http_request *rq)
{
	return rq->by_proxy;
}

bool http_is_secure(const struct http_request *rq)
{
	return rq->secure;
}

const char *http_base(const struct http_request *rq)
{
	return rq->base;
}

struct slice http_path(const struct http_request *rq)
{
	return rq->target.path;
}

struct slice http_path_param(const struct http_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->param_count; i++)
		if (slice_is(rq->params[i].name, name))
			return rq->params[i].value;
	return SLICE("");
}

bool http_query(const struct http_request *rq, const char *name, struct slice *value)
{
	for (size_t i = 0; i < rq->target.query_count; i++)
		if (slice_is(rq->target.query[i].name, name)) {
			*value = rq->target.query[i].value;
			return true;
		}
	return false;
}

bool http_header(const struct http_request *rq, const char *name, struct slice *value)
{
	/* The first one: those that matter can only stand once (gate.c). */
	return gate_find(&rq->head, name, value);
}

size_t http_header_count(const struct http_request *rq, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < rq->head.header_count; i++)
		count += slice_equal_nocase(rq->head.headers[i].name, slice_of(name));
	return count;
}

struct slice http_body(const struct http_request *rq)
{
	return buffer_slice(&rq->body);
}

void http_on_gone(struct http_request *rq, void (*gone)(void *context), void *context)
{
	/* One at a time: a handler has one thing under way. */
	rq->gone = gone;
	rq->gone_context = context;
}

static void forget(void *context)
{
	struct http_request **place = context;

	*place = NULL;
}

void http_wait(struct http_request *rq, struct http_request **place)
{
	*place = rq;
	http_on_gone(rq, forget, place);
}

void http_on_drained(
    struct http_request *rq, void (*drained)(struct http_request *rq, void *context), void *context)
{
	rq->drained = drained;
	rq->drained_context = context;
}
