// SPDX-License-Identifier: Apache-2.0
#include "window/raw_window.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <map>

#include "ingest/batch_reader.h"

namespace driftguard::window {
namespace {

// Which rows carry a label. Not thread-safe.
class LabelFilter {
 public:
  explicit LabelFilter(const std::optional<Label>& label) : label_(label) {}

  bool admits(const std::string& payload) {
    if (!label_) return true;
    simdjson::dom::element event;
    simdjson::dom::element value;
    if (parser_.parse(payload).get(event) != simdjson::SUCCESS) return false;
    if (event.at_pointer(label_->pointer).get(value) != simdjson::SUCCESS) return false;
    if (std::string_view text; value.get(text) == simdjson::SUCCESS) return text == label_->value;
    if (value.is_object() || value.is_array()) return false;
    return simdjson::minify(value) == label_->value;
  }

 private:
  const std::optional<Label>& label_;
  simdjson::dom::parser parser_;
};

std::string as_array(const std::vector<store::StoredRow>& rows, LabelFilter& filter) {
  std::string array = "[";
  for (const store::StoredRow& row : rows) {
    if (!filter.admits(row.payload)) continue;
    if (array.size() > 1) array += ',';
    array += row.payload;
  }
  return array += ']';
}

}  // namespace

Result<Label> parse_label(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (!text.starts_with('/') || equals == std::string::npos) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("label: \"{}\" is not POINTER=VALUE, as /version=1.5", text)};
  }
  return Label{text.substr(0, equals), text.substr(equals + 1)};
}

Result<Window> read_raw_window(store::Store& store, const ingest::FeatureRules& rules,
                               const RawWindowQuery& wanted) {
  const Segment& segment = wanted.segment;
  Window window{wanted.range, {}};
  std::map<std::string, rollup::RollupSum> sums;
  ingest::BatchReader reader(rules);
  ingest::ReadOptions options;
  options.skip_invalid = true;  // What was stored was valid under the rules of its day.
  options.latest = Time::max();
  options.host = segment.host;
  LabelFilter filter(wanted.label);
  store::RowQuery query{segment.service, segment.endpoint, wanted.range, std::nullopt};
  std::size_t rows_read = 0;
  do {
    Result<store::RowPage> page = store.read_rows(query);
    if (!page) return page.error();
    rows_read += page->rows.size();
    if (rows_read > wanted.rows_max) {
      return Error{ErrorCode::kTooLarge,
                   fmt::format("a report by {} reads raw events, and this window holds more than "
                               "{} of them; name an endpoint or a shorter window",
                               wanted.label ? "label" : "host", wanted.rows_max)};
    }
    Result<ingest::Batch> batch = reader.read(as_array(page->rows, filter), options);
    if (!batch) return batch.error();
    for (const ingest::BucketDelta& delta : batch->deltas) {
      sums[delta.key.endpoint].add(*delta.rollup);
    }
    query.after = page->next;
  } while (query.after);
  for (auto& [endpoint, sum] : sums) {
    window.endpoints[endpoint] = std::make_shared<const rollup::Rollup>(sum.take());
  }
  return window;
}

}  // namespace driftguard::window
