// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useSelection } from "@/lib/address";
import { link } from "@/lib/selection";
import { zoneName } from "@/lib/time";
import { FreshnessChip } from "./FreshnessChip";
import { ThemePicker } from "./ThemePicker";
import { Warnings } from "./Warnings";
import styles from "./Shell.module.css";

/** What is around every view. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <>
      <a className={styles["skip"]} href="#content">
        Skip to content
      </a>
      <header className={styles["bar"]}>
        <Brand />
        <Navigation />
        <div className={styles["tools"]}>
          <FreshnessChip />
          <ThemePicker />
        </div>
      </header>
      <main id="content" className={styles["content"]} tabIndex={-1}>
        <Warnings />
        {children}
      </main>
      <footer className={styles["foot"]}>
        Times are in {zoneName()}. <a href="/openapi.json">API</a> · <a href="/metrics">Metrics</a>
      </footer>
    </>
  );
}

function Brand() {
  return (
    <Link href="/" className={styles["brand"] ?? ""}>
      <img src="/icon.svg" width="24" height="24" alt="" />
      driftguard
    </Link>
  );
}

function Navigation() {
  const [path] = useLocation();
  const { service } = useSelection();
  const entries = [
    { href: "/", title: "Overview", current: path === "/" },
    { href: link("/alarms"), title: "Alarms", current: path === "/alarms" },
    { href: link("/baselines", { service }), title: "Baselines", current: path === "/baselines" },
  ];
  return (
    <nav className={styles["views"]} aria-label="Views">
      {entries.map(({ href, title, current }) => (
        <Link key={title} href={href} aria-current={current ? "page" : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
