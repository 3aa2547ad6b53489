// SPDX-License-Identifier: Apache-2.0
// The built program with a store of its own, and what it can be fed with.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const BINARY = resolve(process.env["DRIFTGUARD_BINARY"] ?? "../build/release/driftguard");
const run = promisify(execFile);

export interface Event {
  ts: string;
  service: string;
  endpoint: string;
  host?: string;
  request?: { body: Record<string, unknown> };
  response?: { status?: number; duration_ms?: number; body?: Record<string, unknown> };
}

/** The environment without what the program would refuse or be led astray by. */
function environment(store: string, more: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(DRIFTGUARD_|BASELINE_PATH|DATABASE_URL)/.test(name),
  );
  return { ...Object.fromEntries(own), DATABASE_URL: `rocksdb:${store}`, ...more };
}

export class Server {
  private process: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "driftguard-web-"));
  url = "";

  constructor(private readonly settings: Record<string, string> = {}) {}

  /** Its configuration file, read at the next start. */
  configure(toml: string): void {
    writeFileSync(join(this.folder, "driftguard.toml"), toml);
  }

  /** Starts it; after a stop on the same port, where a page still asks for it. */
  async start(): Promise<void> {
    const listen = this.url ? new URL(this.url).host : "127.0.0.1:0";
    const child = spawn(BINARY, ["serve", "--listen", listen], {
      cwd: this.folder,
      env: environment(join(this.folder, "data"), this.settings),
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /http:\/\/[^ ]+/.exec(line);
      if (found) {
        this.url = found[0].replace(/\/$/, "");
        return;
      }
    }
    throw new Error("the server ended before it listened");
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** One of the program's verbs, towards this server. */
  async command(...words: string[]): Promise<void> {
    const [verb = "", ...rest] = words;
    await run(BINARY, [verb, ...rest, "--url", this.url], {
      cwd: this.folder,
      env: environment(join(this.folder, "data"), {}),
    });
  }

  async ingest(events: readonly Event[]): Promise<void> {
    const response = await fetch(`${this.url}/v1/ingest`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(events),
    });
    if (!response.ok) throw new Error(`ingest: ${response.status} ${await response.text()}`);
  }

  /** What a path of the API answers. */
  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** From the last two hours, unless a time is given. */
  async buildBaseline(service: string, range: { from?: string; to?: string } = {}): Promise<void> {
    const response = await fetch(`${this.url}/v1/baselines`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ service, ...range }),
    });
    if (!response.ok) throw new Error(`baseline: ${response.status} ${await response.text()}`);
  }
}

export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}
