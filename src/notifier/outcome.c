/* What libcurl's failures mean for whoever is to be told: whether to try again, in plain words. */
#include "notifier/outcome.h"

#include <stdarg.h>
#include <stdio.h>

void outcome_set(struct outcome *outcome, enum notifier_result result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(outcome->text, sizeof(outcome->text), format, arguments);
	va_end(arguments);
	outcome->sent.result = result;
	outcome->sent.text = slice_of(outcome->text);
}

void outcome_of_failure(struct outcome *outcome, const struct transfer_end *end)
{
	/* Refused is what only a person can change; whatever may pass by itself is tried again. */
	switch (end->code) {
	case CURLE_OPERATION_TIMEDOUT:
		outcome_set(
		    outcome, NOTIFIER_TRY_AGAIN, "It did not answer in time (%s).", end->words);
		return;
	case CURLE_COULDNT_RESOLVE_HOST:
		outcome_set(outcome, NOTIFIER_TRY_AGAIN,
		    "The name service does not know it, or does not answer (%s).", end->words);
		return;
	case CURLE_COULDNT_CONNECT:
		if (end->refused[0] == '\0')
			break;
		outcome_set(outcome, NOTIFIER_REFUSED, "It is not connected to: %s.", end->refused);
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_INVALIDCERTSTATUS:
		outcome_set(outcome, NOTIFIER_REFUSED,
		    "Its certificate does not prove who it is (%s).", end->words);
		return;
	case CURLE_URL_MALFORMAT:
		outcome_set(
		    outcome, NOTIFIER_REFUSED, "It cannot be connected to: %s.", end->words);
		return;
	default:
		break;
	}
	if (end->head_endless)
		outcome_set(outcome, NOTIFIER_TRY_AGAIN,
		    "What it says before its answer has no end: the connection was closed.");
	else
		outcome_set(outcome, NOTIFIER_TRY_AGAIN, "It could not be sent (%s).", end->words);
}
