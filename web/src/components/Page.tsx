// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, type ReactNode } from "react";
import { Link } from "wouter";
import styles from "./Page.module.css";

export interface Crumb {
  href: string;
  title: ReactNode;
}

interface Props {
  title: ReactNode;
  /** The tab's title, where it says more than the heading. */
  tab?: string;
  crumbs?: readonly Crumb[];
  /** Beside the heading: the verdict. */
  badge?: ReactNode;
  /** Under the heading: what is looked at, in a line. */
  about?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}

let entered = false;

/** A view: where one is, its heading, its controls. A new view takes the focus to its heading. */
export function Page({ title, tab, crumbs = [], badge, about, tools, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (entered) heading.current?.focus({ preventScroll: true });
    if (entered) window.scrollTo(0, 0);
    entered = true;
  }, []);
  return (
    <div className={styles["page"]}>
      <title>{`${tab ?? (typeof title === "string" ? title : "driftguard")} · driftguard`}</title>
      <div className={styles["head"]}>
        {crumbs.length > 0 && (
          <nav aria-label="Breadcrumb">
            <ol className={styles["crumbs"]}>
              {crumbs.map(({ href, title: text }) => (
                <li key={href}>
                  <Link href={href}>{text}</Link>
                </li>
              ))}
            </ol>
          </nav>
        )}
        <div className={styles["title"]}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {badge}
        </div>
        {about && <p className={styles["about"]}>{about}</p>}
      </div>
      {tools && <div className={styles["tools"]}>{tools}</div>}
      {children}
    </div>
  );
}
