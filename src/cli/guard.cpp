// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/access.h"
#include "cli/cli.h"
#include "cli/server_client.h"
#include "cli/text_table.h"

namespace driftguard::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMinutesMax = 30 * 24 * 60;
constexpr int kShownMax = 1'000;

// Decisions are made by a running server, so that is who is asked.
struct GuardFlags {
  Settings settings;
  std::string url;  // Empty: where the configured server listens.
  std::string service;
  std::string endpoint;
  std::string reason;
  std::string by;
  int minutes = 60;
  std::int64_t id = 0;
  bool json = false;
};

Result<HttpClient> client_of(const GuardFlags& flags) {
  if (!flags.url.empty()) return make_client(flags.url);
  Result<Config> config = flags.settings.load();
  if (!config) return config.error();
  return make_client(url_of(*config));
}

// Who is on record, unless --by says it.
std::string who(const GuardFlags& flags) {
  if (!flags.by.empty()) return flags.by;
  for (const auto& [name, value] : process_environment()) {
    if (name == "USER") return value;
  }
  return "";
}

std::string text_of(const Json& json, const char* key) {
  const auto at = json.find(key);
  if (at == json.end() || at->is_null()) return "";
  return at->is_string() ? at->get<std::string>() : at->dump();
}

// Asks, and shows the answer by `show`, which gives the exit code.
template <typename Show>
int ask(const GuardFlags& flags, const HttpCall& call, const Show& show) {
  Result<HttpClient> client = client_of(flags);
  if (!client) return fail(client.error());
  Result<HttpAnswer> answer = client->call(call);
  if (!answer) return fail(answer.error());
  const Json json = Json::parse(answer->body, nullptr, false);
  const bool decision = json.is_object() && json.contains("decision");
  if ((answer->status >= 300 && !decision) || !json.is_object()) {
    return fail(error_of(*answer, client->url()));
  }
  if (flags.json) fmt::print("{}\n", answer->body);
  return show(json);
}

int status_of_one(const GuardFlags& flags) {
  TargetText target("/v1/guard");
  target.add("service", flags.service);
  if (!flags.endpoint.empty()) target.add("endpoint", flags.endpoint);
  return ask(flags, {"GET", target.text()}, [&](const Json& json) {
    if (!flags.json) {
      fmt::print("{}: {} ({}). {}\n", printable(text_of(json, "service")),
                 text_of(json, "decision"), text_of(json, "reason"),
                 printable(text_of(json, "detail")));
    }
    return text_of(json, "decision") == "allow" ? kDone : kNo;
  });
}

int status(const GuardFlags& flags) {
  if (!flags.service.empty()) return status_of_one(flags);
  const std::string target = fmt::format("/v1/guard/services?limit={}", kShownMax);
  return ask(flags, {"GET", target}, [&](const Json& json) {
    if (flags.json) return kDone;
    TextTable table({{"service"}, {"decision"}, {"reason"}, {"fail"}, {"why"}});
    for (const Json& one : json.value("services", Json::array())) {
      table.add_row({text_of(one, "service"), text_of(one, "decision"), text_of(one, "reason"),
                     text_of(one.value("policy", Json::object()), "fail"), text_of(one, "detail")});
    }
    fmt::print("{}", table.text());
    return kDone;
  });
}

int list(const GuardFlags& flags) {
  TargetText target("/v1/guard/overrides");
  target.add("limit", fmt::to_string(kShownMax));
  if (!flags.service.empty()) target.add("service", flags.service);
  return ask(flags, {"GET", target.text()}, [&](const Json& json) {
    if (flags.json) return kDone;
    TextTable table({{"id", TextTable::Align::kRight},
                     {"service"},
                     {"endpoint"},
                     {"decision"},
                     {"holds"},
                     {"until"},
                     {"by"},
                     {"reason"}});
    for (const Json& one : json.value("overrides", Json::array())) {
      const bool holds = one.value("holds", false);
      table.add_row({text_of(one, "id"), text_of(one, "service"), text_of(one, "endpoint"),
                     text_of(one, "decision"), holds ? "yes" : "no",
                     text_of(one, one.contains("ended_at") ? "ended_at" : "until"),
                     text_of(one, "by"), text_of(one, "reason")});
    }
    fmt::print("{}", table.text());
    return kDone;
  });
}

int post(const GuardFlags& flags, const std::string& target, const Json& body) {
  const HttpCall call{"POST", target, body.dump(-1, ' ', false, Json::error_handler_t::replace)};
  Result<HttpClient> client = client_of(flags);
  if (!client) return fail(client.error());
  Result<std::string> answer = body_of(*client, call);
  if (!answer) return fail(answer.error());
  const Json json = Json::parse(*answer, nullptr, false);
  if (!json.is_object()) return fail({ErrorCode::kInternal, "the answer is not JSON"});
  if (flags.json) {
    fmt::print("{}\n", *answer);
  } else {
    fmt::print("override {} of {}: {} {} {}\n", text_of(json, "id"),
               printable(text_of(json, "service")), text_of(json, "decision"),
               json.contains("ended_at") ? "ended at" : "until",
               text_of(json, json.contains("ended_at") ? "ended_at" : "until"));
  }
  return kDone;
}

int override_(const GuardFlags& flags, const char* decision) {
  Json body{{"service", flags.service},
            {"decision", decision},
            {"reason", flags.reason},
            {"by", who(flags)},
            {"minutes", flags.minutes}};
  if (!flags.endpoint.empty()) body["endpoint"] = flags.endpoint;
  return post(flags, "/v1/guard/overrides", body);
}

int end(const GuardFlags& flags) {
  return post(flags, fmt::format("/v1/guard/overrides/{}/end", flags.id),
              {{"by", who(flags)}, {"reason", flags.reason}});
}

void add_server(CLI::App& verb, GuardFlags& flags) {
  verb.add_option("--url", flags.url, "the server (default: the one configured here)")
      ->type_name("URL");
  verb.add_flag("--json", flags.json, "the answer as JSON");
  flags.settings.add_flags(verb);
}

void add_record(CLI::App& verb, GuardFlags& flags) {
  verb.add_option("--reason", flags.reason, "why; it stays on record")
      ->required()
      ->type_name("TEXT");
  verb.add_option("--by", flags.by, "who; it stays on record (default: USER)")->type_name("NAME");
}

void add_override(CLI::App& guard, const std::shared_ptr<GuardFlags>& flags, const char* decision,
                  const char* help, Chosen& chosen) {
  CLI::App* verb = guard.add_subcommand(decision, help);
  verb->add_option("--service", flags->service, "of this service")->required()->type_name("S");
  verb->add_option("--endpoint", flags->endpoint, "of this endpoint alone")->type_name("E");
  verb->add_option("--minutes", flags->minutes, "how long (default: 60)")
      ->check(CLI::Range(1, kMinutesMax))
      ->type_name("N");
  add_record(*verb, *flags);
  add_server(*verb, *flags);
  verb->callback([flags, decision, &chosen] {
    chosen = [flags, decision] { return override_(*flags, decision); };
  });
}

}  // namespace

void add_guard(CLI::App& program, Chosen& chosen) {
  auto flags = std::make_shared<GuardFlags>();
  CLI::App* guard = program.add_subcommand("guard", "What gateways are told, and overrides of it");
  guard->require_subcommand(1);
  guard->footer(
      "Example: driftguard guard allow --service payments_api --minutes 30 --reason 'sale began'");
  CLI::App* shows = guard->add_subcommand("status", "Decisions of all services, or of one");
  shows->add_option("--service", flags->service, "exit code 1 where it is denied")->type_name("S");
  shows->add_option("--endpoint", flags->endpoint, "of this endpoint")->type_name("E");
  add_server(*shows, *flags);
  shows->callback([flags, &chosen] { chosen = [flags] { return status(*flags); }; });
  CLI::App* lists = guard->add_subcommand("list", "Overrides, those that are over too");
  lists->add_option("--service", flags->service, "of this service")->type_name("S");
  add_server(*lists, *flags);
  lists->callback([flags, &chosen] { chosen = [flags] { return list(*flags); }; });
  add_override(*guard, flags, "allow", "Let requests through for a while", chosen);
  add_override(*guard, flags, "deny", "Block requests for a while", chosen);
  CLI::App* ends = guard->add_subcommand("end", "End an override before its time");
  ends->add_option("id", flags->id, "its number")->required()->check(CLI::PositiveNumber);
  add_record(*ends, *flags);
  add_server(*ends, *flags);
  ends->callback([flags, &chosen] { chosen = [flags] { return end(*flags); }; });
}

}  // namespace driftguard::cli
