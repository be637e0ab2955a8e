// SPDX-License-Identifier: GPL-2.0-or-later
/* What went wrong in TLS, in words that say what to do. */

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "attach/tls.h"
#include "base/memory.h"

/* Alerts that the other end sent: the library adds this to their numbers. */
#define ALERT(number) (SSL_AD_REASON_OFFSET + (number))

enum audience {
	ANYBODY,
	WITH_PSK,
	WITH_CERTIFICATE,
};

static const struct explanation {
	int reason;
	enum audience audience;
	const char *text;
} explanations[] = {
	{ SSL_R_BINDER_DOES_NOT_VERIFY, WITH_PSK,
	  "expected our pre-shared key, the other end has another one" },
	{ ALERT(SSL_AD_ILLEGAL_PARAMETER), WITH_PSK,
	  "the other end refused our identity or pre-shared key: both must be the same at both ends" },
	{ ALERT(SSL_AD_DECRYPT_ERROR), WITH_PSK,
	  "the other end refused our identity or pre-shared key: both must be the same at both ends" },
	{ ALERT(SSL_AD_BAD_CERTIFICATE), WITH_CERTIFICATE,
	  "the other end refused our certificate: its peer-fingerprint must be that of our certificate" },
	{ ALERT(SSL_AD_BAD_CERTIFICATE), WITH_PSK,
	  "the other end refused us: it expects a pre-shared key, as we do" },
	{ ALERT(SSL_AD_CERTIFICATE_REQUIRED), ANYBODY,
	  "the other end refused us: it expects a certificate" },
	{ ALERT(SSL_AD_HANDSHAKE_FAILURE), WITH_PSK,
	  "the other end refused us: does it have a pre-shared key, too?" },
	{ ALERT(SSL_AD_HANDSHAKE_FAILURE), WITH_CERTIFICATE,
	  "the other end refused us: does it have a certificate, too?" },
	{ ALERT(SSL_AD_PROTOCOL_VERSION), ANYBODY,
	  "the other end refused TLS 1.3" },
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, WITH_CERTIFICATE,
	  "expected a certificate, the other end has none" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, ANYBODY,
	  "expected TLS 1.3, the other end offers something older" },
	{ SSL_R_WRONG_VERSION_NUMBER, ANYBODY,
	  "expected TLS 1.3, the other end sent something else" },
	{ SSL_R_WRONG_SSL_VERSION, ANYBODY,
	  "expected TLS 1.3, the other end offers something older" },
};

static const char *find(const struct tls *tls, int reason)
{
	enum audience us = tls->credentials->psk_size ? WITH_PSK :
							WITH_CERTIFICATE;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(explanations); i++) {
		if (explanations[i].reason == reason &&
		    (explanations[i].audience == ANYBODY ||
		     explanations[i].audience == us))
			return explanations[i].text;
	}
	return NULL;
}

/* A client that has no pre-shared key where a server wants one fails for want
 * of what the server would need otherwise.
 */
static bool lacks_psk(const struct tls *tls, int reason)
{
	return tls->credentials->psk_size && !tls->client && !tls->psk_offered &&
	       (reason == SSL_R_NO_SHARED_CIPHER ||
		reason == SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM ||
		reason == SSL_R_NO_CERTIFICATE_SET);
}

void tls_explain(struct tls *tls)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) :
							0;
	const char *text = find(tls, reason);

	if (tls->why[0])
		text = tls->why;
	else if (lacks_psk(tls, reason))
		text = "expected a pre-shared key, the other end has none";
	if (text)
		snprintf(tls->error, sizeof(tls->error), "%s", text);
	else if (reason >= SSL_AD_REASON_OFFSET)
		snprintf(tls->error, sizeof(tls->error),
			 "the other end refused the handshake: %s",
			 SSL_alert_desc_string_long(reason -
						    SSL_AD_REASON_OFFSET));
	else if (code)
		snprintf(tls->error, sizeof(tls->error),
			 "expected a handshake of TLS 1.3: %s",
			 ERR_reason_error_string(code) ?: "unknown error");
	else
		snprintf(tls->error, sizeof(tls->error),
			 "expected a handshake of TLS 1.3, OpenSSL failed");
	ERR_clear_error();
}
