// SPDX-License-Identifier: Apache-2.0
import { chooseTheme, THEMES, useTheme, type Theme } from "@/lib/theme";
import styles from "./ThemePicker.module.css";

const NAME: Record<Theme, string> = {
  system: "System colours",
  light: "Light colours",
  dark: "Dark colours",
};

export function ThemePicker() {
  const theme = useTheme();
  return (
    <label className={styles["picker"]}>
      <span className="visually-hidden">Colours</span>
      <select value={theme} onChange={(event) => chooseTheme(event.target.value as Theme)}>
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {NAME[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
