// SPDX-License-Identifier: Apache-2.0
// Brings one target what waits for it: at least once, in spite of crashes, and as a rule once. Each
// target has its own courier on its own thread, so that a slow one holds up no other.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "alert/lease.h"
#include "alert/outbox.h"
#include "alert/silences.h"
#include "core/clock.h"
#include "notify/backoff.h"
#include "notify/decision.h"
#include "notify/target.h"

namespace driftguard::notify {

struct CourierOptions {
  std::string page;                    // For links; see Message.
  std::chrono::seconds retry_max{60};  // Between two tries of a message.
  std::chrono::hours age_max{72};      // From its first try until it is given up.
  std::uint64_t seed = 0;              // Of the waits' random part.
  // Told what went out and what failed; may be empty.
  std::function<void(bool warning, const std::string& text)> say;
};

// What a courier works with; all of it must outlive it.
struct CourierSources {
  store::Store& store;
  alert::Outbox& outbox;
  alert::Silences& silences;
  const Clock& clock;
};

struct CourierFigures {
  std::string target;
  std::uint64_t delivered = 0;  // Since the start, by this process.
  std::uint64_t failed = 0;     // Given up.
  std::uint64_t retries = 0;    // Tries that are to be repeated.
  std::size_t waiting = 0;      // In the store; 0 where another node sees to it.
  double oldest_seconds = 0;    // Since the one that is overdue the longest was due.
};

class Courier final {
 public:
  Courier(const CourierSources& sources, std::unique_ptr<Target> target,
          const CourierOptions& options);
  ~Courier();

  // Delivers what is due, on the node that holds the target's lease. Ends soon once `stop` is true.
  // An error is the store's; what was not done is done by a later pass. By one thread.
  Result<void> pass(const std::atomic<bool>& stop);

  CourierFigures figures() const;  // From any thread.

 private:
  struct Ending {
    alert::NoticeEnd how = alert::NoticeEnd::kSent;
    std::string detail;
    bool told_closed = false;
  };
  struct Waiting {
    alert::Notice notice;
    Time look_at;                  // When to decide about it.
    std::optional<Ending> ending;  // It has ended, but the store has not taken that yet.
  };
  using Waitings = std::map<std::string, Waiting>;  // By key.

  void forget();
  Result<void> find_waiting();
  Result<void> give_up_surplus();
  std::vector<std::string> due() const;
  // Whether the pass may go on.
  Result<bool> handle(const std::string& key, const std::vector<alert::Silence>& silences,
                      const std::atomic<bool>& stop);
  Result<bool> tell(const std::string& key, const alert::Audible& audible,
                    const std::atomic<bool>& stop);
  Result<bool> try_later(const std::string& key, const Outcome& outcome);
  Result<void> end(const std::string& key, const Ending& ending);
  void note_end(const alert::Notice& notice, const Ending& ending);
  void note_told(const std::string& service);
  void count();
  void say(bool warning, const std::string& text) const;

  const CourierSources sources_;
  const std::unique_ptr<Target> target_;
  const CourierOptions options_;
  alert::Lease lease_;
  Backoff backoff_;
  bool leads_ = false;
  Waitings waiting_;                       // What the store holds, while we lead.
  std::map<std::string, Ending> endings_;  // Of what ended while the lease was lost.
  std::map<std::string, Time> last_told_;  // By service, as long as it matters.
  int failures_ = 0;                       // In a row.
  Time paused_until_;
  std::string said_;  // The last failure that was told of.

  mutable std::mutex mutex_;
  CourierFigures figures_;  // Guarded by mutex_.
};

}  // namespace driftguard::notify
