// SPDX-License-Identifier: Apache-2.0
#include "alert/lease.h"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <random>

#include "alert/documents.h"
#include "core/bytes.h"

namespace driftguard::alert {
namespace {

// Another node, or this one after a restart, must not be taken for us.
std::string own_name() {
  std::random_device random;
  return fmt::format("{}-{:08x}{:08x}", getpid(), random(), random());
}

}  // namespace

Lease::Lease(store::Store& store, const Clock& clock, std::string name, std::chrono::seconds term)
    : store_(store),
      clock_(clock),
      key_(document_key(kLeaseKind, name)),
      holder_(own_name()),
      term_(term) {}

Result<bool> Lease::hold() {
  if (store_.exclusive()) return true;
  const Time now = clock_.now();
  if (!stored_.empty() && until_ - now > term_ / 2) return true;
  const Result<std::optional<std::string>> found = store_.get_document(key_);
  if (!found) return found.error();
  if (*found && **found != stored_ && **found != tried_) {
    ByteReader in(**found);
    const Time until = time_from_us(in.zigzag());
    stored_.clear();
    if (in.ok() && until > now) return false;
  }
  std::string mine;
  ByteWriter out(mine);
  out.zigzag(us_since_epoch(now + term_));
  out.text(holder_);
  const store::DocumentExpectation expected{key_, *found};
  const store::DocumentWrite write{key_, mine};
  tried_ = mine;
  const Result<bool> taken = store_.change_documents({&expected, 1}, {&write, 1});
  if (!taken) return taken.error();
  stored_ = *taken ? mine : "";
  until_ = now + term_;
  return *taken;
}

std::vector<store::DocumentExpectation> Lease::proof() const {
  if (store_.exclusive()) return {};
  return {{key_, stored_}};
}

void Lease::release() {
  if (stored_.empty()) return;
  const store::DocumentExpectation expected{key_, stored_};
  const store::DocumentWrite write{key_, {}};
  // Whether it worked or not: its term ends by itself.
  (void)store_.change_documents({&expected, 1}, {&write, 1}).has_value();
  stored_.clear();
}

}  // namespace driftguard::alert
