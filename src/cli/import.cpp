// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/access.h"
#include "cli/file_import.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kUnderWay = 4;

struct ImportFlags {
  AccessFlags access;
  std::vector<std::string> files;
  std::string on_invalid = "reject";
  std::size_t batch = 1000;
  bool again = false;
  bool json = false;
};

// Where events go: the parts of a server or of the store, in the order of dependence.
struct Destination {
  std::string name;
  std::unique_ptr<Engine> engine;  // Null: a server.
  std::unique_ptr<Access> access;
  std::unique_ptr<BatchSink> sink;
};

Result<Destination> embedded(const Config& config) {
  Destination store;
  Result<std::unique_ptr<Engine>> engine = open_engine(config, true);
  if (!engine) return engine.error();
  store.engine = std::move(*engine);
  constexpr std::string_view kRocks = "rocksdb:";
  store.name = without_password(config.database_url);
  if (store.name.starts_with(kRocks)) {
    store.name =
        fmt::format("{}{}", kRocks,
                    std::filesystem::weakly_canonical(store.name.substr(kRocks.size())).string());
  }
  store.access = access_to(*store.engine);
  store.sink = make_store_sink(store.engine->pipeline, kUnderWay);
  return store;
}

// To stop at a bad line, a server gets one batch after the other: it must not hold any that was
// sent behind the one it refuses.
Result<Destination> open_destination(const ImportFlags& flags, const Config& config,
                                     Interrupts& interrupts) {
  if (flags.access.url().empty()) return embedded(config);
  Destination server;
  server.name = flags.access.url();
  while (server.name.ends_with('/')) server.name.pop_back();
  Result<std::unique_ptr<Access>> access = open_server(server.name);
  if (!access) return access.error();
  server.access = std::move(*access);
  const std::size_t under_way = flags.on_invalid == "skip" ? kUnderWay : 1;
  Result<std::unique_ptr<BatchSink>> sink =
      make_server_sink(server.name, under_way, [&interrupts] { return interrupts.seen(); });
  if (!sink) return sink.error();
  server.sink = std::move(*sink);
  return server;
}

Result<ImportSource> source_of(const std::string& path, const ImportFlags& flags,
                               const std::string& target, int stop_fd) {
  ImportSource source;
  source.path = path;
  source.target = target;
  source.batch = flags.batch;
  source.again = flags.again;
  source.stop_fd = stop_fd;
  if (path == "-") return source;
  std::error_code error;
  source.file = std::filesystem::canonical(path, error).string();
  if (error || std::filesystem::is_directory(source.file)) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("{}: {}", path, error ? error.message() : "is a directory")};
  }
  const std::string directory = import_state_directory(process_environment());
  if (!directory.empty() && std::filesystem::is_regular_file(source.file)) {
    source.state_path = import_state_path(directory, source.file, target);
  }
  return source;
}

Result<FileImportResult> import_file(const std::string& path, const ImportFlags& flags,
                                     Destination& to, Interrupts& interrupts) {
  Result<ImportSource> source = source_of(path, flags, to.name, interrupts.fd());
  if (!source) return source.error();
  Result<ImportStart> start = start_import(*source, *to.access);
  if (!start) return start.error();
  FileImportOptions options;
  options.skip_invalid = flags.on_invalid == "skip";
  options.progress = progress_style();
  return FileImport(*source, std::move(*start), *to.sink, interrupts, options).run();
}

std::string summary(const std::string& path, const FileImportResult& result, double seconds) {
  if (result.nothing_new) {
    return fmt::format("{}: imported already ({} events); --again imports it once more", path,
                       result.events);
  }
  std::string text = fmt::format("{}: {} events in {:.1f} s", path, result.events, seconds);
  if (result.rejected > 0) text += fmt::format(", {} lines passed over", result.rejected);
  if (result.resumed_after > 0) {
    text += fmt::format(", going on after line {}", result.resumed_after);
  }
  return text;
}

int import(const ImportFlags& flags) {
  Interrupts interrupts;  // Before there are threads.
  Result<Config> config = flags.access.load();
  if (!config) return fail(config.error());
  Result<Destination> to = open_destination(flags, *config, interrupts);
  if (!to) return fail(to.error());
  Json files = Json::array();
  for (const std::string& path : flags.files) {
    const auto begin = std::chrono::steady_clock::now();
    Result<FileImportResult> result = import_file(path, flags, *to, interrupts);
    if (!result) return fail(result.error());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const std::string name = path == "-" ? "standard input" : path;
    if (!flags.json) fmt::print("{}\n", summary(name, *result, took.count()));
    files.push_back({{"file", path},
                     {"events", result->events},
                     {"rejected", result->rejected},
                     {"resumed_after_line", result->resumed_after},
                     {"nothing_new", result->nothing_new},
                     {"seconds", took.count()}});
  }
  if (flags.json) {
    const Json json{{"target", to->name}, {"files", files}};
    fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return kDone;
}

}  // namespace

void add_import(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<ImportFlags>();
  CLI::App* verb = program.add_subcommand("import", "Load files of events, one JSON object a line");
  verb->add_option("files", flags->files, "plain, gzip or zstd; - is standard input")->required();
  verb->add_option("--on-invalid", flags->on_invalid,
                   "reject: stop at the first bad line (default); skip: pass over bad lines")
      ->check(CLI::IsMember({"reject", "skip"}));
  verb->add_option("--batch", flags->batch, "events a batch (default: 1000)")
      ->check(CLI::Range(1, 50'000))
      ->type_name("N");
  verb->add_flag("--again", flags->again,
                 "import from the first line, also what is stored already");
  verb->add_flag("--json", flags->json, "the summary as JSON");
  flags->access.add_flags(*verb);
  verb->footer(
      "Events keep their own times. An import that was cut off is started again by the same\n"
      "command and goes on; nothing is stored twice. How far it came is noted in\n"
      "$XDG_STATE_HOME/driftguard (~/.local/state); what was under way at a kill is known by its\n"
      "Idempotency-Key for idempotency_hours (24), as is all that comes by standard input.\n"
      "Example: driftguard import events.jsonl.gz --url http://127.0.0.1:8000");
  verb->callback([flags, &chosen] { chosen = [flags] { return import(*flags); }; });
}

}  // namespace driftguard::cli
