/* How a send went, with the sentence that says so. */
#ifndef NOTIFIER_OUTCOME_H
#define NOTIFIER_OUTCOME_H

#include "transfer/transfer.h"
#include "wire/notifier_proto.h"

struct outcome {
	struct notifier_sent sent; /* its text points into `text` */
	char text[NOTIFIER_TEXT_MAX];
};

/* The result, and its sentence, which is cut to fit. */
void outcome_set(struct outcome *outcome, enum notifier_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* For a transfer that ended before the other side said anything that counts: no connection, no
 * time, no proof by its certificate. */
void outcome_of_failure(struct outcome *outcome, const struct transfer_end *end);

#endif
