/* Each claim that counts, in the order of the standard (OpenID Connect Core 3.1.3.7), and the two
 * that say who somebody is here. */
#include "identity/claims.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "wire/identity_proto.h"

/* Parts of a path; Keycloak's roles have three. */
#define PATH_MAX_PARTS 8

static bool bad(struct error *err, const char *text)
{
	return error_set(err, "bad_claims", "%s", text);
}

static struct slice text_of(const json_t *value)
{
	return json_is_string(value)
		   ? slice_make(json_string_value(value), json_string_length(value))
		   : SLICE("");
}

/* ---- for us ---- */

static bool is_for(const json_t *audience, struct slice client_id)
{
	const json_t *item;
	size_t i;

	if (!json_is_array(audience))
		return client_id.len > 0 && slice_equal(text_of(audience), client_id);
	json_array_foreach(
	    audience, i, item) if (slice_equal(text_of(item), client_id)) return client_id.len > 0;
	return false;
}

static bool check_audience(const json_t *claims, struct slice client_id, struct error *err)
{
	const json_t *audience = json_object_get(claims, "aud");
	const json_t *party = json_object_get(claims, "azp");

	if (!is_for(audience, client_id))
		return bad(err, "the ID token is for another client (aud)");
	/* One for several: whoever of them asked for it could bring it here. */
	if (party == NULL && json_array_size(audience) > 1)
		return bad(err, "the ID token is for several clients, and does not say which asked "
				"for it (azp)");
	return party == NULL || slice_equal(text_of(party), client_id) ||
	       bad(err, "another client asked for the ID token (azp)");
}

/* ---- for now ---- */

/* A NumericDate; false where it is none, or beyond what can be compared. */
static bool time_of(const json_t *value, int64_t *seconds)
{
	double number = json_is_number(value) ? json_number_value(value) : NAN;

	if (!(number >= 0 && number < 1e12))
		return false;
	*seconds = (int64_t)number;
	return true;
}

static bool check_times(const json_t *claims, int64_t now, struct error *err)
{
	const json_t *not_before = json_object_get(claims, "nbf");
	int64_t expires, issued, from;

	if (!time_of(json_object_get(claims, "exp"), &expires) ||
	    !time_of(json_object_get(claims, "iat"), &issued))
		return bad(err, "the ID token does not say when it was made and until when it is "
				"good (iat, exp)");
	if (expires <= now - CLAIMS_SKEW_S)
		return bad(err, "the ID token has expired; or a clock is wrong, here or at the "
				"issuer (exp)");
	if (issued > now + CLAIMS_SKEW_S)
		return bad(err, "the ID token was made in the future: a clock is wrong, here or at "
				"the issuer (iat)");
	if (issued < now - CLAIMS_AGE_MAX_S - CLAIMS_SKEW_S)
		return bad(err, "the ID token is old; or a clock is wrong, here or at the issuer "
				"(iat)");
	if (not_before != NULL && (!time_of(not_before, &from) || from > now + CLAIMS_SKEW_S))
		return bad(err, "the ID token is not good yet (nbf)");
	return true;
}

bool claims_check(const json_t *claims, const struct claims_expected *expected, struct error *err)
{
	if (!json_is_object(claims))
		return bad(err, "the ID token has no claims");
	if (!slice_equal(text_of(json_object_get(claims, "iss")), expected->issuer))
		return bad(err, "the ID token is of another issuer (iss)");
	if (!check_audience(claims, expected->client_id, err) ||
	    !check_times(claims, expected->now, err))
		return false;
	/* Never two empty ones: a token without would fit a sign-in without. */
	return (expected->nonce.len > 0 &&
		   slice_equal(text_of(json_object_get(claims, "nonce")), expected->nonce)) ||
	       bad(err, "the ID token is of another sign-in (nonce)");
}

/* ---- who it is ---- */

void person_free(struct person *person)
{
	buffer_free(&person->subject);
	buffer_free(&person->name);
	buffer_free(&person->groups);
}

/* By its whole name first, which may have dots (https://example.org/groups); then as a path. */
static const json_t *find(const json_t *claims, struct slice path)
{
	MEMORY_AUTO char *whole = memory_strndup(path.data, path.len);
	const json_t *at = json_object_get(claims, whole);
	struct slice part;

	if (at != NULL || slice_find_char(path, '.') < 0)
		return at;
	at = claims;
	for (int parts = 0; at != NULL && slice_split(&path, '.', &part); parts++) {
		MEMORY_AUTO char *name = memory_strndup(part.data, part.len);

		at = parts < PATH_MAX_PARTS ? json_object_get(at, name) : NULL;
	}
	return at;
}

static bool has_controls(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return true;
	return false;
}

static bool add_group(
    const json_t *value, unsigned *count, struct buffer *groups, struct error *err)
{
	struct slice text = text_of(value);

	if (!json_is_string(value) || text.len == 0 || has_controls(text))
		return bad(err, "a group of the claim is no name");
	/* Never cut: the one that is left out may be the one that counts. */
	if (++*count > IDENTITY_GROUPS_COUNT_MAX ||
	    groups->len + text.len + 1 > IDENTITY_GROUPS_MAX)
		return bad(err,
		    "there are more than 1000 groups, or more than 32768 bytes of them: "
		    "have the issuer tell only those that matter here");
	buffer_append_slice(groups, text);
	buffer_append_char(groups, '\0');
	return true;
}

static bool take_groups(const json_t *claim, struct person *person, struct error *err)
{
	const json_t *item;
	unsigned count = 0;
	size_t i;

	if (claim == NULL || person->has_groups)
		return true;
	person->has_groups = true;
	if (json_is_string(claim))
		return add_group(claim, &count, &person->groups, err);
	if (!json_is_array(claim))
		return bad(err, "the claim of groups is neither a text nor a list");
	json_array_foreach(
	    claim, i, item) if (!add_group(item, &count, &person->groups, err)) return false;
	return true;
}

static bool take_subject(const json_t *claims, struct person *person, struct error *err)
{
	struct slice subject = text_of(json_object_get(claims, "sub"));

	if (subject.len == 0 || subject.len > IDENTITY_ID_MAX || has_controls(subject))
		return bad(err, "there is no subject (sub)");
	if (person->subject.len == 0)
		buffer_append_slice(&person->subject, subject);
	/* Somebody else's answer in place of his (OpenID Connect Core 5.3.2). */
	return slice_equal(buffer_slice(&person->subject), subject) ||
	       bad(err, "the userinfo endpoint tells of somebody else (sub)");
}

bool claims_take(const json_t *claims, const struct claims_wanted *wanted, struct person *person,
    struct error *err)
{
	const json_t *name;
	struct slice text;

	if (!json_is_object(claims))
		return bad(err, "there are no claims");
	if (!take_subject(claims, person, err))
		return false;
	name = find(claims, wanted->name);
	text = text_of(name);
	if (name != NULL && person->name.len == 0) {
		if (text.len == 0 || text.len > IDENTITY_NAME_MAX || has_controls(text))
			return bad(err, "the claim of the name is no name");
		buffer_append_slice(&person->name, text);
	}
	return take_groups(
	    wanted->groups.len > 0 ? find(claims, wanted->groups) : NULL, person, err);
}
