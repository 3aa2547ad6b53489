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
const BATCH = 2000;
/** Longer than a server takes to evaluate what has come. */
const ALARM_WAIT_MS = 50_000;

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
    ([name]) => !/^(DRIFTGUARD_|BASELINE_PATH|DATABASE_URL|SLACK_WEBHOOK_URL)/.test(name),
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
    await this.post("/v1/ingest", events);
  }

  /** As many events as wanted, in batches. */
  async store(events: readonly Event[]): Promise<void> {
    for (let at = 0; at < events.length; at += BATCH)
      await this.ingest(events.slice(at, at + BATCH));
  }

  /** Until the alarms of a service have come to this state. */
  async alarmed(service: string, state: string): Promise<void> {
    const path = `/v1/alarms?service=${encodeURIComponent(service)}`;
    const deadline = Date.now() + ALARM_WAIT_MS;
    for (;;) {
      const found = await this.get<{ state: string; evaluated_until: string | null }>(path);
      if (found.evaluated_until && found.state === state) return;
      if (Date.now() > deadline) throw new Error(`${service} is ${found.state}, not ${state}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** What a path of the API answers. */
  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** What a path of the API takes. */
  async post(path: string, body: object): Promise<void> {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  /** From the last two hours, unless a time is given. */
  async buildBaseline(service: string, range: { from?: string; to?: string } = {}): Promise<void> {
    await this.post("/v1/baselines", { service, ...range });
  }
}

/** Events a second of an invented service. */
const RATE = 5;

interface Amounts {
  /** In minutes before now. */
  minutes: [from: number, to: number];
  mean: number;
  status?: number;
}

/** Payments around a mean; amounts spread evenly by a fifth, the same at each run. */
export function payments(service: string, { minutes, mean, status = 200 }: Amounts): Event[] {
  const [from, to] = minutes;
  const count = Math.round((from - to) * 60 * RATE);
  return Array.from({ length: count }, (_, place) => ({
    ts: minutesAgo(from - place / RATE / 60),
    service,
    endpoint: "POST /buy",
    request: {
      body: {
        amount: Math.round(mean * (0.8 + 0.4 * scattered(place))),
        currency: scattered(place + 0.5) < 0.7 ? "USD" : "EUR",
      },
    },
    response: { status, duration_ms: Math.round(200 + 200 * scattered(place + 0.25)) },
  }));
}

/** A number from 0 to 1 that looks like chance. */
function scattered(seed: number): number {
  const value = Math.sin(seed * 12.9898 + 78.233) * 43758.5453;
  return value - Math.floor(value);
}

/** An hour of normal traffic with its baseline, then eight minutes around `mean` until now. */
export async function normalThen(server: Server, service: string, mean: number): Promise<void> {
  const [begin, change] = [68, 8];
  const [from, to] = [minutesAgo(begin), minutesAgo(change)];
  await server.store(payments(service, { minutes: [begin, change], mean: 100 }));
  await server.buildBaseline(service, { from, to });
  await server.store(payments(service, { minutes: [change, 0], mean }));
}

export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}
