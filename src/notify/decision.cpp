// SPDX-License-Identifier: Apache-2.0
#include "notify/decision.h"

namespace driftguard::notify {
namespace {

using alert::NoticeEnd;
using alert::NoticeEvent;
using What = Decision::What;

Decision decided(What what) { return {what, {}, {}, {}}; }
Decision waiting(Time until) { return {What::kWait, until, {}, {}}; }
Decision skipped(std::string why) { return {What::kSkip, {}, std::move(why), {}}; }

// Empty: it is to be told, as far as the end of an incident goes.
std::optional<Decision> about_the_end(const Situation& at) {
  const alert::ToldNotice* opening = at.log.find(at.notice.target, NoticeEvent::kOpened);
  if (opening == nullptr && at.opening_waits) return waiting(at.now + kLookAgain);
  if (opening == nullptr || opening->end != NoticeEnd::kSent) {
    return skipped("its opening was not told");
  }
  if (opening->told_closed) return skipped("told together with its opening");
  return std::nullopt;
}

std::optional<Decision> by_event(const Situation& at, bool silent) {
  const bool over = at.incident->closed_at.has_value();
  switch (at.notice.event) {
    case NoticeEvent::kOpened:
      if (over && silent && at.notice.tries == 0) return skipped("silenced while it lasted");
      return std::nullopt;
    case NoticeEvent::kReminder:
      if (over || (at.log.acknowledgement && !at.habits.refreshed)) return decided(What::kDrop);
      return std::nullopt;
    case NoticeEvent::kResolved:
      return about_the_end(at);
  }
  return std::nullopt;
}

}  // namespace

Decision decide(const Situation& at) {
  const alert::Notice& notice = at.notice;
  if (at.now < notice.next_at) return waiting(notice.next_at);
  // Written twice, because whoever wrote it could not know that it was.
  if (at.log.find(notice.target, notice.event, notice.number)) return decided(What::kDrop);
  if (!at.incident) return skipped("the incident is not kept any more");
  alert::Audible audible = alert::audible_of(*at.incident, at.silences, at.now);
  if (auto early = by_event(at, audible.is_silent())) return *early;
  if (audible.is_silent()) return waiting(at.now + kLookAgain);
  if (notice.first_try_at && at.now - *notice.first_try_at > at.age_max) {
    return decided(What::kGiveUp);
  }
  if (at.last_told && at.now < *at.last_told + at.habits.interval_min) {
    return waiting(*at.last_told + at.habits.interval_min);
  }
  Decision tell = decided(What::kTell);
  tell.audible = std::move(audible);
  return tell;
}

std::optional<alert::Notice> reminder_after(const alert::Notice& notice, const Habits& habits,
                                            Time now) {
  if (habits.repeat.count() == 0 || notice.event == NoticeEvent::kResolved) return std::nullopt;
  alert::Notice next;
  next.target = notice.target;
  next.service = notice.service;
  next.incident = notice.incident;
  next.incident_opened_at = notice.incident_opened_at;
  next.event = NoticeEvent::kReminder;
  next.number = habits.refreshed ? 1 : notice.number + 1;
  next.due_at = now + habits.repeat;
  next.next_at = next.due_at;
  return next;
}

}  // namespace driftguard::notify
