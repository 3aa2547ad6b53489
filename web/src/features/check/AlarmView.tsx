// SPDX-License-Identifier: Apache-2.0
import { Redirect } from "wouter";
import { useAlarms } from "@/api/queries";
import { AlarmBadge } from "@/components/AlarmBadge";
import { AlarmName } from "@/components/AlarmName";
import { Loaded } from "@/components/Loaded";
import { Name } from "@/components/Name";
import { Notice } from "@/components/Notice";
import { Page } from "@/components/Page";
import { alarmTitle } from "@/lib/alarm";
import { link, type Selection } from "@/lib/selection";
import { isolated } from "@/lib/text";
import { AlarmPanel } from "./AlarmPanel";

/** An alarm that no check stands beside: values that are missing, say. Others go on to theirs. */
export function AlarmView({ selection, name }: { selection: Selection; name: string }) {
  const { service } = selection;
  const alarms = useAlarms(service);
  const crumbs = [
    { href: link("/"), title: "Overview" },
    { href: link("/service", { service }), title: <Name>{service}</Name> },
  ];
  return (
    <Loaded of={alarms} what="The alarm" height="60vh">
      {(data) => {
        const alarm = data.alarms.find((one) => one.name === name);
        if (!alarm) {
          return (
            <Page title={<Name>{name}</Name>} crumbs={crumbs}>
              <Notice title="There is no such alarm at present." />
            </Page>
          );
        }
        const { check } = alarm;
        if (check !== null) return <Redirect replace to={link("/check", selection, { check })} />;
        const { of, what = "" } = alarmTitle(name, alarm.subject);
        return (
          <Page
            title={<AlarmName {...alarm} />}
            tab={`${alarm.state === "firing" ? "▲ " : ""}${isolated(of)} ${what}`}
            crumbs={crumbs}
            badge={<AlarmBadge state={alarm.state} large />}
            about="An alarm about what no check looks at."
          >
            <AlarmPanel alarm={alarm} service={service} />
          </Page>
        );
      }}
    </Loaded>
  );
}
