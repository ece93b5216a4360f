/* A message by libcurl's SMTP, and what the relay's replies mean. The relay is another host's: the
 * local queue is what alerts are about, so a message that waits in it would come too late.
 *
 * TLS as mail does it. smtps:// and whatever has a password is encrypted, to a relay whose
 * certificate proves its name, or not sent. Other smtp:// takes STARTTLS where it is offered and
 * asks for no proof: that is still better than the plain text that would go otherwise. */
#include "notifier/mail_send.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

/* libcurl says QUIT and then waits for its reply: for minutes, with everything else standing still.
 * What the relay says to that changes nothing, so nothing more is read of it. */
static int on_debug(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
	(void)easy;
	if (type == CURLINFO_HEADER_OUT && slice_is(slice_make(data, size), "QUIT\r\n"))
		transfer_stop_reading(context);
	return 0;
}

/* What follows the address in libcurl's URLs is what it says in EHLO. */
static bool is_name(const char *name)
{
	return name[0] != '\0' &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"
				 "_")] == '\0';
}

static void set_url(CURL *easy, struct slice relay, const char *own_name)
{
	BUFFER_AUTO struct buffer url = {0};

	buffer_append_slice(&url, relay);
	if (!slice_ends_with(relay, "/"))
		buffer_append_char(&url, '/');
	if (is_name(own_name))
		buffer_append_string(&url, own_name);
	curl_easy_setopt(easy, CURLOPT_URL, buffer_string(&url));
}

static void set_secrets(CURL *easy, const struct notifier_send *send)
{
	MEMORY_AUTO char *user = memory_strndup(send->user.data, send->user.len);
	MEMORY_AUTO char *password = memory_strndup(send->password.data, send->password.len);
	bool strict = send->user.len > 0 || slice_starts_with(send->relay, "smtps://");

	curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(strict ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, strict ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, strict ? 2L : 0L);
	if (send->user.len == 0)
		return;
	curl_easy_setopt(easy, CURLOPT_USERNAME, user);
	curl_easy_setopt(easy, CURLOPT_PASSWORD, password);
	/* Both are told within TLS. The others bring libraries with files of their own. */
	curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
}

static void set_envelope(struct transfer *transfer, const struct notifier_send *send)
{
	CURL *easy = transfer_handle(transfer);
	MEMORY_AUTO char *from = memory_strndup(send->from.data, send->from.len);
	struct slice rest = send->to, line;

	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	while (slice_split(&rest, '\n', &line))
		if (line.len > 0)
			transfer_add_line(transfer, line);
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer_lines(transfer));
	/* One recipient that is gone must not keep the alert from all others. */
#if LIBCURL_VERSION_NUM >= 0x080200
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLOWFAILS, 1L);
#else
	curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
#endif
}

struct transfer *mail_send_create(struct transfers *transfers, const struct notifier_send *send,
    const char *own_name, transfer_done *done, void *context)
{
	struct transfer *transfer = transfer_create(
	    transfers, "smtp,smtps", send->timeout_ms, send->allow_local, done, context);
	CURL *easy = transfer_handle(transfer);

	set_url(easy, send->relay, own_name);
	set_secrets(easy, send);
	set_envelope(transfer, send);
	transfer_set_body(transfer, send->body);
	curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	return transfer;
}

/* ---- replies ---- */

static bool is_refusal(struct slice line)
{
	return line.len > 3 && (line.data[0] == '4' || line.data[0] == '5');
}

/* The first or the last line of a refusal, without its end; empty where there is none. */
static struct slice find_refusal(struct slice replies, bool last)
{
	struct slice rest = replies, line, found = SLICE("");

	while ((last || found.len == 0) && slice_split(&rest, '\n', &line))
		if (is_refusal(line))
			found = slice_trim(line);
	return found;
}

/* What a relay says is cut, so that the rest of the sentence stays. */
#define REPLY_SHOWN 300

static void judge_refusal(long status, struct slice reply, struct outcome *outcome)
{
	reply = slice_first(reply, REPLY_SHOWN);
	if (status >= 500)
		outcome_set(
		    outcome, NOTIFIER_REFUSED, "The relay refused it: %.*s", SLICE_ARGS(reply));
	else
		outcome_set(outcome, NOTIFIER_TRY_AGAIN, "The relay does not take it now: %.*s",
		    SLICE_ARGS(reply));
}

static void judge_taken(struct slice refusal, struct outcome *outcome)
{
	refusal = slice_first(refusal, REPLY_SHOWN);
	if (refusal.len > 0)
		outcome_set(outcome, NOTIFIER_DONE,
		    "The relay took it, but not for everybody: %.*s", SLICE_ARGS(refusal));
	else
		outcome_set(outcome, NOTIFIER_DONE, "The relay took it.");
}

void mail_send_judge(
    struct transfer *transfer, const struct transfer_end *end, struct outcome *outcome)
{
	struct slice refusal = find_refusal(end->head, end->code != CURLE_OK);
	long status = 0;

	curl_easy_getinfo(transfer_handle(transfer), CURLINFO_RESPONSE_CODE, &status);
	outcome->sent.status = (int32_t)status;
	/* The end of a conversation says more than its beginning. */
	outcome->sent.answer = slice_from(end->head,
	    end->head.len > NOTIFIER_ANSWER_MAX ? end->head.len - NOTIFIER_ANSWER_MAX : 0);
	if (end->code == CURLE_OK)
		judge_taken(refusal, outcome);
	else if (status >= 400 && status < 600 && refusal.len > 0)
		judge_refusal(status, refusal, outcome);
	else if (end->code == CURLE_USE_SSL_FAILED)
		outcome_set(outcome, NOTIFIER_REFUSED,
		    "The relay offers no STARTTLS, and a password is not told without it.");
	else if (end->code == CURLE_LOGIN_DENIED)
		outcome_set(outcome, NOTIFIER_REFUSED,
		    "The relay offers no way to sign in that is used here (PLAIN, LOGIN).");
	else
		outcome_of_failure(outcome, end);
}
