import type { ErrorTable } from "./error.ts";

export const configErrors = {
  config_invalid: {
    http: 422,
    grpc: "INVALID_ARGUMENT",
    en: {
      title: "The configuration has mistakes",
      detail: "{file} has {count} problem(s); the last good configuration runs on.",
      fix: "Correct each place named below; `sentinel check FILE` shows them again.",
    },
    fr: {
      title: "La configuration contient des erreurs",
      detail: "{file} contient {count} problème(s) ; la dernière bonne configuration continue.",
      fix: "Corrigez chaque endroit nommé ci-dessous ; `sentinel check FICHIER` les montre à nouveau.",
    },
  },
  config_unreadable: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The configuration file cannot be read",
      detail: "{file}: {reason}.",
      fix: "Check that the file exists and that Sentinel may read it.",
    },
    fr: {
      title: "Le fichier de configuration est illisible",
      detail: "{file} : {reason}.",
      fix: "Vérifiez que le fichier existe et que Sentinel a le droit de le lire.",
    },
  },
} as const satisfies ErrorTable;
