/*
 * OpenSSL as Swift can see it. Many of its functions are macros, which the importer leaves out; each one that is needed
 * gets a typed function here.
 */
#pragma once
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdint.h>

/* A daemon has nobody to ask for the passphrase of a key: it fails at once instead of reading the terminal. */
static inline int cossl_no_passphrase(char *buffer, int size, int writing, void *opaque) {
    (void)buffer, (void)size, (void)writing, (void)opaque;
    return -1;
}

/*
 * What every handshake of ours keeps to: it never asks anybody, never negotiates anew, and SSL_read returns after each
 * record, so that a peer that floods us with records that hold no data cannot hold us.
 */
static inline void cossl_prepare(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, cossl_no_passphrase);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
}

/* The next certificate of a PEM file; NULL at its end, and when it is damaged. */
static inline X509 *cossl_read_certificate(BIO *file) {
    return PEM_read_bio_X509(file, NULL, cossl_no_passphrase, NULL);
}

/* A name in the form that libvirt's tls_allowed_dn_list has: C=GB,O=Example,CN=host, in UTF-8. */
static inline int cossl_print_name(BIO *out, const X509_NAME *name) {
    return X509_NAME_print_ex(out, name, 0, (XN_FLAG_RFC2253 & ~XN_FLAG_DN_REV) & ~ASN1_STRFLGS_ESC_MSB);
}

/* Everything written to a memory BIO; its bytes are the BIO's. */
static inline long cossl_memory(BIO *memory, const char **bytes) {
    char *data = NULL;
    long size = BIO_get_mem_data(memory, &data);
    *bytes = data;
    return size;
}

/* Seconds since 1970; INT64_MIN when the time cannot be read. */
static inline int64_t cossl_unix_time(const ASN1_TIME *time) {
    int days = 0, seconds = 0, fine = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    if (epoch != NULL) fine = ASN1_TIME_diff(&days, &seconds, epoch, time);
    ASN1_TIME_free(epoch);
    return fine ? (int64_t)days * 86400 + seconds : INT64_MIN;
}

/* 1 when a certificate has an extension and marks it as critical. */
static inline int cossl_has_critical(X509 *certificate, int nid) {
    X509_EXTENSION *extension = X509_get_ext(certificate, X509_get_ext_by_NID(certificate, nid, -1));
    return extension != NULL && X509_EXTENSION_get_critical(extension) == 1;
}
