import type { ErrorTable } from "./error.ts";

export const egressErrors = {
  egress_failed: {
    http: 502,
    grpc: "UNAVAILABLE",
    en: {
      title: "The other side gave no whole answer",
      detail: "It failed in the phase “{phase}” with the reason {reason}.",
      fix: "Look the reason up in the documentation; check the address and what runs behind it.",
    },
    fr: {
      title: "L’autre côté n’a pas donné de réponse entière",
      detail: "L’échec est survenu dans la phase « {phase} », avec la raison {reason}.",
      fix: "Cherchez la raison dans la documentation ; vérifiez l’adresse et ce qui tourne derrière.",
    },
  },
} as const satisfies ErrorTable;
