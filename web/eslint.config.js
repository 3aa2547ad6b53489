// SPDX-License-Identifier: Apache-2.0
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Folders are layers: app -> features -> components -> lib, and api -> lib. A feature knows no
// other feature; what two of them need is a component or belongs to lib.
const closed = (folder, ...others) => ({
  files: [`src/${folder}/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: others.map((other) => `@/${other}/*`),
            message: `${folder} stands below or beside it.`,
          },
          { group: ["../*"], message: "Reach other folders by @/." },
        ],
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ["node_modules", "src/api/schema.d.ts"] },
  ...tseslint.configs.strict,
  { ...a11y.flatConfigs.strict, files: ["src/**/*.tsx"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "src/api/client.ts asks the server." },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Text of events is text.",
        },
        {
          selector: "Literal[value=/^#[0-9a-fA-F]{3,8}$/]",
          message: "Colours are tokens of src/app/tokens.css.",
        },
      ],
      "max-lines": ["error", 220],
      "max-lines-per-function": ["error", 90],
      complexity: ["error", 14],
    },
  },
  {
    rules: {
      // A sentence of the page stays in one piece, where a search finds it.
      "max-len": ["error", { code: 100, ignoreStrings: true, ignoreTemplateLiterals: true }],
    },
  },
  {
    // A table laid out as cards keeps its roles only where they are said.
    files: ["src/features/overview/**"],
    rules: {
      "jsx-a11y/no-redundant-roles": "off",
      "jsx-a11y/no-interactive-element-to-noninteractive-role": "off",
    },
  },
  { files: ["src/api/client.ts"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["src/**/*.test.{ts,tsx}"],
    rules: { "max-lines-per-function": "off", "no-restricted-globals": "off" },
  },
  closed("lib", "api", "components", "features", "app"),
  closed("api", "components", "features", "app"),
  closed("components", "api", "features", "app"),
  closed("features", "features", "app"),
);
