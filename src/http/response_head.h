// SPDX-License-Identifier: Apache-2.0
// A response's bytes on the wire, without the socket.
//
// Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/time.h"
#include "http/message.h"

namespace driftguard::http {

// What the connection adds to a Response.
struct ResponseFrame {
  bool close = false;              // `Connection: close`.
  bool http10_keep_alive = false;  // An old client needs to be told.
  std::string_view date = {};      // Of the Date header; "" = none.
};

// Whether the response may go on the wire: a status of 200..599 and no CR, LF or NUL in a header.
bool well_formed(const Response& response);

// Whether a response of this status has a body at all.
bool has_body(int status);

// Appends the head, from the status line to the empty line.
void append_head(std::string& out, const Response& response, const ResponseFrame& frame);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(Time t);

// Compresses the body if that is worth it and the client accepts it (text of more than 1 KiB, not
// compressed already); says so in Content-Encoding and Vary.
void compress_if_worth_it(Response& response, std::string_view accept_encoding);

}  // namespace driftguard::http
