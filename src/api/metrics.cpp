// SPDX-License-Identifier: Apache-2.0
#include "api/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "api/check_metrics.h"
#include "api/process_figures.h"
#include "http/message.h"

namespace driftguard::api {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// Collects families of one sample each.
class Page {
 public:
  void counter(const std::string& name, const std::string& help, double value) {
    add(name, help, MetricType::Counter).counter.value = value;
  }
  void gauge(const std::string& name, const std::string& help, double value) {
    add(name, help, MetricType::Gauge).gauge.value = value;
  }
  void info(const std::string& name, const std::string& help,
            std::vector<prometheus::ClientMetric::Label> labels) {
    prometheus::ClientMetric& metric = add(name, help, MetricType::Gauge);
    metric.gauge.value = 1;
    metric.label = std::move(labels);
  }
  // One sample a value of the label.
  void labelled(const std::string& name, const std::string& help, MetricType type,
                const std::string& label,
                const std::vector<std::pair<std::string, double>>& values) {
    add(name, help, type);
    families_.back().metric.clear();
    for (const auto& [text, value] : values) {
      prometheus::ClientMetric metric;
      metric.label = {{label, text}};
      (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
      families_.back().metric.push_back(std::move(metric));
    }
  }
  std::vector<MetricFamily>& families() { return families_; }

 private:
  prometheus::ClientMetric& add(const std::string& name, const std::string& help, MetricType type) {
    MetricFamily family;
    family.name = "driftguard_" + name;
    family.help = help;
    family.type = type;
    family.metric.emplace_back();
    families_.push_back(std::move(family));
    return families_.back().metric.back();
  }

  std::vector<MetricFamily> families_;
};

// The families that are kept up to date request by request.
class RequestMetrics {
 public:
  RequestMetrics()
      : requests_(prometheus::BuildCounter()
                      .Name("driftguard_http_requests_total")
                      .Help("Requests answered, by route, method and status.")
                      .Register(registry_)),
        durations_(prometheus::BuildHistogram()
                       .Name("driftguard_http_request_duration_seconds")
                       .Help("From the end of a request's head to the last byte of its answer.")
                       .Register(registry_)) {}

  void count(std::string_view route, http::Method method, int status,
             std::chrono::nanoseconds duration) {
    const Kind& kind = find({route, method, status});
    kind.requests->Increment();
    kind.durations->Observe(std::chrono::duration<double>(duration).count());
  }
  std::vector<MetricFamily> collect() { return registry_.Collect(); }

 private:
  // What one kind of request is counted in: finding it by its labels costs more than counting.
  struct Kind {
    prometheus::Counter* requests;
    prometheus::Histogram* durations;
  };
  // The route is the router's own text, which outlives the requests.
  using Labels = std::tuple<std::string_view, http::Method, int>;

  const Kind& find(const Labels& labels) {
    const std::lock_guard lock(mutex_);
    if (const auto known = kinds_.find(labels); known != kinds_.end()) return known->second;
    return kinds_.emplace(labels, add(labels)).first->second;
  }

  Kind add(const Labels& labels) {
    static const prometheus::Histogram::BucketBoundaries kSeconds = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    const auto& [route, method, status] = labels;
    const std::string pattern(route.empty() ? "none" : route);
    return {&requests_.Add({{"route", pattern},
                            {"method", std::string(http::method_name(method))},
                            {"status", std::to_string(status)}}),
            &durations_.Add({{"route", pattern}}, kSeconds)};
  }

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  std::mutex mutex_;
  std::map<Labels, Kind> kinds_;  // Routes x methods x statuses at most. Protected by mutex_.
};

void add_server(const http::ServerFigures& server, Page& page) {
  page.gauge("http_connections_open", "Open connections.",
             static_cast<double>(server.connections_open));
  page.counter("http_connections_refused_total", "Connections refused beyond connections_max.",
               static_cast<double>(server.connections_refused_total));
  page.gauge("http_requests_open", "Requests that are not answered yet.",
             static_cast<double>(server.requests_open));
  page.gauge("http_body_inflight_bytes", "Request bodies held in memory.",
             static_cast<double>(server.body_bytes_inflight));
  page.counter("http_body_bytes_total", "Request body bytes read off the wire.",
               static_cast<double>(server.body_bytes_total));
  page.counter("http_timeouts_total", "Connections cut off for slowness.",
               static_cast<double>(server.timeouts_total));
  page.counter("http_shared_answers_total",
               "Requests answered by the computation made for an equal one.",
               static_cast<double>(server.shared_total));
  page.counter("http_overload_total", "Requests refused by the server's own limits.",
               static_cast<double>(server.overload_total));
}

void add_ingest(const ingest::PipelineFigures& pipeline, std::size_t queue_bytes_max, Page& page) {
  const ingest::CommitterFigures& committer = pipeline.committer;
  page.counter("ingest_events_total", "Events made durable.",
               static_cast<double>(committer.events));
  page.counter("ingest_batches_total", "Batches made durable.",
               static_cast<double>(committer.batches));
  page.counter("ingest_events_rejected_total", "Events refused as invalid.",
               static_cast<double>(pipeline.events_rejected));
  page.counter("ingest_read_bytes_total", "Bytes decoded, after decompression.",
               static_cast<double>(pipeline.bytes_read));
  page.counter("ingest_read_seconds_total", "Time spent decoding, validating and observing.",
               pipeline.read_seconds);
  page.gauge("ingest_segments", "Distinct (service, endpoint) pairs known.",
             static_cast<double>(pipeline.segments));
  page.gauge("queue_bytes", "Decoded batches waiting for their commit.",
             static_cast<double>(committer.queue_bytes));
  page.gauge("queue_limit_bytes", "The queue's bound.", static_cast<double>(queue_bytes_max));
  page.gauge("queue_batches", "Batches waiting for their commit.",
             static_cast<double>(committer.queue_batches));
  page.counter("queue_refused_total", "Batches refused because the queue was full.",
               static_cast<double>(committer.refused));
  page.counter("commits_total", "Group commits tried.", static_cast<double>(committer.commits));
  page.counter("commit_seconds_total", "Time spent in the store's commit.",
               committer.commit_seconds);
  page.counter("commit_batches_failed_total", "Batches that the store did not take.",
               static_cast<double>(committer.failed));
}

void add_tree(const window::RollupTreeFigures& tree, Page& page) {
  page.gauge("rollup_cache_bytes", "Sums of rollups kept in memory.",
             static_cast<double>(tree.bytes));
  page.gauge("rollup_cache_nodes", "Sums of rollups kept in memory, how many.",
             static_cast<double>(tree.nodes));
  page.counter("rollup_cache_hits_total", "Sums found in memory.", static_cast<double>(tree.hits));
  page.counter("rollup_cache_misses_total", "Sums made from the store.",
               static_cast<double>(tree.misses));
  page.counter("rollup_cache_summaries_read_total",
               "Hours, minutes and buckets read from the store to make sums.",
               static_cast<double>(tree.summaries_read));
}

void add_alarms(const alert::EvaluatorFigures& alarms, Page& page) {
  page.gauge("alarm_services", "Services whose alarms are evaluated.",
             static_cast<double>(alarms.services));
  page.gauge("alarm_services_firing", "Services with an alarm that fires.",
             static_cast<double>(alarms.firing));
  page.gauge("alarm_leads", "1 while this node stores what it finds.", alarms.leads ? 1 : 0);
  page.counter("alarm_buckets_total", "Buckets of ten seconds folded, of all services.",
               static_cast<double>(alarms.buckets));
  page.counter("alarm_failures_total", "Services that could not be evaluated; tried again.",
               static_cast<double>(alarms.failures));
  page.counter("alarm_seconds_total", "Time spent evaluating alarms.", alarms.seconds);
}

// A series each target; there are four at most.
void add_notices(const std::vector<notify::CourierFigures>& targets, Page& page) {
  const auto add = [&](const std::string& name, const std::string& help, MetricType type,
                       auto value_of) {
    std::vector<std::pair<std::string, double>> values;
    for (const notify::CourierFigures& target : targets) {
      values.emplace_back(target.target, static_cast<double>(value_of(target)));
    }
    if (!values.empty()) page.labelled(name, help, type, "target", values);
  };
  using Figures = notify::CourierFigures;
  add("notices_delivered_total", "Messages that a target took.", MetricType::Counter,
      [](const Figures& of) { return of.delivered; });
  add("notices_failed_total", "Messages given up.", MetricType::Counter,
      [](const Figures& of) { return of.failed; });
  add("notices_retries_total", "Tries that failed and are repeated.", MetricType::Counter,
      [](const Figures& of) { return of.retries; });
  add("notices_waiting", "Messages that wait, on the node that delivers them.", MetricType::Gauge,
      [](const Figures& of) { return of.waiting; });
  add("notices_oldest_seconds", "How long the oldest of them has been due.", MetricType::Gauge,
      [](const Figures& of) { return of.oldest_seconds; });
}

void add_retention(const store::Retention& retention, Page& page) {
  const store::RetentionFigures figures = retention.figures();
  page.counter("retention_passes_total", "Times that retention looked for what to drop.",
               static_cast<double>(figures.passes));
  page.counter("retention_rows_dropped_total", "Events dropped by retention since the start.",
               static_cast<double>(figures.rows_dropped));
  page.counter("retention_rollups_dropped_total", "Rollups dropped by retention since the start.",
               static_cast<double>(figures.rollups_dropped));
  page.gauge("retention_limit_bytes", "retention_bytes_max; 0: no bound.",
             static_cast<double>(retention.rules().bytes_max));
  if (figures.store_bytes > 0) {
    page.gauge("retention_store_bytes", "What retention_bytes_max bounds.",
               static_cast<double>(figures.store_bytes));
  }
  if (figures.oldest_row) {
    page.gauge("retention_oldest_event_timestamp_seconds", "The time of the oldest event kept.",
               static_cast<double>(us_since_epoch(*figures.oldest_row)) / 1e6);
  }
}

void add_disk(const store::DiskWatch& disk, Page& page) {
  const std::optional<store::DiskFigures> figures = disk.figures();
  if (!figures) return;
  page.gauge("disk_free_bytes", "Free on the disk of the embedded store.",
             static_cast<double>(figures->space.free_bytes));
  page.gauge("disk_total_bytes", "The size of that disk.",
             static_cast<double>(figures->space.total_bytes));
  page.gauge("disk_warning", "1 while less than disk_free_percent_min is free or it fills soon.",
             figures->warning ? 1 : 0);
  if (figures->full_in) {
    page.gauge("disk_full_in_seconds", "Until it is full, if it goes on as in the last hour.",
               static_cast<double>(figures->full_in->count()));
  }
}

void add_process(Page& page) {
  const ProcessFigures process = read_process_figures();
  page.gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes);
  page.gauge("process_open_fds", "Open file descriptors.", process.open_fds);
  page.counter("process_cpu_seconds_total", "User and system time.", process.cpu_seconds);
}

std::string page_text(const MetricsSources& sources, CheckMetrics& checks,
                      RequestMetrics& requests) {
  Page page;
  page.info("build_info", "The program's version and store; always 1.",
            {{"version", DRIFTGUARD_VERSION}, {"store", std::string(sources.store.engine())}});
  add_server(sources.server, page);
  add_ingest(sources.pipeline.figures(), sources.queue_bytes_max, page);
  if (sources.tree != nullptr) add_tree(sources.tree->figures(), page);
  for (const auto& [name, value] : sources.store.figures()) {
    page.gauge("store_" + name, "A figure of the storage engine.", value);
  }
  page.gauge("baseline_pin_broken", "1 while BASELINE_PATH names a file that does not read.",
             sources.baselines.pin_problem().empty() ? 0 : 1);
  add_alarms(sources.alarms.figures(), page);
  add_notices(sources.couriers.figures(), page);
  add_retention(sources.retention, page);
  if (sources.disk != nullptr) add_disk(*sources.disk, page);
  add_process(page);
  std::vector<MetricFamily> families = requests.collect();
  std::move(page.families().begin(), page.families().end(), std::back_inserter(families));
  std::vector<MetricFamily> watched = checks.collect();
  std::move(watched.begin(), watched.end(), std::back_inserter(families));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace

void add_metrics_routes(http::Router& router, const MetricsSources& sources) {
  auto requests = std::make_shared<RequestMetrics>();
  auto checks =
      std::make_shared<CheckMetrics>(sources.overviews, sources.guard, sources.window_minutes);
  router.observe([requests](std::string_view route, http::Method method, int status,
                            std::chrono::nanoseconds duration) {
    requests->count(route, method, status, duration);
  });
  http::RouteOptions options;
  options.run = http::Run::kWorker;
  router.add(
      http::Method::kGet, "/metrics",
      [requests, checks, sources](http::Request&&, const http::Respond& respond) {
        http::Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = page_text(sources, *checks, *requests);
        respond(std::move(response));
      },
      options);
}

}  // namespace driftguard::api
