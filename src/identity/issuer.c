/* Each question is a task that goes through its steps, one request at a time, within one time for
 * all of them:
 *
 *   metadata -> (DISCOVER ends)
 *   metadata -> token -> [keys] -> [userinfo] -> end
 *
 * A step in brackets is left out where what it gives is known. A slow issuer holds up no other
 * task: they share what is published, and nothing else. */
#include "identity/issuer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/url.h"
#include "identity/fetch.h"
#include "identity/id_token.h"
#include "identity/metadata.h"
#include "identity/token_reply.h"
#include "wire/identity_proto.h"

/* Where a task is: which answer it waits for. Only ask() moves it. */
enum step {
	STEP_METADATA,
	STEP_TOKEN,
	STEP_KEYS,
	STEP_USERINFO,
};

struct task {
	struct task *next;
	struct issuer *all;
	uint32_t request;
	enum step step;
	int64_t deadline_ms;
	struct buffer question; /* what the slices below point into */
	bool only_discovers;
	struct slice issuer;
	struct identity_sign_in sign_in;
	struct token_reply token;
	struct person person;
	struct fetch *fetch;
};

struct issuer {
	struct loop *loop;
	struct transfers *transfers;
	void (*answer)(void *context, const struct buffer *frame);
	void *context;
	struct task *first;
	unsigned count;
	/* What the issuer of that name has published; NULL: nothing is known. */
	char *name;
	struct metadata metadata;
	int64_t metadata_ms;
	struct keys *keys; /* NULL: not asked for yet */
	int64_t keys_ms;
};

/* ---- tasks ---- */

static void drop(struct task *task)
{
	struct task **at = &task->all->first;

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
	task->all->count--;
	fetch_destroy(&task->fetch);
	token_reply_free(&task->token);
	person_free(&task->person);
	buffer_free(&task->question);
	free(task);
}

static void reply_without(struct issuer *issuer, uint32_t request, bool discovers,
    enum identity_result result, const char *text)
{
	BUFFER_AUTO struct buffer frame = {0};

	if (discovers)
		identity_discovered_encode(&frame, request,
		    &(struct identity_discovered){.result = result, .text = slice_of(text)});
	else
		identity_signed_in_encode(&frame, request,
		    &(struct identity_signed_in){.result = result, .text = slice_of(text)});
	issuer->answer(issuer->context, &frame);
}

static void fail(struct task *task, enum identity_result result, const char *text)
{
	reply_without(task->all, task->request, task->only_discovers, result, text);
	drop(task);
}

/* No answer, or one that a later one may take back. */
static bool is_trouble(const struct fetch_reply *reply)
{
	return reply->status == 0 || reply->status >= 500 || reply->status == 429;
}

static void fail_by(struct task *task, const char *what, const struct fetch_reply *reply)
{
	char text[IDENTITY_TEXT_MAX];

	if (reply->status == 0)
		snprintf(text, sizeof(text), "%s does not answer: %s", what, reply->why);
	else
		snprintf(text, sizeof(text), "%s answered %ld", what, reply->status);
	fail(task, is_trouble(reply) ? IDENTITY_UNAVAILABLE : IDENTITY_REFUSED, text);
}

/* ---- asking ---- */

static void on_reply(void *context, const struct fetch_reply *reply);

static void ask(struct task *task, enum step step, const char *url, struct fetch_question question)
{
	int64_t left = task->deadline_ms - clock_monotonic_ms();

	fetch_destroy(&task->fetch);
	task->step = step;
	if (left <= 0) {
		fail(task, IDENTITY_UNAVAILABLE, "the issuer is too slow");
		return;
	}
	question.url = url;
	question.timeout_ms = (uint32_t)left;
	/* Root has named the issuer, and it may be of this host. What the issuer names may not be
	 * another service of this host. */
	question.allow_local = slice_equal(url_origin(slice_of(url)), url_origin(task->issuer));
	task->fetch = fetch_start(task->all->transfers, &question, on_reply, task);
}

static void ask_metadata(struct task *task)
{
	BUFFER_AUTO struct buffer url = {0};

	buffer_append_slice(&url, task->issuer);
	if (slice_ends_with(task->issuer, "/"))
		url.len--;
	buffer_append_string(&url, "/.well-known/openid-configuration");
	ask(task, STEP_METADATA, buffer_string(&url), (struct fetch_question){0});
}

static void ask_token(struct task *task)
{
	const struct metadata *metadata = &task->all->metadata;
	const struct identity_sign_in *s = &task->sign_in;
	bool in_body = s->client_secret.len == 0 || metadata->secret_in_body;
	BUFFER_AUTO struct buffer form = {0};

	fetch_form_add(&form, "grant_type", SLICE("authorization_code"));
	fetch_form_add(&form, "code", s->code);
	fetch_form_add(&form, "redirect_uri", s->redirect_uri);
	fetch_form_add(&form, "code_verifier", s->verifier);
	if (in_body)
		fetch_form_add(&form, "client_id", s->client_id);
	if (in_body && s->client_secret.len > 0)
		fetch_form_add(&form, "client_secret", s->client_secret);
	ask(task, STEP_TOKEN, metadata->token,
	    (struct fetch_question){.form = buffer_slice(&form),
		.user = in_body ? SLICE("") : s->client_id,
		.password = in_body ? SLICE("") : s->client_secret});
}

/* ---- what is published ---- */

static bool is_known(const struct task *task)
{
	const struct issuer *all = task->all;

	return all->name != NULL && slice_is(task->issuer, all->name);
}

static void forget_published(struct issuer *issuer)
{
	free(issuer->name);
	issuer->name = NULL;
	keys_destroy(&issuer->keys);
}

static void take_metadata(struct task *task, const struct metadata *metadata)
{
	struct issuer *all = task->all;

	if (!is_known(task)) {
		forget_published(all);
		all->name = memory_strndup(task->issuer.data, task->issuer.len);
	}
	all->metadata = *metadata;
	all->metadata_ms = clock_monotonic_ms();
}

static void answer_discovered(struct task *task)
{
	const struct metadata *metadata = &task->all->metadata;
	BUFFER_AUTO struct buffer frame = {0};

	identity_discovered_encode(&frame, task->request,
	    &(struct identity_discovered){.result = IDENTITY_DONE,
		.authorization_endpoint = slice_of(metadata->authorization),
		.end_session_endpoint = slice_of(metadata->end_session),
		.names_itself = metadata->names_itself});
	task->all->answer(task->all->context, &frame);
	drop(task);
}

static void with_metadata(struct task *task)
{
	if (task->only_discovers)
		answer_discovered(task);
	else
		ask_token(task);
}

/* ---- the token ---- */

static void answer_signed_in(struct task *task)
{
	BUFFER_AUTO struct buffer frame = {0};
	const struct person *person = &task->person;

	if (person->name.len == 0) {
		fail(task, IDENTITY_REFUSED,
		    "neither the ID token nor the userinfo endpoint has the claim of the name "
		    "(access.oidc_name_claim)");
		return;
	}
	identity_signed_in_encode(&frame, task->request,
	    &(struct identity_signed_in){.result = IDENTITY_DONE,
		.subject = buffer_slice(&person->subject),
		.name = buffer_slice(&person->name),
		.groups = buffer_slice(&person->groups)});
	task->all->answer(task->all->context, &frame);
	drop(task);
}

static bool take_claims(struct task *task, const json_t *claims)
{
	struct claims_wanted wanted = {task->sign_in.name_claim, task->sign_in.groups_claim};
	struct error err;

	if (claims_take(claims, &wanted, &task->person, &err))
		return true;
	fail(task, IDENTITY_REFUSED, err.text);
	return false;
}

/* Many issuers put nobody's groups into the token. */
static void with_claims(struct task *task)
{
	const struct metadata *metadata = &task->all->metadata;
	bool complete = task->person.name.len > 0 && task->person.has_groups;

	if (complete || metadata->userinfo[0] == '\0' || task->token.access_token.len == 0)
		answer_signed_in(task);
	else
		ask(task, STEP_USERINFO, metadata->userinfo,
		    (struct fetch_question){.bearer = buffer_slice(&task->token.access_token)});
}

/* Keys that are old, or do not know the token's, are asked for anew; at most once for each task. */
static bool want_keys(const struct task *task)
{
	const struct issuer *all = task->all;

	return task->step != STEP_KEYS &&
	       (all->keys == NULL || clock_monotonic_ms() - all->keys_ms > ISSUER_KEYS_MS);
}

static void check_token(struct task *task)
{
	struct issuer *all = task->all;
	struct claims_expected expected = {
	    task->issuer, task->sign_in.client_id, task->sign_in.nonce, clock_now()};
	json_t *claims;
	struct error err;
	bool taken;

	if (want_keys(task)) {
		ask(task, STEP_KEYS, all->metadata.keys, (struct fetch_question){0});
		return;
	}
	claims = id_token_check(buffer_slice(&task->token.id_token), all->keys, &expected, &err);
	if (claims == NULL) {
		/* Only a token that the issuer itself has given leads here, so strangers cannot
		 * make it be asked. */
		if (strcmp(err.code, "unknown_key") == 0 && task->step != STEP_KEYS)
			ask(task, STEP_KEYS, all->metadata.keys, (struct fetch_question){0});
		else
			fail(task, IDENTITY_REFUSED, err.text);
		return;
	}
	taken = take_claims(task, claims);
	json_decref(claims);
	if (taken)
		with_claims(task);
}

/* ---- answers ---- */

static void on_metadata(struct task *task, const struct fetch_reply *reply)
{
	struct metadata metadata;
	struct error err;

	if (reply->status != 200)
		fail_by(task, "the issuer's discovery", reply);
	else if (!metadata_parse(reply->body, task->issuer, &metadata, &err))
		fail(task, IDENTITY_REFUSED, err.text);
	else {
		take_metadata(task, &metadata);
		with_metadata(task);
	}
}

static void on_token(struct task *task, const struct fetch_reply *reply)
{
	struct error err;

	if (is_trouble(reply))
		fail_by(task, "the issuer's token endpoint", reply);
	else if (!token_reply_parse(reply->status, reply->body, &task->token, &err))
		fail(task, IDENTITY_REFUSED, err.text);
	else if (!is_known(task))
		/* Another issuer was configured meanwhile: its keys are not this one's. */
		fail(task, IDENTITY_UNAVAILABLE, "another issuer was set meanwhile");
	else
		check_token(task);
}

static void on_keys(struct task *task, const struct fetch_reply *reply)
{
	struct issuer *all = task->all;
	struct keys *keys;
	struct error err;

	if (reply->status != 200) {
		fail_by(task, "the address of the issuer's keys", reply);
		return;
	}
	keys = keys_parse(reply->body, &err);
	if (keys == NULL || !is_known(task)) {
		fail(task, IDENTITY_REFUSED,
		    keys == NULL ? err.text : "another issuer was set meanwhile");
		keys_destroy(&keys);
		return;
	}
	keys_destroy(&all->keys);
	all->keys = keys;
	all->keys_ms = clock_monotonic_ms();
	check_token(task);
}

static void on_userinfo(struct task *task, const struct fetch_reply *reply)
{
	json_t *claims;
	bool taken;

	if (reply->status != 200) {
		fail_by(task, "the issuer's userinfo endpoint", reply);
		return;
	}
	claims = json_loadb(reply->body.data, reply->body.len, JSON_REJECT_DUPLICATES, NULL);
	taken = take_claims(task, claims);
	json_decref(claims);
	if (taken)
		answer_signed_in(task);
}

static void on_reply(void *context, const struct fetch_reply *reply)
{
	static void (*const steps[])(struct task * task, const struct fetch_reply *reply) = {
	    [STEP_METADATA] = on_metadata,
	    [STEP_TOKEN] = on_token,
	    [STEP_KEYS] = on_keys,
	    [STEP_USERINFO] = on_userinfo,
	};
	struct task *task = context;

	steps[task->step](task, reply);
}

/* ---- questions ---- */

/* What is asked points into the task's own copy. */
static bool decode(struct task *task, const struct frame *frame)
{
	struct frame copy = {.type = frame->type, .request = frame->request};
	struct identity_discover discover;

	buffer_append_slice(&task->question, frame->body);
	copy.body = buffer_slice(&task->question);
	task->only_discovers = frame->type == IDENTITY_DISCOVER;
	if (task->only_discovers) {
		if (!identity_discover_decode(&copy, &discover))
			return false;
		task->issuer = discover.issuer;
		return true;
	}
	if (!identity_sign_in_decode(&copy, &task->sign_in))
		return false;
	task->issuer = task->sign_in.issuer;
	return true;
}

bool issuer_begin(struct issuer *issuer, const struct frame *frame)
{
	bool discovers = frame->type == IDENTITY_DISCOVER;
	struct task *task;

	if (!discovers && frame->type != IDENTITY_SIGN_IN)
		return false;
	if (issuer->count == ISSUER_TASKS_MAX) {
		reply_without(issuer, frame->request, discovers, IDENTITY_UNAVAILABLE,
		    "others are signing in right now");
		return true;
	}
	task = memory_zero(1, sizeof(*task));
	*task = (struct task){.next = issuer->first,
	    .all = issuer,
	    .request = frame->request,
	    .deadline_ms = clock_monotonic_ms() + IDENTITY_TIMEOUT_MS};
	issuer->first = task;
	issuer->count++;
	if (!decode(task, frame))
		fail(task, IDENTITY_REFUSED, "it is not understood what is asked");
	else if (is_known(task) && !discovers &&
		 clock_monotonic_ms() - issuer->metadata_ms < ISSUER_METADATA_MS)
		with_metadata(task);
	else
		/* Who discovers wants to know whether the issuer is there. */
		ask_metadata(task);
	return true;
}

void issuer_cancel(struct issuer *issuer, uint32_t request)
{
	for (struct task *task = issuer->first; task != NULL; task = task->next)
		if (task->request == request) {
			drop(task);
			return;
		}
}

void issuer_drop(struct issuer *issuer)
{
	while (issuer->first != NULL)
		drop(issuer->first);
}

struct issuer *issuer_create(
    struct loop *loop, void (*answer)(void *context, const struct buffer *frame), void *context)
{
	struct issuer *issuer = memory_zero(1, sizeof(*issuer));

	issuer->transfers = transfers_create(loop);
	issuer->answer = answer;
	issuer->context = context;
	return issuer;
}

void issuer_destroy(struct issuer **pointer)
{
	struct issuer *issuer = *pointer;

	if (issuer == NULL)
		return;
	issuer_drop(issuer);
	transfers_destroy(&issuer->transfers);
	forget_published(issuer);
	free(issuer);
	*pointer = NULL;
}
