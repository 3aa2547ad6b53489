// SPDX-License-Identifier: Apache-2.0
// What waits to be told, and what became of it: notices, beside the logs of their incidents, as
// documents of the store. Thread-safe; the store must outlive it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alert/incident.h"
#include "alert/incident_log.h"
#include "alert/notice.h"
#include "store/store.h"

namespace driftguard::alert {

class Outbox final {
 public:
  // Notices that may wait for one target: beyond, the courier gives up the oldest.
  static constexpr std::size_t kWaitingMax = 5'000;

  explicit Outbox(store::Store& store) : store_(store) {}

  // Keys of what waits for a target; of all targets if it is empty.
  Result<std::vector<std::string>> waiting_keys(const std::string& target);
  // Empty: it does not wait any more.
  Result<std::optional<Notice>> load(const std::string& waiting_key);
  // What waits, all targets together, at most `limit`; in order of their keys.
  Result<std::vector<Notice>> waiting(std::size_t limit);

  Result<IncidentLog> log_of(const std::string& service, Time incident_opened_at);

  using Proof = std::span<const store::DocumentExpectation>;

  // It ended so: no longer waits, is in its incident's log, and `next` (a later reminder), if there
  // is one, waits: all or nothing. Without `told` nothing is logged. False: `proof` did not hold,
  // and nothing changed.
  Result<bool> finish(Proof proof, const Notice& notice, const std::optional<ToldNotice>& told,
                      const std::optional<Notice>& next);
  // It goes on waiting, as it is now. False: `proof` did not hold.
  Result<bool> keep(Proof proof, const Notice& notice);

  // Somebody knows of the incident. kNotFound: there is none. kConflict: it is over, or somebody
  // said so before. kInvalidArgument: `who` is missing or a text too long.
  Result<Incident> acknowledge(const std::string& incident, const Acknowledgement& acknowledgement);

 private:
  struct StoredLog {
    std::optional<std::string> text;
    IncidentLog log;
  };
  Result<StoredLog> read_log(const std::string& key);

  store::Store& store_;
};

}  // namespace driftguard::alert
