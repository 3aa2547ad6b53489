// SPDX-License-Identifier: Apache-2.0
// The lines that get a new server going, as they can be pasted into a shell.

export function curlLines(server: string): string {
  return [
    `curl -s ${server}/v1/ingest \\`,
    `  -H 'Content-Type: application/json' -d '[{`,
    `  "ts": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'", "service": "payments_api",`,
    `  "endpoint": "POST /v2/payments", "host": "client-1",`,
    `  "request": {"body": {"amount": 123.45, "currency": "USD"}},`,
    `  "response": {"status": 200, "duration_ms": 850}}]'`,
  ].join("\n");
}

export function sendLine(server: string, kind: "baseline" | "drift-amount"): string {
  return `driftguard send ${kind} --url ${server}`;
}

export function buildLine(server: string): string {
  return `driftguard baseline build --service payments_api --url ${server}`;
}
