// SPDX-License-Identifier: Apache-2.0
import { alarmTitle, type AlarmSubject } from "@/lib/alarm";
import { Name } from "./Name";

/** "amount", "amount missing", "Success rate" */
export function AlarmName({ name, subject }: { name: string; subject: AlarmSubject }) {
  const { of, what } = alarmTitle(name, subject);
  return (
    <>
      <Name>{of}</Name>
      {what && ` ${what}`}
    </>
  );
}
