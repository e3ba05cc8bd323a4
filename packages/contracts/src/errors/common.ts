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
      fix: "Réessayez ; si cela persiste, cherchez cet identifiant de trace dans le journal et signalez-le.",
    },
  },
  environment_invalid: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "An environment variable cannot be used",
      detail: '{name} is "{value}"; expected: {expected}.',
      fix: "Correct {name} or remove it, then start again.",
    },
    fr: {
      title: "Une variable d’environnement est inutilisable",
      detail: "{name} vaut « {value} » ; attendu : {expected}.",
      fix: "Corrigez {name} ou retirez-la, puis redémarrez.",
    },
  },
  service_unreachable: {
    http: 503,
    grpc: "UNAVAILABLE",
    en: {
      title: "Another part of Sentinel does not answer",
      detail: "The service at {address} could not be reached.",
      fix: "Check that it runs and that this address is right; the connection is retried by itself.",
    },
    fr: {
      title: "Une autre partie de Sentinel ne répond pas",
      detail: "Le service à l’adresse {address} est injoignable.",
      fix: "Vérifiez qu’il tourne et que cette adresse est la bonne ; la connexion est retentée d’elle-même.",
    },
  },
  service_timeout: {
    http: 504,
    grpc: "DEADLINE_EXCEEDED",
    en: {
      title: "Another part of Sentinel took too long",
      detail: "The service at {address} did not answer within {limitMs} ms.",
      fix: "Try again; if it stays, look at the load of that service.",
    },
    fr: {
      title: "Une autre partie de Sentinel a été trop lente",
      detail: "Le service à l’adresse {address} n’a pas répondu en {limitMs} ms.",
      fix: "Réessayez ; si cela persiste, regardez la charge de ce service.",
    },
  },
  request_cancelled: {
    http: 499,
    grpc: "CANCELLED",
    en: {
      title: "The request was given up",
      detail: "The caller went away before the answer was ready.",
      fix: "Nothing to do; ask again if the answer is still wanted.",
    },
    fr: {
      title: "La requête a été abandonnée",
      detail: "L’appelant est parti avant que la réponse soit prête.",
      fix: "Rien à faire ; redemandez si la réponse est encore utile.",
    },
  },
  port_unavailable: {
    http: 500,
    grpc: "FAILED_PRECONDITION",
    en: {
      title: "The port cannot be used",
      detail: "Listening on {address} failed: {reason}.",
      fix: "Stop what uses this port, or choose another one.",
    },
    fr: {
      title: "Le port est inutilisable",
      detail: "L’écoute sur {address} a échoué : {reason}.",
      fix: "Arrêtez ce qui occupe ce port, ou choisissez-en un autre.",
    },
  },
} as const satisfies ErrorTable;
