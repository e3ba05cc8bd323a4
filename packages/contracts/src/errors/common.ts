import type { ErrorTable } from "./error.ts";

export const commonErrors = {
  internal: {
    http: 500,
    grpc: "INTERNAL",
    en: {
      title: "Something broke inside Sentinel",
      detail: "The request could not be finished because of a fault on our side.",
      fix: "Try again; if it stays, look for this trace id in the log and report it.",
    },
    fr: {
      title: "Une panne interne à Sentinel",
      detail: "La demande n’a pas pu aboutir à cause d’une faute de notre côté.",
      fix: "Réessayez ; si cela persiste, cherchez cet identifiant de trace dans le journal et signalez-le.",
    },
  },
} as const satisfies ErrorTable;
