/* The answer of a token endpoint: pure. */
#ifndef IDENTITY_TOKEN_REPLY_H
#define IDENTITY_TOKEN_REPLY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/* Of each token. What real issuers send has a few kilobytes, and some hundred groups. */
#define TOKEN_MAX 65536

struct token_reply {
	struct buffer id_token; /* three parts of base64url with dots between them, not checked */
	struct buffer access_token; /* for the userinfo endpoint; empty: there is none */
};
void token_reply_free(struct token_reply *reply);

/* `status` is that of HTTP. False with issuer_refused where the issuer does not take the code, with
 * its own short word for why; with bad_token for what is no answer to the question. */
bool token_reply_parse(
    long status, struct slice json, struct token_reply *reply, struct error *err);

#endif
