/* What a server's certificate says, in sentences. It came from a stranger: whatever it holds, the
 * words stay harmless and short. */
#ifndef NOTIFIER_PROBE_CERTIFICATE_H
#define NOTIFIER_PROBE_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "notifier/probe_tls.h"

/* Whose it is, who issued it, and from when to when it counts. True where the dates are wrong. */
bool probe_certificate_put(struct buffer *text, X509 *certificate);
/* Whether it is for a name that the policy wants. True where it is not. */
bool probe_certificate_put_match(
    struct buffer *text, X509 *certificate, const struct probe_tls_policy *policy);

#endif
