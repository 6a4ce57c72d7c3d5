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
