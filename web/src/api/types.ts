// SPDX-License-Identifier: Apache-2.0
// Short names for the server's schemas.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Alarm = Schemas["Alarm"];
export type AlarmEffect = Schemas["AlarmEffect"];
export type AlarmSummary = Schemas["AlarmSummary"];
export type Baseline = Schemas["Baseline"];
export type BaselineInfo = Schemas["BaselineInfo"];
export type BaselineRef = Schemas["BaselineRef"];
export type CategoryPair = Schemas["CategoryPair"];
export type Check = Schemas["Check"];
export type CheckDetail = Schemas["CheckDetail"];
export type CheckKind = Schemas["CheckKind"];
export type CheckOutline = Schemas["CheckOutline"];
export type Ecdf = Schemas["Ecdf"];
export type Exclusion = Schemas["Exclusion"];
export type Event = Schemas["Event"];
export type EvidenceCourse = Schemas["EvidenceCourse"];
export type Examples = Schemas["Examples"];
export type Gap = Schemas["Gap"];
export type Histogram = Schemas["Histogram"];
export type FiredAlarm = Schemas["FiredAlarm"];
export type Incident = Schemas["Incident"];
export type KsCheck = Schemas["KsCheck"];
export type KsDetail = Schemas["KsDetail"];
export type LatencyCheck = Schemas["LatencyCheck"];
export type LatencyDetail = Schemas["LatencyDetail"];
export type MeasureCheck = Schemas["MeasureCheck"];
export type MeasureDetail = Schemas["MeasureDetail"];
export type NamedAlarm = Schemas["NamedAlarm"];
export type NumericSides = Schemas["NumericSides"];
export type Overview = Schemas["Overview"];
export type OverviewEndpoint = Schemas["OverviewEndpoint"];
export type OverviewService = Schemas["OverviewService"];
export type PsiCheck = Schemas["PsiCheck"];
export type PsiDetail = Schemas["PsiDetail"];
export type QuantilePair = Schemas["QuantilePair"];
export type Report = Schemas["Report"];
export type ServiceAlarms = Schemas["ServiceAlarms"];
export type SuccessRateCheck = Schemas["SuccessRateCheck"];
export type SuccessRateDetail = Schemas["SuccessRateDetail"];
export type Timeline = Schemas["Timeline"];
export type TimelineCheck = Schemas["TimelineCheck"];
export type Trend = Schemas["Trend"];
