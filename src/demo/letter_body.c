/* Templates of bodies, chosen by the number of the letter, and their headers. */
#include "demo/letter_body.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"

enum kind { KIND_TEXT, KIND_HTML, KIND_ATTACHMENT, KIND_LATIN1 };

static const struct {
	const char *sender; /* the letters of this address; NULL: anyone's */
	enum kind kind;
	const char *subject; /* %u is replaced by a number */
} templates[] = {
    {"orders@shop.example", KIND_HTML, "Your order %u has been shipped"},
    {"orders@shop.example", KIND_ATTACHMENT, "Invoice for order %u"},
    {"no-reply@shop.example", KIND_TEXT, "Confirm your e-mail address (%u)"},
    {"no-reply@shop.example", KIND_HTML, "Your password was changed"},
    {"alerts@monitoring.example", KIND_TEXT, "[DOWN] backup-%u: no answer for 5 minutes"},
    {"alerts@monitoring.example", KIND_TEXT, "[UP] backup-%u is back"},
    {"accounts@billing.example", KIND_ATTACHMENT, "Invoice 2026-%u"},
    {"accounts@billing.example", KIND_LATIN1,
	"=?ISO-8859-1?Q?Zahlungserinnerung_f=FCr_Rechnung_%u?="},
    {"reception@office.example", KIND_TEXT, "Re: appointment on Thursday"},
    {"reception@office.example", KIND_ATTACHMENT, "Minutes of meeting %u"},
    {"support@office.example", KIND_TEXT, "[Ticket #%u] We are looking into it"},
    {"lists@community.example", KIND_TEXT, "[community] Digest %u"},
    {"newsletter@letters.example", KIND_HTML, "The Weekly Letter, issue %u"},
    {"newsletter@letters.example", KIND_HTML,
	"=?UTF-8?B?4pyJIERpZSBOZXVpZ2tlaXRlbiBkZXIgV29jaGU=?="},
    {"info@office.example", KIND_TEXT, "Your account needs attention"},
    {NULL, KIND_TEXT, "Notice %u"},
};

static const char text_part[] =
    "Good day,\r\n\r\nthis is a message of the demonstration. It was written by a program, is "
    "addressed to\r\n"
    "nobody, and waits in a private queue so that there is something to look at.\r\n\r\n"
    "-- \r\nThis footer is two lines long,\r\nas such footers are.\r\n";

static const char html_part[] =
    "<!DOCTYPE html>\r\n<html><body style=\"font-family: sans-serif\">\r\n<h1>Good day</h1>\r\n"
    "<p>This is a message of the <b>demonstration</b>. It was written by a program.</p>\r\n"
    "<p><a href=\"https://www.shop.example/track\">Follow your parcel</a>\r\n"
    "<img src=\"https://pixel.shop.example/open.gif\" width=\"1\" height=\"1\" alt=\"\"></p>\r\n"
    "<table><tr><td>1 &times; Desk "
    "lamp</td><td>39.00</td></tr><tr><td>Postage</td><td>4.90</td></tr></table>\r\n"
    "</body></html>\r\n";

/* A picture of one dot, so that the attachment is what its type says. */
static const char attached_png[] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
				   "M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\r\n";
static const char attached_csv[] = "item;pieces;price\r\nDesk lamp;1;39.00\r\nPostage;1;4.90\r\n";

static size_t choose_template(const struct letter *l, unsigned number)
{
	size_t count = sizeof(templates) / sizeof(templates[0]);
	size_t fitting[sizeof(templates) / sizeof(templates[0])];
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		if (templates[i].sender != NULL &&
		    strcmp(templates[i].sender, l->sender->address) == 0)
			fitting[found++] = i;
	return found == 0 ? count - 1 : fitting[hash_u64(number) % found];
}

static void put_subject(struct buffer *out, const char *subject, unsigned number)
{
	const char *at = strstr(subject, "%u");

	buffer_append_string(out, "Subject: ");
	if (at == NULL) {
		buffer_append_string(out, subject);
	} else {
		buffer_append(out, subject, (size_t)(at - subject));
		buffer_printf(out, "%u%s", number + 4100, at + 2);
	}
	buffer_append_string(out, "\r\n");
}

/* The date is the sender's own, as in real mail; Postfix adds its Received line above. */
static void put_headers(struct letter *l, unsigned number, int64_t now)
{
	struct buffer *out = &l->message;
	time_t seconds = (time_t)now;
	char date[64];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buffer_printf(out, "Date: %s\r\nMessage-ID: <demo.%u.%lld@%s>\r\n", date, number,
	    (long long)now,
	    strchr(l->sender->client_name, '.') != NULL ? l->sender->client_name
							: "client.example");
	buffer_printf(out, "From: \"%s\" <%s>\r\n", l->sender->name, l->sender->address);
	/* As newsletters do, so that no letter has a header of forty addresses. */
	buffer_printf(out, "To: %s\r\n",
	    l->recipient_count == 1 ? l->recipients[0] : "undisclosed-recipients:;");
	buffer_append_string(out, "MIME-Version: 1.0\r\n");
}

static void put_plain(struct buffer *out)
{
	buffer_append_string(out, "Content-Type: text/plain; charset=UTF-8\r\n\r\n");
	buffer_append_string(out, text_part);
}

static void put_html(struct buffer *out, unsigned number)
{
	buffer_printf(
	    out, "Content-Type: multipart/alternative; boundary=\"alt-%u\"\r\n\r\n", number);
	buffer_printf(out, "--alt-%u\r\n", number);
	put_plain(out);
	buffer_printf(out, "\r\n--alt-%u\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n%s",
	    number, html_part);
	buffer_printf(out, "\r\n--alt-%u--\r\n", number);
}

/* One name in ASCII and one by RFC 2231, as mail programs write them. */
static void put_attachments(struct buffer *out, unsigned number)
{
	buffer_printf(out, "Content-Type: multipart/mixed; boundary=\"mix-%u\"\r\n\r\n--mix-%u\r\n",
	    number, number);
	put_plain(out);
	buffer_printf(out,
	    "\r\n--mix-%u\r\nContent-Type: text/csv; charset=UTF-8; name=\"items.csv\"\r\n"
	    "Content-Disposition: attachment; filename=\"items.csv\"\r\n\r\n%s",
	    number, attached_csv);
	buffer_printf(out,
	    "\r\n--mix-%u\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename*=UTF-8''Pr%%C3%%BCfsiegel.png\r\n\r\n%s",
	    number, attached_png);
	buffer_printf(out, "\r\n--mix-%u--\r\n", number);
}

static void put_latin1(struct buffer *out)
{
	buffer_append_string(out,
	    "Content-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: "
	    "quoted-printable\r\n\r\n"
	    "Guten Tag,\r\n\r\nunsere Rechnung ist noch offen. Bitte =FCberweisen Sie den "
	    "Betrag.\r\n");
}

/* In another alphabet everywhere: the headers are UTF-8 themselves (RFC 6532). */
static void put_international(struct letter *l)
{
	buffer_append_string(&l->message, "Subject: Ihre B\xc3\xbc"
					  "cher sind unterwegs \xe2\x80\x93 "
					  "\xe6\x9c\xac\xe3\x81\xae\xe6\xb3\xa8\xe6\x96\x87\r\n");
	buffer_append_string(&l->message,
	    "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	    "Sch\xc3\xb6ne Gr\xc3\xbc\xc3\x9f"
	    "e aus dem B\xc3\xbc"
	    "cherladen.\r\n");
}

void letter_body_write(struct letter *l, unsigned number, int64_t now)
{
	size_t chosen = choose_template(l, number);

	put_headers(l, number, now);
	if (l->utf8) {
		put_international(l);
		return;
	}
	put_subject(&l->message, templates[chosen].subject, number);
	switch (templates[chosen].kind) {
	case KIND_TEXT:
		put_plain(&l->message);
		break;
	case KIND_HTML:
		put_html(&l->message, number);
		break;
	case KIND_ATTACHMENT:
		put_attachments(&l->message, number);
		break;
	case KIND_LATIN1:
		put_latin1(&l->message);
		break;
	}
}
