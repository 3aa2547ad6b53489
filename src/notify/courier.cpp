// SPDX-License-Identifier: Apache-2.0
#include "notify/courier.h"

#include <fmt/format.h>

#include <algorithm>

#include "alert/alarm_store.h"

namespace driftguard::notify {
namespace {

using alert::Notice;
using alert::NoticeEnd;
using alert::NoticeEvent;
using What = Decision::What;

// A try, and the write after it, must fit into the half of it that hold() leaves at least.
constexpr std::chrono::seconds kLeaseTerm{30};
// A target that failed is left alone for that long at most, whatever waits for it.
constexpr std::chrono::seconds kPauseMax{30};
// Services that are remembered as told lately; more than ever are told within interval_min.
constexpr std::size_t kToldMax = 10'000;

}  // namespace

Courier::Courier(const CourierSources& sources, std::unique_ptr<Target> target,
                 const CourierOptions& options)
    : sources_(sources),
      target_(std::move(target)),
      options_(options),
      lease_(sources.store, sources.clock, "notices " + target_->name(), kLeaseTerm),
      backoff_(options.retry_max, options.seed) {
  figures_.target = target_->name();
}

Courier::~Courier() { lease_.release(); }

Result<void> Courier::pass(const std::atomic<bool>& stop) {
  const Result<bool> leads = lease_.hold();
  if (!leads) return leads.error();
  if (!*leads || !leads_) forget();
  leads_ = *leads;
  if (!leads_) {
    count();
    return {};
  }
  if (auto found = find_waiting(); !found) return found;
  if (auto less = give_up_surplus(); !less) return less;
  count();
  const std::vector<std::string> keys = due();
  if (keys.empty()) return {};
  Result<std::vector<alert::Silence>> silences = sources_.silences.list();
  if (!silences) return silences.error();
  for (const std::string& key : keys) {
    if (stop) break;
    const Result<bool> on = handle(key, *silences, stop);
    if (!on) return on.error();
    if (!*on) break;
  }
  count();
  return {};
}

// Another node may have changed what waits. What we delivered ourselves is not sent again if it
// still waits when the lease is ours again.
void Courier::forget() {
  for (const auto& [key, waiting] : waiting_) {
    if (waiting.ending && endings_.size() < alert::Outbox::kWaitingMax) {
      endings_[key] = *waiting.ending;
    }
  }
  waiting_.clear();
}

// Notices are added by others; nobody but us changes one, or takes one away.
Result<void> Courier::find_waiting() {
  Result<std::vector<std::string>> keys = sources_.outbox.waiting_keys(target_->name());
  if (!keys) return keys.error();
  std::erase_if(waiting_, [&](const auto& known) {
    return !std::binary_search(keys->begin(), keys->end(), known.first);
  });
  for (const std::string& key : *keys) {
    if (waiting_.contains(key)) continue;
    Result<std::optional<Notice>> notice = sources_.outbox.load(key);
    if (!notice) return notice.error();
    if (!*notice) continue;
    Waiting& waiting = waiting_[key];
    waiting = {**notice, (*notice)->next_at, std::nullopt};
    const auto ended = endings_.find(key);
    if (ended == endings_.end()) continue;
    waiting.ending = ended->second;
    waiting.look_at = sources_.clock.now();
  }
  endings_.clear();
  return {};
}

// Keys are in order of their incidents' time.
Result<void> Courier::give_up_surplus() {
  while (waiting_.size() > alert::Outbox::kWaitingMax) {
    auto ended = end(waiting_.begin()->first, {NoticeEnd::kFailed, "too many wait"});
    if (!ended) return ended;
    if (!leads_) return {};
  }
  return {};
}

std::vector<std::string> Courier::due() const {
  const Time now = sources_.clock.now();
  std::vector<std::pair<Time, std::string>> found;
  if (now < paused_until_) return {};
  for (const auto& [key, waiting] : waiting_) {
    if (waiting.look_at <= now) found.emplace_back(waiting.look_at, key);
  }
  std::stable_sort(found.begin(), found.end());
  std::vector<std::string> keys;
  for (auto& [at, key] : found) keys.push_back(std::move(key));
  return keys;
}

Result<bool> Courier::handle(const std::string& key, const std::vector<alert::Silence>& silences,
                             const std::atomic<bool>& stop) {
  Waiting& waiting = waiting_.at(key);
  const Notice& notice = waiting.notice;
  const auto ended = [&](const Result<void>& done) -> Result<bool> {
    if (!done) return done.error();
    return leads_;
  };
  if (waiting.ending) return ended(end(key, Ending(*waiting.ending)));
  Result<std::optional<alert::Incident>> incident =
      alert::load_incident(sources_.store, notice.service, notice.incident_opened_at);
  if (!incident) return incident.error();
  Result<alert::IncidentLog> log =
      sources_.outbox.log_of(notice.service, notice.incident_opened_at);
  if (!log) return log.error();
  Notice opening = notice;
  opening.event = NoticeEvent::kOpened;
  const auto told = last_told_.find(notice.service);
  const Decision decision =
      decide({notice, *incident, *log, silences, target_->habits(),
              waiting_.contains(alert::waiting_key(opening)),
              told == last_told_.end() ? std::nullopt : std::optional(told->second),
              options_.age_max, sources_.clock.now()});
  switch (decision.what) {
    case What::kTell:
      return tell(key, decision.audible, stop);
    case What::kWait:
      waiting.look_at = decision.until;
      return true;
    case What::kSkip:
      return ended(end(key, {NoticeEnd::kSkipped, decision.why}));
    case What::kGiveUp:
      return ended(end(key, {NoticeEnd::kFailed, "given up: " + notice.last_error}));
    case What::kDrop: {
      const Result<bool> done = sources_.outbox.finish(lease_.proof(), notice, {}, {});
      if (!done) return done.error();
      leads_ = *done;
      if (leads_) waiting_.erase(key);
      return leads_;
    }
  }
  return true;
}

Result<bool> Courier::tell(const std::string& key, const alert::Audible& audible,
                           const std::atomic<bool>& stop) {
  const Result<bool> leads = lease_.hold();  // For as long as a try may take.
  if (!leads) return leads.error();
  leads_ = *leads;
  if (!leads_) return false;
  Notice& notice = waiting_.at(key).notice;
  const Time now = sources_.clock.now();
  Message message;
  message.event = notice.event;
  message.number = notice.number;
  message.id = alert::notice_id(notice);
  message.incident = audible.incident;
  message.silenced = audible.silenced;
  message.now = now;
  message.page = options_.page;
  if (!notice.first_try_at) notice.first_try_at = now;
  ++notice.tries;
  const Outcome outcome = target_->send(message, stop);
  if (stop && outcome.kind != Outcome::Kind::kDelivered) return false;
  const std::string service = notice.service;
  switch (outcome.kind) {
    case Outcome::Kind::kRetry:
      return try_later(key, outcome);
    case Outcome::Kind::kRefused:
      if (auto done = end(key, {NoticeEnd::kFailed, outcome.detail}); !done) return done.error();
      return leads_;
    case Outcome::Kind::kDelivered:
      break;
  }
  failures_ = 0;
  said_.clear();
  note_told(service);
  if (auto done = end(key, {NoticeEnd::kSent, outcome.detail, message.is_over()}); !done) {
    return done.error();
  }
  return leads_ && target_->habits().spacing.count() == 0;
}

Result<bool> Courier::try_later(const std::string& key, const Outcome& outcome) {
  Waiting& waiting = waiting_.at(key);
  Notice& notice = waiting.notice;
  const Time now = sources_.clock.now();
  Microseconds wait = backoff_.after(notice.tries);
  if (outcome.retry_after) wait = std::max<Microseconds>(wait, *outcome.retry_after);
  notice.next_at = now + wait;
  notice.last_error = outcome.detail;
  waiting.look_at = notice.next_at;
  ++failures_;
  paused_until_ = now + std::min<Microseconds>(backoff_.after(failures_), kPauseMax);
  if (outcome.retry_after) paused_until_ = std::max(paused_until_, now + *outcome.retry_after);
  {
    const std::lock_guard lock(mutex_);
    ++figures_.retries;
  }
  // One that is away is told of once, not with every try.
  const std::string text =
      fmt::format("{} cannot be told: {}; tried again", target_->name(), outcome.detail);
  if (text != said_) say(true, text);
  said_ = text;
  const Result<bool> kept = sources_.outbox.keep(lease_.proof(), notice);
  if (!kept) return kept.error();
  leads_ = *kept;
  return false;
}

// A store that does not take it is asked again: a message that arrived is not sent twice for that.
Result<void> Courier::end(const std::string& key, const Ending& ending) {
  Waiting& waiting = waiting_.at(key);
  const Notice& notice = waiting.notice;
  const Habits& habits = target_->habits();
  waiting.ending = ending;
  const Time now = sources_.clock.now();
  const bool reminder = notice.event == NoticeEvent::kReminder;
  std::optional<alert::ToldNotice> told;
  if (!habits.refreshed || !reminder) {
    told = {notice.target, notice.event, notice.number, ending.how,
            now,           notice.tries, ending.detail, ending.told_closed};
  }
  std::optional<Notice> next;
  if ((ending.how == NoticeEnd::kSent && !ending.told_closed) || reminder) {
    next = reminder_after(notice, habits, now);
  }
  Result<bool> done = sources_.outbox.finish(lease_.proof(), notice, told, next);
  if (!done) return done.error();
  leads_ = *done;
  if (!leads_) return {};
  note_end(notice, ending);
  waiting_.erase(key);
  return {};
}

void Courier::note_end(const Notice& notice, const Ending& ending) {
  if (ending.how == NoticeEnd::kSkipped) return;
  const bool sent = ending.how == NoticeEnd::kSent;
  {
    const std::lock_guard lock(mutex_);
    ++(sent ? figures_.delivered : figures_.failed);
  }
  if (sent && target_->habits().refreshed && notice.event == NoticeEvent::kReminder) return;
  say(!sent,
      fmt::format("{} {} of {} ({}): {}", target_->name(), sent ? "was told" : "will not be told",
                  notice.service, alert::event_name(notice.event), ending.detail));
}

void Courier::note_told(const std::string& service) {
  const Time now = sources_.clock.now();
  last_told_[service] = now;
  if (last_told_.size() <= kToldMax) return;
  std::erase_if(last_told_, [&](const auto& told) {
    return now >= told.second + target_->habits().interval_min;
  });
}

void Courier::count() {
  const Time now = sources_.clock.now();
  Time oldest = now;
  for (const auto& [key, waiting] : waiting_) oldest = std::min(oldest, waiting.notice.due_at);
  const std::lock_guard lock(mutex_);
  figures_.waiting = waiting_.size();
  figures_.oldest_seconds = std::chrono::duration<double>(now - oldest).count();
}

CourierFigures Courier::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

void Courier::say(bool warning, const std::string& text) const {
  if (options_.say) options_.say(warning, text);
}

}  // namespace driftguard::notify
