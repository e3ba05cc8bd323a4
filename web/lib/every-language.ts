import { en } from "../messages/en.ts";
import { fr } from "../messages/fr.ts";
import { registerMessages } from "./i18n.ts";

// For what is prerendered: a component that a browser runs must not import this file, or every page carries all words.
registerMessages("en", en);
registerMessages("fr", fr);

export { localeOf, translate } from "./i18n.ts";
