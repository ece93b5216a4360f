/* Encoders and decoders of what the server asks about people, and the check of addresses. The check
 * knows forms only: which host a name leads to is seen when it is connected to
 * (transfer/address.h). */
#include "wire/identity_proto.h"

#include <string.h>

#include "base/url.h"
#include "wire/notifier_proto.h"

static bool bad(struct error *err, const char *text)
{
	return error_set(err, "bad_issuer", "%s", text);
}

static bool is_https(struct slice text)
{
	return slice_starts_with(text, "https://");
}

static bool is_of_this_host(struct slice text)
{
	struct url url;

	return url_split(text, &url) && url_host_is_own(url.host);
}

bool identity_issuer_check(struct slice issuer, struct error *err)
{
	struct error why;

	if (!notifier_url_check(issuer, &why))
		return bad(err, why.text);
	if (!is_https(issuer) && !is_of_this_host(issuer))
		return bad(
		    err, "an issuer must begin with https://; http:// is for this host alone");
	return (slice_find_char(issuer, '?') < 0 && slice_find_char(issuer, '#') < 0) ||
	       bad(err, "an issuer has no ? and no #");
}

bool identity_endpoint_check(struct slice url, struct slice issuer)
{
	return notifier_url_check(url, NULL) && slice_find_char(url, '#') < 0 &&
	       (is_https(url) || (!is_https(issuer) && is_of_this_host(url)));
}

/* ---- DISCOVER ---- */

void identity_discover_encode(
    struct buffer *frame, uint32_t request, const struct identity_discover *discover)
{
	frame_begin(frame, IDENTITY_DISCOVER, request);
	buffer_put_string(frame, discover->issuer);
}

bool identity_discover_decode(const struct frame *frame, struct identity_discover *discover)
{
	struct cursor c = frame_cursor(frame);

	discover->issuer = cursor_string(&c, IDENTITY_URL_MAX);
	return frame->type == IDENTITY_DISCOVER && cursor_finished(&c) &&
	       identity_issuer_check(discover->issuer, NULL);
}

/* A result and its sentence, which both answers begin with. */
static void put_result(struct buffer *frame, enum identity_result result, struct slice text)
{
	buffer_put_u8(frame, (uint8_t)result);
	buffer_put_string(frame, slice_first(text, IDENTITY_TEXT_MAX));
}

static enum identity_result get_result(struct cursor *c, struct slice *text)
{
	uint8_t result = cursor_u8(c);

	*text = cursor_string(c, IDENTITY_TEXT_MAX);
	if (result > IDENTITY_REFUSED)
		c->failed = true;
	return (enum identity_result)result;
}

void identity_discovered_encode(
    struct buffer *frame, uint32_t request, const struct identity_discovered *discovered)
{
	frame_begin(frame, IDENTITY_DISCOVERED, request);
	put_result(frame, discovered->result, discovered->text);
	buffer_put_string(frame, discovered->authorization_endpoint);
	buffer_put_string(frame, discovered->end_session_endpoint);
	buffer_put_u8(frame, discovered->names_itself);
}

bool identity_discovered_decode(const struct frame *frame, struct identity_discovered *discovered)
{
	struct cursor c = frame_cursor(frame);

	if (frame->type != IDENTITY_DISCOVERED)
		return false;
	discovered->result = get_result(&c, &discovered->text);
	discovered->authorization_endpoint = cursor_string(&c, IDENTITY_URL_MAX);
	discovered->end_session_endpoint = cursor_string(&c, IDENTITY_URL_MAX);
	discovered->names_itself = cursor_flag(&c);
	if (!cursor_finished(&c))
		return false;
	/* They become headers of ours: Location. */
	return discovered->result != IDENTITY_DONE ||
	       (notifier_url_check(discovered->authorization_endpoint, NULL) &&
		   (discovered->end_session_endpoint.len == 0 ||
		       notifier_url_check(discovered->end_session_endpoint, NULL)));
}

/* ---- SIGN_IN ---- */

void identity_sign_in_encode(
    struct buffer *frame, uint32_t request, const struct identity_sign_in *sign_in)
{
	frame_begin(frame, IDENTITY_SIGN_IN, request);
	buffer_put_string(frame, sign_in->issuer);
	buffer_put_string(frame, sign_in->client_id);
	buffer_put_string(frame, sign_in->client_secret);
	buffer_put_string(frame, sign_in->redirect_uri);
	buffer_put_string(frame, sign_in->code);
	buffer_put_string(frame, sign_in->verifier);
	buffer_put_string(frame, sign_in->nonce);
	buffer_put_string(frame, sign_in->name_claim);
	buffer_put_string(frame, sign_in->groups_claim);
}

bool identity_sign_in_decode(const struct frame *frame, struct identity_sign_in *sign_in)
{
	struct cursor c = frame_cursor(frame);

	if (frame->type != IDENTITY_SIGN_IN)
		return false;
	sign_in->issuer = cursor_string(&c, IDENTITY_URL_MAX);
	sign_in->client_id = cursor_string(&c, IDENTITY_ID_MAX);
	sign_in->client_secret = cursor_string(&c, IDENTITY_SECRET_MAX);
	sign_in->redirect_uri = cursor_string(&c, IDENTITY_URL_MAX);
	sign_in->code = cursor_string(&c, IDENTITY_CODE_MAX);
	sign_in->verifier = cursor_string(&c, IDENTITY_NONCE_MAX);
	sign_in->nonce = cursor_string(&c, IDENTITY_NONCE_MAX);
	sign_in->name_claim = cursor_string(&c, IDENTITY_CLAIM_MAX);
	sign_in->groups_claim = cursor_string(&c, IDENTITY_CLAIM_MAX);
	/* An empty nonce would be that of a token without one. */
	return cursor_finished(&c) && identity_issuer_check(sign_in->issuer, NULL) &&
	       sign_in->client_id.len > 0 && sign_in->code.len > 0 && sign_in->verifier.len > 0 &&
	       sign_in->nonce.len > 0 && sign_in->name_claim.len > 0;
}

void identity_signed_in_encode(
    struct buffer *frame, uint32_t request, const struct identity_signed_in *signed_in)
{
	frame_begin(frame, IDENTITY_SIGNED_IN, request);
	put_result(frame, signed_in->result, signed_in->text);
	buffer_put_string(frame, signed_in->subject);
	buffer_put_string(frame, signed_in->name);
	buffer_put_string(frame, signed_in->groups);
}

bool identity_signed_in_decode(const struct frame *frame, struct identity_signed_in *signed_in)
{
	struct cursor c = frame_cursor(frame);

	if (frame->type != IDENTITY_SIGNED_IN)
		return false;
	signed_in->result = get_result(&c, &signed_in->text);
	signed_in->subject = cursor_string(&c, IDENTITY_ID_MAX);
	signed_in->name = cursor_string(&c, IDENTITY_NAME_MAX);
	signed_in->groups = cursor_string(&c, IDENTITY_GROUPS_MAX);
	if (!cursor_finished(&c) || (signed_in->groups.len > 0 &&
					signed_in->groups.data[signed_in->groups.len - 1] != '\0'))
		return false;
	return signed_in->result != IDENTITY_DONE ||
	       (signed_in->subject.len > 0 && signed_in->name.len > 0);
}

/* ---- CANCEL ---- */

void identity_cancel_encode(struct buffer *frame, uint32_t request)
{
	frame_begin(frame, IDENTITY_CANCEL, 0);
	buffer_put_u32(frame, request);
}

bool identity_cancel_decode(const struct frame *frame, uint32_t *request)
{
	struct cursor c = frame_cursor(frame);

	*request = cursor_u32(&c);
	return frame->type == IDENTITY_CANCEL && cursor_finished(&c);
}
